"""Calling REST services: one stack of policies for each, over a seam of plain records."""

from bff.upstream.body import read
from bff.upstream.headers import forwarded, legal
from bff.upstream.httpx_wire import HttpxWire
from bff.upstream.seam import Headers, Reply, Request, Sender
from bff.upstream.stack import Upstream, UpstreamSettings, build
from bff.upstream.transport import StackTransport, client
from bff.upstream.wire import Wire

__all__ = [
    "Headers",
    "HttpxWire",
    "Reply",
    "Request",
    "Sender",
    "StackTransport",
    "Upstream",
    "UpstreamSettings",
    "Wire",
    "build",
    "client",
    "forwarded",
    "legal",
    "read",
]
