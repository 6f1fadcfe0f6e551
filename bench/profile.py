"""Where a request's time goes: samples of our gateway under load, by layer and by function. Knows our files by name.

A sample is of the layer of its innermost frame that any layer knows, C's among them: a write to a socket counts for
whoever writes, decoding JSON for JSON.
"""

from __future__ import annotations

import re
from collections import Counter

from bench import stacks
from bench.stacks import Stack

LAYERS = (
    ("garbage collection", r"gc_collect_main"),
    (
        "sockets: the kernel",
        r"^(__libc_|__)?(writev?|readv?|recv\w*|send\w*|epoll_\w+|accept4?|close|connect|socket) \(libc",
    ),
    ("JSON", r"msgspec|orjson|json[/\\]|bff/codec"),
    ("who calls: key, token, scopes", r"bff/auth/|bff/admission"),
    ("price, limits, quota", r"bff/limits/"),
    ("metrics, log, trace", r"bff/telemetry/|prometheus_client|structlog"),
    ("upstream calls: wire", r"bff/upstreams/\w*wire|aiohttp|yarl|multidict|propcache|pyreqwest"),
    ("upstream calls: policies", r"bff/upstreams/|bff/connectors/"),
    ("the plan: waves and shapes", r"bff/(plan|execute)/|bff/operation|aiodataloader|\(<"),
    ("documents: parse, validate, keep", r"bff/document|graphql/(language|validation|utilities)"),
    ("graphql-core's executor", r"graphql/|strawberry/"),
    (
        "HTTP server",
        r"bff/proxy/(accepted|http1|cycle|scope|wishes|framing)|bff/cli/server|uvicorn|httptools|starlette|fastapi",
    ),
    ("endpoint", r"bff/"),
    ("event loop", r"uvloop|asyncio|selectors|libuv"),
)
KNOWN = tuple((name, re.compile(pattern)) for name, pattern in LAYERS)
OTHERS = "the interpreter and the rest"


def layer(stack: Stack) -> str:
    if stacks.own(stack) == stacks.COLLECTING:
        return LAYERS[0][0]
    for frame in reversed(stack):
        for name, pattern in KNOWN:
            if pattern.search(frame):
                return name
    return OTHERS


def by_layer(samples: str) -> list[tuple[str, float, list[tuple[str, float]]]]:
    """Layers with their share of all samples, the largest first, each with the functions that have most of it."""
    layers: Counter[str] = Counter()
    functions: dict[str, Counter[str]] = {}
    for stack, count in stacks.parse(samples):
        name = layer(stack)
        layers[name] += count
        functions.setdefault(name, Counter())[stacks.own(stack)] += count
    every = layers.total() or 1
    return [
        (name, count / every, [(each, own / every) for each, own in functions[name].most_common(3)])
        for name, count in layers.most_common()
    ]
