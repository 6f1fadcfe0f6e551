"""Which route answers a request: by host, path and method, in a published order in which declaration has no part.

1. Routes of exactly this host come before those of any host.
2. Paths are compared segment by segment from the left: a literal before `{name}`, `{name}` before `{rest...}`.
3. The first path that matches decides; then its methods do. So a narrow route is never bypassed through a wider one.

Pure. Knows no header and makes no call.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bff.errors import MethodNotAllowed, Problem, RouteNotFound, UnsafePath
from bff.proxy.paths import read

# RFC 9110 9.3 and RFC 5789, without CONNECT and TRACE: neither has a meaning towards a service (and TRACE repeats
# credentials). Other methods are passed on by routes that name them.
KNOWN = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NEVER = frozenset({"CONNECT", "TRACE"})

_SEGMENT = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*(?P<rest>\.\.\.)?\}|(?P<literal>[^{}]*)")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Z-]+")
LITERAL, NAME, REST = 0, 1, 2

Shape = tuple[tuple[int, str], ...]  # one pair a segment: which kind, and the text of a literal. Orders by precedence


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocket:
    """How WebSockets pass: counts, bytes and seconds."""

    max_open: int = 1_000  # in this process
    per_client: int = 50  # of those, what one client opened
    max_size: int = 1_048_576  # of one message
    idle: float = 300.0  # without a message
    origins: frozenset[str] = frozenset()  # of other hosts, whose pages may connect


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What passes through: which requests, to which upstream, and under which limits."""

    path: str  # "/files/{path...}": literal segments (decoded), {name} for one, {name...} for all that follow
    upstream: str
    host: str | None = None  # lower case, without port; None is any
    methods: frozenset[str] = frozenset()  # empty: KNOWN. GET brings HEAD
    strip_prefix: str = ""  # literal segments the path begins with: "/files"
    replace_prefix: str = ""  # what the upstream sees in their place: "/v2"
    scopes: tuple[str, ...] = ()
    price: int = 1  # points
    max_body: int = 10_000_000  # bytes of a request
    timeout: float = 30.0  # seconds of silence until the answer's headers
    idle: float = 60.0  # seconds of silence within a body, either way
    translate: bool = True  # what answers say of the service's own place
    websocket: WebSocket | None = None  # None: no WebSocket passes

    @property
    def dropped(self) -> int:
        """How many segments are stripped."""
        return self.strip_prefix.count("/")


class Routes:
    """All routes, in the order in which they are tried."""

    def __init__(self, routes: Sequence[Route]) -> None:
        """Of routes that `mistakes` has no complaint about."""
        table: defaultdict[tuple[str | None, Shape], list[Route]] = defaultdict(list)
        for route in routes:
            table[route.host, shape(route.path)].append(route)
        self._tried = [
            (host, form, _by_method(table[host, form]))
            for host, form in sorted(table, key=lambda key: (key[0] is None, key[1], key[0] or ""))
        ]

    def match(self, host: str | None, segments: tuple[str, ...], method: str) -> Route:
        """`segments` are decoded. Raises `RouteNotFound`, or `MethodNotAllowed` with what the path does allow."""
        methods = self._methods(host, segments)
        if method not in methods:
            raise MethodNotAllowed("This path does not have that method.", allow=_listed(methods))
        return methods[method]

    def allowed(self, host: str | None, segments: tuple[str, ...]) -> str:
        """The methods of a path, as `Allow` lists them. Raises `RouteNotFound`."""
        return _listed(self._methods(host, segments))

    def _methods(self, host: str | None, segments: tuple[str, ...]) -> dict[str, Route]:
        for of, form, methods in self._tried:
            if of in {None, host} and _fits(form, segments):
                return methods
        raise RouteNotFound("No route has this path.")


def host_of(header: str | None) -> str | None:
    """The host in a Host header as routes name it: lower case, without port and final dot."""
    if header is None:
        return None
    return re.sub(r":\d*$", "", header).lower().removesuffix(".")


