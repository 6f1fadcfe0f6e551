"""One connection: what its bytes mean, however they are cut, and when it is good for another call."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff import errors
from bff.upstreams import Request, read, wire
from bff.upstreams.link import MOST_UNREAD, Link
from bff.upstreams.parser import MOST_HEAD
from bff.upstreams.seen import Seen

from .calls import an_upstream, eventually, fetch
from .service import JSON, head, running, whole

CHUNKED = head(transfer_encoding="chunked") + b'4\r\n{"id\r\n5\r\n": 7}\r\n0\r\nx-trailer: 1\r\n\r\n'
ANSWERS = {
    "whole": whole(JSON),
    "chunked, with a trailer": CHUNKED,
    "interim answers before it": head("103 Early Hints", link="</x>") + head("100 Continue") + whole(JSON),
    "until the end": head(connection="close") + JSON,
    "bare line feeds": b"HTTP/1.1 200 OK\ncontent-length: 9\n\n" + JSON,
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\ncontent-length: 9\r\n\r\n" + JSON,
}
LASTING = {"whole", "chunked, with a trailer", "interim answers before it", "bare line feeds"}
FAULTS = {
    "a ghost behind it that is none": whole(b"", "204 No Content") + b"extra",
    "a length and another": b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\ncontent-length: 3\r\n\r\n" + JSON,
    "a NUL in a header": head(x="a\0b", content_length=0),
    "a header that is too long": head(x="y" * 9_000, content_length=0),
    "too many headers": head(**{f"x-{number}": "y" for number in range(200)}, content_length=0),
    "too many trailers": CHUNKED.removesuffix(b"\r\n") + b"x: y\r\n" * 200 + b"\r\n",
    "a chunk without a size": head(transfer_encoding="chunked") + b"zz\r\n{}\r\n0\r\n\r\n",
    "an interim answer with chunks": head("199 Wait", transfer_encoding="chunked") + b"0\r\nx: y\r\n\r\n" + whole(JSON),
    "an interim answer with a length": head("199 Wait", content_length=2) + b"{}" + whole(JSON),
    "an upgrade": head("101 Switching Protocols", upgrade="h2c", connection="upgrade"),
    "a status nobody knows": whole(JSON, "999 What"),
}


class Transport(asyncio.Transport):
    """A connection to nobody, which remembers what was done with it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.reading = True
        self.closed = ""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None: ...

    def write(self, data: Any) -> None:
        self.written += data

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self.closed != ""

    def abort(self) -> None:
        self.closed = "at once"

    def close(self) -> None:
        self.closed = self.closed or "in order"


