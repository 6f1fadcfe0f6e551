"""Calling REST services: one stack of policies for each, over a seam of plain records."""

from bff.upstreams.body import at_once, read
from bff.upstreams.decoded import read_decoded
from bff.upstreams.headers import claimed, forwarded, legal
from bff.upstreams.messages import Goodbye, Text
from bff.upstreams.onward import NO_STORE, response_policy, response_vary
from bff.upstreams.query import Query
from bff.upstreams.seam import Headers, Reply, Request, Sender
from bff.upstreams.sockets import Sockets, Tunnels
from bff.upstreams.stack import CacheSettings, EventSettings, Upstream, UpstreamSettings, build
from bff.upstreams.wire import Wire

__all__ = [
    "NO_STORE",
    "CacheSettings",
    "EventSettings",
    "Goodbye",
    "Headers",
    "Query",
    "Reply",
    "Request",
    "Sender",
    "Sockets",
    "Text",
    "Tunnels",
    "Upstream",
    "UpstreamSettings",
    "Wire",
    "at_once",
    "build",
    "claimed",
    "forwarded",
    "legal",
    "read",
    "read_decoded",
    "response_policy",
    "response_vary",
]
