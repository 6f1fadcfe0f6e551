"""Which headers cross the gateway: everything end to end, except credentials, identities and what is ours to say.

Pure. First goes what belongs to one hop, then what a client may not claim; only then is our own added, so that nothing
a client writes can remove or forge it. Names are lower case.
"""

from __future__ import annotations

import re

from bff.errors import BadRequest, ProxyLoop, UpstreamMalformed
from bff.upstreams import Headers, Reply
from bff.upstreams.headers import NEVER_FORWARDED, as_text, legal, named_by_connection

HOP_BY_HOP = NEVER_FORWARDED - {"accept-encoding"}  # the body is not unpacked here, so that is the client's to say

# They pass only to an upstream whose `forward` names them.
CREDENTIALS = frozenset({"authorization", "cookie", "x-api-key"})

# What says who the client is, where it comes from, or what it "really" asked for. Ours to say, or nobody's.
OURS = frozenset(
    {
        "cf-connecting-ip",
        "forwarded",
        "max-forwards",
        "remote-user",
        "traceparent",
        "tracestate",
        "true-client-ip",
        "via",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
        "x-original-host",
        "x-original-method",
        "x-original-uri",
        "x-original-url",
        "x-real-ip",
        "x-remote-user",
        "x-request-id",
        "x-rewrite-url",
    }
)
IDENTITIES = ("x-authenticated-", "x-client-", "x-consumer-", "x-credential-", "x-forwarded-", "x-user-")

# Never a hop's business: who names one of these in Connection wants it to disappear between two readers.
_PROTECTED = CREDENTIALS | OURS | {"content-length", "content-type", "host"}

# Of answers: framing is ours; the server in front sets Date; Alt-Svc would send clients past the gateway.
_NOT_RETURNED = HOP_BY_HOP | {"alt-svc", "date", "server", "via", "x-request-id"}
_MEANING = frozenset({"cache-control", "content-encoding", "content-length", "content-type", "set-cookie"})
_NAMES = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:,[!#$%&'*+.^_`|~0-9A-Za-z-]+)*")

MOST_RETURNED = 64 * 1024  # bytes of an answer's headers
LONGEST_LENGTH = 18  # digits: more of them are zeros in front, thousands of which Python makes no number of
PASSES = 5  # through this gateway that one request may make


def onward(incoming: Headers, *, forward: frozenset[str], fixed: Headers) -> Headers:
    """What an upstream gets of a client's headers, in their order, and `fixed` in place of any of the same name.

    `forward` is the upstream's list. Raises `BadRequest` for a Connection header that names what is not a hop's.
    """
    nominated = named_by_connection(incoming)
    if any(_protected(name) for name in nominated):
        raise BadRequest("The Connection header names a header that is not its own.")
    dropped = HOP_BY_HOP | nominated | {name for name, _ in fixed}
    kept = [(name, as_text(name, value)) for name, value in incoming if name not in dropped and _passes(name, forward)]
    if not any(name == "accept-encoding" for name, _ in kept):
        kept.append(("accept-encoding", "identity"))  # or the wire would ask for what this client cannot read
    return (*kept, *fixed)


def max_forwards(incoming: Headers) -> int | None:
    """How many more hops an OPTIONS request may make (RFC 9110 7.6.2); None when it does not say."""
    said = next((value.strip() for name, value in incoming if name == "max-forwards"), "")
    return int(said) if said.isdecimal() and len(said) < 10 else None


def via(incoming: Headers, version: str, name: str) -> tuple[str, str]:
    """The Via header with our hop added (RFC 9110 7.6.3); `version` is what was received. Raises `ProxyLoop`."""
    hops = [hop.strip() for key, value in incoming if key == "via" for hop in value.split(",") if hop.strip()]
    if sum(hop.split()[1:2] == [name] for hop in hops) >= PASSES:
        raise ProxyLoop("The request has passed through this gateway too often.")
    return "via", ", ".join([*hops, f"{version} {name}"])


def returned(reply: Reply, name: str) -> Headers:
    """What a client gets of an upstream's headers. Raises `UpstreamMalformed` for headers that cannot be passed on."""
    headers = reply.headers
    names = [key for key, _ in headers]
    _check(reply, names, [value for _, value in headers])
    nominated = named_by_connection(headers) if "connection" in names else frozenset()
    codings = [value.strip().lower() for key, value in headers if key == "transfer-encoding"]
    if nominated & _MEANING or codings not in ([], ["chunked"]):
        raise UpstreamMalformed(reply.upstream, detail="a Connection or Transfer-Encoding that cannot be passed on")
    dropped = _NOT_RETURNED | nominated if nominated else _NOT_RETURNED
    kept = [pair for pair in headers if pair[0] not in dropped]
    return (*kept, *_length(reply, chunked=bool(codings)), via(headers, "1.1", name))


def _check(reply: Reply, names: list[str], values: list[str]) -> None:
    """All at once: names joined by what no name has, values by what any value may have."""
    keys, texts = ",".join(names), "\t".join(values)
    if (names and (_NAMES.fullmatch(keys) is None or keys.count(",") != len(names) - 1)) or not legal(texts):
        raise UpstreamMalformed(reply.upstream, detail="an illegal header")
    if len(keys) + len(texts) > MOST_RETURNED:
        raise UpstreamMalformed(reply.upstream, detail="too many headers")


def _length(reply: Reply, *, chunked: bool) -> Headers:
    """The length of the body, where one was announced and is not overruled (RFC 9112 6.3; RFC 9110 8.6)."""
    length = reply.header("content-length")
    if length is None or len(length) > LONGEST_LENGTH or chunked or reply.status in {204, 304}:
        return ()
    return (("content-length", length),)


def _protected(name: str) -> bool:
    spelled = name.replace("_", "-")
    return spelled in _PROTECTED or spelled.startswith(IDENTITIES)


def _passes(name: str, forward: frozenset[str]) -> bool:
    """Names with an underscore never pass: CGI, WSGI and others read them as the name with a hyphen (as nginx does)."""
    if name in CREDENTIALS:
        return name in forward
    return "_" not in name and name not in OURS and not name.startswith(IDENTITIES)