class Talk:
    """A link, its far end, and who has opened it."""

    def __init__(self, seen: Seen | None = None) -> None:
        self.transport = Transport()
        self.kept = 0
        self.seen = Seen() if seen is None else seen
        self.link = Link("cities", self.transport, self, asyncio.get_running_loop())

    def keep(self, _link: Link) -> None:
        self.kept += 1

    def gone(self, _link: Link, _error: Exception | None) -> None: ...

    def ask(self, method: str = "GET", body: Any = None, length: int = 0) -> asyncio.Future[Any]:
        return self.link.ask(Request(method, "/", 0.0, body=body), b"asked", length)

    def hears(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.link.data_received(piece)


async def _read(call: asyncio.Future[Any]) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    reply = await call
    return reply.status, reply.headers, await read(reply, max_decoded=10_000_000)


def cut(data: bytes, at: set[int]) -> list[bytes]:
    ends = [0, *sorted(place for place in at if 0 < place < len(data)), len(data)]
    return [data[a:b] for a, b in pairwise(ends)]


@given(st.sampled_from(sorted(ANSWERS)), st.sets(st.integers(0, 200)))
async def test_an_answer_means_the_same_however_it_is_cut(name: str, at: set[int]) -> None:
    talk = Talk()
    call = talk.ask()
    talk.hears(*cut(ANSWERS[name], at))
    if name == "until the end":
        talk.link.connection_lost(None)
    status, headers, body = await _read(call)
    assert (status, body) == (200, JSON)
    assert not {"link", "x-trailer"} & dict(headers).keys()
    assert talk.kept == (name in LASTING)


@given(st.sampled_from(sorted(FAULTS)), st.sets(st.integers(0, 200)))
async def test_a_fault_is_malformed_however_it_is_cut(name: str, at: set[int]) -> None:
    talk = Talk()
    call = talk.ask()
    talk.hears(*cut(FAULTS[name], at))
    if "ghost" in name and call.done() and not call.exception():  # it came after its answer had been handed out
        assert talk.transport.closed or not talk.kept
        return
    with pytest.raises(errors.UpstreamMalformed):
        await _read(call)
    assert (talk.transport.closed, talk.kept) == ("at once", 0)


PIECES = {
    **ANSWERS,
    **FAULTS,
    "shorter than it says": whole(JSON)[:-1],
    "longer than it says": whole(JSON) + b" ",
    "without a body": whole(b""),
    "a head alone": head(content_length=9),
    "the half of a head": head(content_length=9)[:-9],
    "the rest of one": head(content_length=9)[-9:] + JSON,
    "an interim answer and half a head": head("103 Early Hints") + whole(JSON)[:20],
    "the rest of that": whole(JSON)[20:],
    "an interim answer": head("103 Early Hints"),
    "no content": head("204 No Content"),
    "two ends of a head": whole(b"{}\r\n\r\n"),
}


async def _outcome(seen: Seen, method: str, data: list[bytes]) -> Any:
    talk = Talk(seen)
    call = talk.ask(method)
    talk.hears(*data)
    talk.link.connection_lost(None)
    try:
        found: Any = await _read(call)
    except errors.UpstreamError as error:
        found = type(error)
    return found, talk.kept, talk.transport.closed


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["GET", "GET", "HEAD"]),
            st.lists(st.sampled_from(sorted(PIECES)), min_size=1, max_size=2),
            st.booleans(),
        ),
        min_size=2,
        max_size=12,
    )
)
async def test_an_answer_means_the_same_whatever_was_seen_before(calls: list[tuple[str, list[str], bool]]) -> None:
    seen = Seen()
    for method, names, joined in calls:
        pieces = [PIECES[name] for name in names]
        data = [b"".join(pieces)] if joined else pieces
        assert await _outcome(seen, method, data) == await _outcome(Seen(), method, data)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("HEAD", "a head alone"), ("GET", "a head alone")),
        (("GET", "an interim answer and half a head", "the rest of that"), ("GET", "the rest of that")),
        (("GET", "an interim answer", "whole"), ("GET", "whole")),
        (("GET", "whole"), ("HEAD", "whole")),
    ],
)
async def test_what_was_seen_is_only_what_began_an_answer_with_its_body(
    first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    seen = Seen()
    for method, *names in (first, second):
        data = [PIECES[name] for name in names]
        assert await _outcome(seen, method, data) == await _outcome(Seen(), method, data)


async def test_nothing_of_one_answer_is_in_the_next() -> None:
    talk = Talk()
    for answer in (CHUNKED, whole(JSON), CHUNKED):
        call = talk.ask()
        talk.hears(answer)
        assert "x-trailer" not in dict((await _read(call))[1])
    assert talk.kept == 3


@pytest.mark.parametrize("announced", [{"content_length": 9}, {"transfer_encoding": "chunked"}])
async def test_an_answer_to_head_ends_with_its_head(announced: dict[str, Any]) -> None:
    talk = Talk()
    for _ in range(2):
        call = talk.ask("HEAD")
        talk.hears(head(**announced))
        assert (await _read(call))[2] == b""
    call = talk.ask()
    talk.hears(whole(JSON))
    assert (await _read(call))[2] == JSON
    assert talk.kept == 3


@pytest.mark.parametrize("surplus", [whole(b"a ghost"), b"HTTP/1.1 2", b"HTTP"])
async def test_a_connection_with_a_second_answer_on_it_is_not_used_again(surplus: bytes) -> None:
    talk = Talk()
    call = talk.ask()
    talk.hears(whole(JSON) + surplus)
    assert (await _read(call))[2] == JSON
    assert (talk.kept, talk.transport.closed) == (0, "in order")


async def test_what_comes_unasked_ends_the_connection() -> None:
    talk = Talk()
    talk.hears(whole(b"a ghost"))
    assert (talk.link.ready, talk.transport.closed) == (False, "at once")


async def test_a_body_that_nobody_reads_is_not_read_from_the_socket() -> None:
    talk = Talk()
    call = talk.ask()
    talk.hears(head(content_length=3 * MOST_UNREAD), bytes(MOST_UNREAD))
    assert not talk.transport.reading
    reply = await call
    assert len(await anext(reply)) == MOST_UNREAD
    assert talk.transport.reading
    reply.close()
    assert talk.transport.closed == "at once"


async def test_a_head_without_end_is_malformed() -> None:
    talk = Talk()
    call = talk.ask()
    talk.hears(b"HTTP/1.1 200 ", *([b"O" * 100_000] * (MOST_HEAD // 100_000 + 1)))
    with pytest.raises(errors.UpstreamMalformed):
        await call


async def test_who_gave_up_an_answer_that_is_whole_does_not_end_the_next_call() -> None:
    talk = Talk()
    first = talk.ask()
    talk.hears(whole(JSON))
    second = talk.ask()
    talk.link.abandon(first)
    talk.hears(whole(JSON))
    assert (await _read(second))[2] == JSON


async def test_who_reads_a_body_that_somebody_else_gives_up_is_told() -> None:
    talk = Talk()
    call = talk.ask()
    talk.hears(head(content_length=9))
    reply = await call
    reading = asyncio.ensure_future(anext(reply))
    await asyncio.sleep(0)
    talk.link.abandon(call)
    with pytest.raises(errors.UpstreamUnreachable):
        await reading


async def _parts(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_a_streamed_body_waits_while_nobody_takes_it() -> None:
    talk = Talk()
    call = talk.ask("POST", _parts(b"one", b"", b"two"), -1)
    talk.link.pause_writing()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert talk.transport.written == b"asked3\r\none\r\n"
    talk.link.resume_writing()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert talk.transport.written == b"asked3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
    talk.hears(whole(JSON))
    assert (await _read(call))[2] == JSON
    assert talk.kept == 1


async def test_what_is_kept_ends_when_nobody_has_used_it_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a real socket; the rest is in `test_wire`."""
    monkeypatch.setattr(wire, "KEEP_ALIVE", 0.01)
    async with running() as service:
        upstream = an_upstream(service.url)
        await fetch(upstream, "/json")
        await eventually(lambda: service.connections == 0)
        await fetch(upstream, "/json")
        assert service.accepted == 2
        await upstream.sender.aclose()


@pytest.mark.parametrize("framing", ["content-length : 9", "transfer-encoding : chunked"])
async def test_a_body_that_breaks_off_is_malformed_where_a_space_follows_the_name_of_what_frames_it(
    framing: str,
) -> None:
    talk = Talk()
    call = talk.ask()
    talk.hears(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n9\r\nhalf".encode())
    talk.link.connection_lost(None)
    reply = await call
    assert reply.headers == (tuple(framing.split(" : ")),)
    with pytest.raises(errors.UpstreamMalformed):
        await read(reply, max_decoded=100)


@pytest.mark.parametrize("before", [head("103 Early Hints", link="x" * 8_000) * 70, b""])
async def test_what_comes_before_a_body_does_not_hold_it_up(before: bytes) -> None:
    talk = Talk()
    call = talk.ask()
    long = {f"x-{number}": "y" * 8_000 for number in range(70)}
    talk.hears(before, head(transfer_encoding="chunked", **long), b"9")
    reading = asyncio.ensure_future(_read(call))
    talk.hears(b"\r\n" + JSON + b"\r\n")
    assert talk.transport.reading
    talk.hears(b"0\r\n\r\n")
    assert (await reading)[2] == JSON


@pytest.mark.parametrize("begun", [b"9;extension=", b"0\r\ntrailer: "])
async def test_what_frames_a_body_without_end_is_malformed(begun: bytes) -> None:
    talk = Talk()
    call = talk.ask()
    talk.hears(head(transfer_encoding="chunked"), begun, *([b"y" * 65_536] * (MOST_UNREAD // 65_536)))
    with pytest.raises(errors.UpstreamMalformed):
        await _read(call)
    assert talk.transport.closed == "at once"


@pytest.mark.parametrize("reset", [False, True])
async def test_no_call_is_made_on_a_connection_whose_end_is_about_to_be_told(*, reset: bool) -> None:
    """Over a real socket: the call is made by what runs in the same turn of the loop as the end was read in."""
    ends: list[asyncio.StreamWriter] = []
    ended: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(whole(JSON))
        ended.append(writer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1") as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        cities = wire.Wire("cities", url, connect_timeout=10.0)
        upstream = an_upstream(url, wire=cities)
        await fetch(upstream, "/json")
        (link,) = cities._idle
        if reset:
            ends[0].get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        ends[0].close()
        async with asyncio.timeout(30):
            while link.usable:  # noqa: ASYNC110 - the turn matters
                await asyncio.sleep(0)
        assert (await fetch(upstream, "/json"))[1] == JSON
        await upstream.sender.aclose()
        await eventually(lambda: len(ended) == len(ends))