def shape(path: str) -> Shape:
    """The form of a path template. Raises ValueError with what is wrong."""
    if not path.startswith("/"):
        raise ValueError("a path begins with /")
    form = tuple(_part(segment) for segment in path[1:].split("/"))
    if REST in (kind for kind, _ in form[:-1]):
        raise ValueError("{name...} stands for all that follows, so nothing can follow it")
    if (LITERAL, "") in form[:-1] or {(LITERAL, "."), (LITERAL, "..")} & set(form):
        raise ValueError("no request can have an empty segment or a dot segment")
    return form


def _part(segment: str) -> tuple[int, str]:
    found = _SEGMENT.fullmatch(segment)
    if found is None:
        raise ValueError(f"{segment!r} is neither a literal nor {{name}} nor {{name...}}")
    if found["literal"] is not None:
        if _ENCODED.search(segment):
            raise ValueError(f"{segment!r} is percent-encoded; literals are written as they read")
        return LITERAL, segment
    return (REST if found["rest"] else NAME), ""


def _fits(form: Shape, segments: tuple[str, ...]) -> bool:
    open_ended = form[-1][0] == REST
    if len(segments) < len(form) or (len(segments) > len(form) and not open_ended):
        return False
    return all(
        kind == REST or (text == segment if kind == LITERAL else segment != "")
        for (kind, text), segment in zip(form, segments, strict=False)
    )


def _listed(methods: Collection[str]) -> str:
    return ", ".join(sorted(methods))


def _by_method(routes: list[Route]) -> dict[str, Route]:
    """Methods that a route names come before those it has because it names none."""
    open_to_all = {method: route for route in routes if not route.methods for method in KNOWN}
    named = {method: route for route in routes for method in route.methods}
    heads = {"HEAD": named["GET"]} if "GET" in named else {}
    return open_to_all | heads | named


def mistakes(routes: Sequence[Route], upstreams: Collection[str]) -> list[Problem]:
    """Everything that is wrong with a list of routes; places read "routes.0.path"."""
    found = [
        Problem(f"routes.{at}.{key}", message)
        for at, route in enumerate(routes)
        for key, message in _wrong(route, upstreams)
    ]
    return found or list(_doubles(routes))


def _wrong(route: Route, upstreams: Collection[str]) -> Iterator[tuple[str, str]]:
    try:
        form = shape(route.path)
    except ValueError as error:
        yield "path", str(error)
        form = ()
    if route.upstream not in upstreams:
        yield "upstream", f"no upstream is called {route.upstream!r}"
    if route.host != host_of(route.host):
        yield "host", "a host is written in lower case, without port and final dot"
    for method in sorted(route.methods):
        if method in NEVER or not _METHOD.fullmatch(method):
            yield "methods", f"{method!r} cannot be passed on"
    for key, prefix in (("strip_prefix", route.strip_prefix), ("replace_prefix", route.replace_prefix)):
        if prefix and (not prefix.startswith("/") or prefix.endswith("/")):
            yield key, "a prefix begins with / and does not end with it"
            return
    if route.replace_prefix and not _safe(route.replace_prefix):
        yield "replace_prefix", "not a safe, percent-encoded path"
    stripped = tuple((LITERAL, segment) for segment in route.strip_prefix.rstrip("/").split("/")[1:])
    if form and form[: len(stripped)] != stripped:
        yield "strip_prefix", "not what the path begins with"


def _safe(prefix: str) -> bool:
    try:
        return not read(prefix.encode()).query
    except UnsafePath:
        return False


def _doubles(routes: Sequence[Route]) -> Iterator[Problem]:
    seen: dict[tuple[str | None, Shape, str], int] = {}
    for at, route in enumerate(routes):
        for method in sorted(route.methods or {""}):
            before = seen.setdefault((route.host, shape(route.path), method), at)
            if before != at:
                yield Problem(
                    f"routes.{at}", f"takes the same requests as routes.{before}", "give one of them other methods"
                )
                break
