"""Answers are used again as their service allows: over a real socket, by what the service was asked."""

from __future__ import annotations

import asyncio
import gzip
import math

import pytest

from bff import codec, errors
from bff.upstreams import CacheSettings, Headers, Request, read_decoded
from tests.upstream.calls import eventually
from tests.upstream.service import Received, head, whole

from .origin import Client, Origin, broken, client_of, says

ANA: Headers = (("authorization", "Bearer ana"),)
BOB: Headers = (("authorization", "Bearer bob"),)


async def test_a_fresh_answer_is_used_again_with_its_age(client: Client, origin: Origin) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=60", x_more="kept")
    assert await client.get() == b"[1]"
    client.clock.ahead += 30
    reply = await client.ask()
    assert (reply.status, reply.body, reply.header("age"), reply.header("x-more")) == (200, b"[1]", "30", "kept")
    reply.close()
    client.clock.ahead += 31
    assert await client.get() == b"[1]"
    assert client.hows == ["miss", "hit", "miss"]
    assert len(origin.received) == 2


async def test_another_target_is_another_answer(client: Client, origin: Origin) -> None:
    origin.answer = lambda request: whole(request.target.encode(), cache_control="max-age=60")
    for target in ("/a", "/a?b=1", "/a?b=2", "/a?"):
        assert [await client.get(target), await client.get(target)] == [target.encode()] * 2
    assert len(origin.received) == 4


async def test_nothing_is_kept_without_a_cache(origin: Origin) -> None:
    origin.answer = says(cache_control="max-age=60")
    client = client_of(origin, cache=None)
    await client.get()
    await client.get()
    assert (client.hows, len(origin.received), client.upstream.store) == (["", ""], 2, None)
    await client.upstream.sender.aclose()


# Validation ------------------------------------------------------------------------------------------------------


def validating(request: Received) -> bytes:
    if request.values("if-none-match") == ['"one"']:
        return head("304 Not Modified", etag='"one"', cache_control="max-age=5", x_seen="again")
    return whole(b"[1]", etag='"one"', cache_control="max-age=10", x_seen="first")


async def test_a_stale_answer_is_validated_and_lives_on_under_the_new_headers(client: Client, origin: Origin) -> None:
    origin.answer = validating
    await client.get()
    client.clock.ahead += 11
    reply = await client.ask()
    assert (reply.status, reply.body, reply.header("x-seen")) == (200, b"[1]", "again")
    reply.close()
    client.clock.ahead += 4
    await client.get()
    client.clock.ahead += 2
    await client.get()
    assert client.hows == ["miss", "revalidated", "hit", "revalidated"]


async def test_no_cache_validates_every_time(client: Client, origin: Origin) -> None:
    origin.answer = lambda request: (
        head("304 Not Modified")
        if request.values("if-modified-since")
        else whole(b"[1]", cache_control="no-cache, max-age=60", last_modified="Sun, 06 Nov 1994 08:49:37 GMT")
    )
    assert [await client.get() for _ in range(3)] == [b"[1]"] * 3
    assert client.hows == ["miss", "revalidated", "revalidated"]
    assert client.last.fresh is not None
    assert client.last.fresh.until <= client.clock()


async def test_an_answer_that_has_changed_takes_the_place_of_the_old(client: Client, origin: Origin) -> None:
    origin.answer = says(b"[1]", etag='"one"', cache_control="max-age=10")
    await client.get()
    client.clock.ahead += 11
    origin.answer = says(b"[2]", etag='"two"', cache_control="max-age=10")
    assert [await client.get(), await client.get()] == [b"[2]", b"[2]"]
    assert client.hows == ["miss", "miss", "hit"]


async def test_a_304_about_something_else_is_not_believed(client: Client, origin: Origin) -> None:
    origin.answer = says(b"[1]", etag='"one"', cache_control="max-age=0")
    await client.get()
    origin.answer = lambda request: (
        head("304 Not Modified", etag='"two"') if request.values("if-none-match") else whole(b"[2]", etag='"two"')
    )
    assert await client.get() == b"[2]"


async def test_a_304_that_forbids_keeping_ends_it(client: Client, origin: Origin) -> None:
    origin.answer = says(b"[1]", etag='"one"', cache_control="max-age=0")
    await client.get()
    origin.answer = lambda _: head("304 Not Modified", cache_control="no-store")
    assert await client.get() == b"[1]"
    assert client.upstream.store is not None
    assert len(client.upstream.store) == 0


async def test_what_may_no_longer_be_kept_is_forgotten(client: Client, origin: Origin) -> None:
    origin.answer = says(b"[1]", etag='"one"', cache_control="max-age=0")
    await client.get()
    origin.answer = says(b"[2]", cache_control="no-store")
    await client.get()
    origin.answer = says(b"[3]")
    await client.get()
    assert "if-none-match" not in dict(origin.received[-1].headers)


async def test_a_304_that_comes_after_a_newer_answer_does_not_bring_the_old_one_back(origin: Origin) -> None:
    client = client_of(origin, coalesce=False)
    origin.answer = says(b"[1]", etag='"one"', cache_control="max-age=0")
    await client.get()
    origin.gate.clear()
    origin.answer = lambda _: head("304 Not Modified", etag='"one"', cache_control="max-age=60")
    late = asyncio.ensure_future(client.get())
    await eventually(lambda: origin.answering == 1)
    gate, origin.gate = origin.gate, asyncio.Event()
    origin.gate.set()
    origin.answer = says(b"[2]", etag='"two"', cache_control="max-age=60")
    assert await client.get() == b"[2]"
    gate.set()
    assert await late == b"[1]"
    assert await client.get() == b"[2]"
    await client.upstream.sender.aclose()


# Stale answers ---------------------------------------------------------------------------------------------------


async def test_while_it_is_revalidated_a_stale_answer_is_used_and_asked_for_once(
    client: Client, origin: Origin
) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=10, stale-while-revalidate=60")
    await client.get()
    client.clock.ahead += 11
    origin.gate.clear()
    origin.answer = says(b"[2]", cache_control="max-age=10")
    assert [await client.get() for _ in range(5)] == [b"[1]"] * 5
    await eventually(lambda: origin.answering == 1)
    origin.gate.set()
    await eventually(lambda: "refresh" in client.hows)
    assert await client.get() == b"[2]"
    assert len(origin.received) == 2
    assert client.hows == ["miss", *["stale"] * 5, "refresh", "hit"]


async def test_a_refresh_that_fails_is_told_and_leaves_what_is_there(client: Client, origin: Origin) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=10, stale-while-revalidate=60")
    await client.get()
    client.clock.ahead += 11
    origin.down = True
    assert await client.get() == b"[1]"
    await eventually(lambda: "refresh" in client.hows)
    assert client.last.error == errors.UpstreamUnreachable.code
    assert await client.get() == b"[1]"


async def test_a_refresh_under_way_ends_with_the_upstream(origin: Origin) -> None:
    client = client_of(origin)
    tasks = asyncio.all_tasks()
    origin.answer = says(b"[1]", cache_control="max-age=10, stale-while-revalidate=60")
    await client.get()
    client.clock.ahead += 11
    origin.gate.clear()
    await client.get()
    await eventually(lambda: origin.answering == 1)
    await client.upstream.sender.aclose()
    await eventually(lambda: origin.answering == 0)
    mine = {task for task in asyncio.all_tasks() - tasks if "Origin.serve" not in repr(task)}
    assert mine == set()


@pytest.mark.parametrize("status", ["500 Oops", "502 Oops", "503 Oops", "504 Oops"])
async def test_if_the_service_errs_a_stale_answer_stands_in_for_as_long_as_allowed(
    client: Client, origin: Origin, status: str
) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=10, stale-if-error=60")
    await client.get()
    origin.answer = says(b"oops", status)
    client.clock.ahead += 11
    assert await client.get() == b"[1]"
    client.clock.ahead += 60
    assert (await client.ask()).status == int(status[:3])
    assert client.hows[:2] == ["miss", "fallback"]


async def test_if_the_service_is_away_or_breaks_off_a_stale_answer_stands_in(client: Client, origin: Origin) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=10, stale-if-error=60")
    await client.get()
    client.clock.ahead += 11
    origin.answer = broken(b"[2]", cache_control="max-age=60")
    assert await client.get() == b"[1]"
    origin.down = True
    assert await client.get() == b"[1]"
    assert client.hows == ["miss", "fallback", "fallback"]


@pytest.mark.parametrize("more", ["", ", must-revalidate, stale-if-error=60", ", no-cache, stale-if-error=60"])
async def test_without_leave_no_stale_answer_stands_in(client: Client, origin: Origin, more: str) -> None:
    origin.answer = says(b"[1]", cache_control=f"max-age=10{more}", etag='"one"')
    await client.get()
    client.clock.ahead += 11
    origin.down = True
    with pytest.raises(errors.UpstreamUnreachable):
        await client.get()


# What is never kept ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("coalesce", [True, False])
async def test_an_answer_that_is_not_whole_is_never_kept(origin: Origin, coalesce: bool) -> None:
    client = client_of(origin, coalesce=coalesce)
    origin.answer = broken(b"[1]", cache_control="max-age=60")
    for _ in range(2):
        with pytest.raises(errors.UpstreamMalformed):
            await client.get()
    assert [(fact.status, fact.error) for fact in client.facts.exchanges] == [(200, "UPSTREAM_MALFORMED")] * 2
    assert len(origin.received) == 2
    await client.upstream.sender.aclose()


async def test_an_answer_over_the_limit_is_never_kept(origin: Origin) -> None:
    client = client_of(origin, max_response=1_000)
    origin.answer = says(bytes(2_000), cache_control="max-age=60")
    for _ in range(2):
        with pytest.raises(errors.UpstreamTooLarge):
            await client.get()
    await client.upstream.sender.aclose()


async def test_parts_and_conditions_of_a_caller_pass_by(client: Client, origin: Origin) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=60")
    await client.get()
    for name in ("range", "if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range"):
        await client.get(headers=((name, "x"),))
    await client.get(headers=(("cache-control", "no-store"),))
    assert client.hows == ["miss", *["bypass"] * 7]
    assert len(origin.received) == 8


async def test_a_service_that_selects_by_the_trace_is_asked_every_time(client: Client, origin: Origin) -> None:
    origin.answer = says(cache_control="max-age=60", vary="Traceparent")
    for _ in range(2):
        await client.get(headers=(("traceparent", "00-a-b-01"),))
    assert client.hows == ["miss", "miss"]


# Who may have it -------------------------------------------------------------------------------------------------


def told(request: Received) -> bytes:
    """What it was told of who asks."""
    return whole("|".join(request.values("authorization")).encode(), cache_control="max-age=60")


async def test_what_one_caller_was_told_is_for_that_caller_alone(client: Client, origin: Origin) -> None:
    origin.answer = told
    for _ in range(2):
        assert [await client.get(headers=who) for who in (ANA, BOB, ())] == [b"Bearer ana", b"Bearer bob", b""]
    assert len(origin.received) == 3


async def test_any_header_but_the_trace_tells_who_asks(client: Client, origin: Origin) -> None:
    origin.answer = told
    for value in ("1", "2", "1"):
        await client.get(headers=(("x-user", value), ("traceparent", f"00-{value}"), ("tracestate", "a=b")))
    assert client.hows == ["miss", "miss", "hit"]


async def test_a_private_answer_is_kept_for_whom_it_was_made_and_for_nobody_in_common(
    client: Client, origin: Origin
) -> None:
    origin.answer = says(b"[1]", cache_control="private, max-age=60")
    for who in (ANA, ANA, (), ()):
        await client.get(headers=who)
    assert client.hows == ["miss", "hit", "miss", "miss"]


async def test_constant_headers_part_nobody(origin: Origin) -> None:
    key: Headers = (("x-api-key", "ours"),)
    client = client_of(origin, headers=key)
    origin.answer = says(b"[1]", cache_control="private, max-age=60")
    await client.get(headers=key)
    await client.get(headers=key)
    origin.answer = says(b"[1]", cache_control="max-age=60")
    await client.get(headers=key)
    await client.get(headers=key)
    assert client.hows == ["miss", "miss", "miss", "hit"]
    assert client.last.fresh is not None
    assert not client.last.fresh.private
    await client.upstream.sender.aclose()


@pytest.mark.parametrize(
    ("control", "kept"),
    [("max-age=60", False), ("max-age=60, public", True), ("s-maxage=60", True), ("max-age=60, must-revalidate", True)],
)
async def test_answers_to_our_own_authorization_are_kept_where_the_service_permits(
    origin: Origin, control: str, kept: bool
) -> None:
    client = client_of(origin, headers=ANA)
    origin.answer = says(b"[1]", cache_control=control)
    await client.get(headers=ANA)
    await client.get(headers=ANA)
    assert client.hows == ["miss", "hit" if kept else "miss"]
    await client.upstream.sender.aclose()


async def test_directives_of_callers_part_them_and_ours_do_not(origin: Origin) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=60")
    directive: Headers = (("cache-control", "max-stale=1"),)
    for forward, how in ((frozenset[str](), "hit"), (frozenset({"cache-control"}), "miss")):
        client = client_of(origin, forward=forward)
        await client.get()
        await client.get(headers=directive)
        assert client.hows == ["miss", how]
        await client.upstream.sender.aclose()


# What who asks says ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("control", "how"),
    [
        ("no-cache", "miss"),
        ("max-age=0", "miss"),
        ("max-age=20", "hit"),
        ("min-fresh=40", "hit"),
        ("min-fresh=55", "miss"),
        ("only-if-cached", "hit"),
        ("max-age=nonsense", "miss"),
    ],
)
async def test_a_request_may_ask_for_more_than_the_service_demands(
    client: Client, origin: Origin, control: str, how: str
) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=60")
    await client.get()
    client.clock.ahead += 10
    await client.get(headers=(("cache-control", control),))
    assert client.last.cache == how


async def test_a_request_may_accept_a_stale_answer(client: Client, origin: Origin) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=60")
    await client.get()
    client.clock.ahead += 70
    assert await client.get(headers=(("cache-control", "max-stale=20"),)) == b"[1]"
    assert client.last.cache == "stale"
    assert len(origin.received) == 1


async def test_only_if_cached_never_calls(client: Client, origin: Origin) -> None:
    reply = await client.ask(headers=(("cache-control", "only-if-cached"),))
    assert (reply.status, origin.received) == (504, [])
    reply.close()


# Vary ------------------------------------------------------------------------------------------------------------


async def test_an_answer_is_for_requests_that_select_it(client: Client, origin: Origin) -> None:
    """Everything that a call sends parts its answer anyhow, but for what every call sends and directives to us."""
    origin.answer = lambda request: whole(
        "|".join(request.values("cache-control")).encode(), cache_control="max-age=60", vary="Cache-Control, Accept"
    )
    asked: list[Headers] = [(), (("cache-control", "max-stale=1"),), (("cache-control", "max-stale=2"),)]
    for _ in range(2):
        assert [await client.get(headers=each) for each in asked] == [b"", b"max-stale=1", b"max-stale=2"]
    assert client.hows == ["miss"] * 3 + ["hit"] * 3


# HEAD ------------------------------------------------------------------------------------------------------------


async def test_head_is_answered_by_what_a_get_brought(client: Client, origin: Origin) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=60", etag='"one"')
    await client.get()
    reply = await client.ask(method="HEAD")
    assert (reply.status, reply.body, reply.header("etag"), reply.memo) == (200, b"", '"one"', None)
    reply.close()
    assert origin.asked == ["GET /rows"]


async def test_head_is_not_kept_and_answers_no_get(client: Client, origin: Origin) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=60")
    assert await client.get(method="HEAD") == b""
    assert await client.get() == b"[1]"
    assert origin.asked == ["HEAD /rows", "GET /rows"]


@pytest.mark.parametrize(("etag", "asks"), [('"one"', 1), ('"two"', 0)])
async def test_head_may_tell_that_what_is_kept_is_no_longer_so(
    client: Client, origin: Origin, etag: str, asks: int
) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=10", etag='"one"')
    await client.get()
    client.clock.ahead += 11
    origin.answer = says(b"[1]", etag=etag)
    await client.get(method="HEAD")
    await client.get()
    assert len(origin.received[-1].values("if-none-match")) == asks


# Writes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "MOVE"])
@pytest.mark.parametrize(
    ("status", "kept"), [("200 OK", False), ("303 See Other", False), ("404 No", True), ("500 Oops", False)]
)
async def test_a_write_ends_what_is_kept_of_its_path_for_everybody(
    client: Client, origin: Origin, method: str, status: str, kept: bool
) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=60")
    wanted: list[tuple[str, Headers]] = [("/rows", ANA), ("/rows?page=2", BOB), ("/other", ())]
    for target, who in wanted:
        await client.get(target, headers=who)
    origin.answer = says(b"[2]", status)
    await client.get("/rows?dry=1", method, body=b"{}")
    origin.answer = says(b"[3]", cache_control="max-age=60")
    now = [await client.get(target, headers=who) for target, who in wanted]
    assert now == ([b"[1]"] * 3 if kept else [b"[3]", b"[3]", b"[1]"])


@pytest.mark.parametrize("name", ["location", "content_location"])
@pytest.mark.parametrize(
    ("where", "ended"),
    [
        ("/api/rows/7", True),
        ("rows/7", True),
        ("{url}/api/rows/7?x=1", True),
        ("/rows/7", False),
        ("http://elsewhere/api/rows/7", False),
        ("https://127.0.0.1/api/rows/7", False),
        ("http://[::1/api/rows/7", False),
    ],
)
async def test_a_write_ends_what_it_names_of_the_same_origin(
    origin: Origin, name: str, where: str, ended: bool
) -> None:
    base = f"{origin.url}/api"
    client = client_of(origin, url=base)
    origin.answer = says(b"[1]", cache_control="max-age=60")
    await client.get("/rows/7")
    origin.answer = says(b"", "201 Created", **{name: where.format(url=origin.url)})
    await client.get("/rows", "POST")
    await client.get("/rows/7")
    assert client.last.cache == ("miss" if ended else "hit")
    await client.upstream.sender.aclose()


async def test_a_write_that_nobody_knows_the_end_of_counts_as_done(client: Client, origin: Origin) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=60")
    await client.get()
    origin.gate.clear()
    write = asyncio.ensure_future(client.get(method="POST"))
    await eventually(lambda: origin.answering == 1)
    write.cancel()
    await asyncio.gather(write, return_exceptions=True)
    origin.gate.set()
    await client.get()
    assert client.last.cache == "miss"


async def test_what_was_read_while_a_write_went_on_is_not_kept(client: Client, origin: Origin) -> None:
    origin.answer = says(b"old", cache_control="max-age=60")
    origin.gate.clear()
    reading = asyncio.ensure_future(client.get())
    await eventually(lambda: origin.answering == 1)
    gate, origin.gate = origin.gate, asyncio.Event()
    origin.gate.set()
    origin.answer = says(b"new", cache_control="max-age=60")
    await client.get(method="PUT", body=b"new")
    gate.set()
    assert await reading == b"old"
    assert await client.get() == b"new"


async def test_a_write_that_passes_through_counts_too(client: Client, origin: Origin) -> None:
    origin.answer = says(b"[1]", cache_control="max-age=60")
    await client.get()
    passing = client.upstream.streaming(5.0, 5.0)
    with await passing.send(Request("DELETE", "/rows", deadline=math.inf)):
        pass
    await client.get()
    assert client.last.cache == "miss"


# Rows ------------------------------------------------------------------------------------------------------------


class Decoder:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, raw: bytes) -> object:
        self.calls += 1
        return codec.decode(raw)


@pytest.mark.parametrize("packed", [True, False])
async def test_a_hit_decodes_nothing(client: Client, origin: Origin, packed: bool) -> None:
    decode = Decoder()
    body = gzip.compress(b'[{"id": 1}]') if packed else b'[{"id": 1}]'
    origin.answer = says(
        body, cache_control="max-age=10", etag='"x"', **({"content_encoding": "gzip"} if packed else {})
    )
    rows = [await read_decoded(await client.ask(), decode, max_decoded=1_000) for _ in range(3)]
    assert rows[0] == [{"id": 1}]
    assert all(each is rows[0] for each in rows)
    client.clock.ahead += 11
    origin.answer = lambda _: head("304 Not Modified", etag='"x"')
    assert await read_decoded(await client.ask(), decode, max_decoded=1_000) is rows[0]
    assert decode.calls == 1
    assert len(client.facts.exchanges) == 4


async def test_rows_are_found_again_by_how_they_were_read(client: Client, origin: Origin) -> None:
    origin.answer = says(b'[{"id": 1}]', cache_control="max-age=60")

    async def rows(key: str) -> object:
        return await read_decoded(await client.ask(), lambda raw: (key, raw), key=key, max_decoded=1_000)

    one, other = await rows("one"), await rows("other")
    assert (one, other) == (("one", b'[{"id": 1}]'), ("other", b'[{"id": 1}]'))
    assert (await rows("one")) is one


async def test_what_does_not_decode_is_decoded_again_and_fails_again(client: Client, origin: Origin) -> None:
    decode = Decoder()
    origin.answer = says(b"not json", cache_control="max-age=60")
    for _ in range(2):
        with pytest.raises(ValueError, match="JSON"):
            await read_decoded(await client.ask(), decode, max_decoded=1_000)
    assert (decode.calls, len(origin.received)) == (2, 1)


async def test_a_smaller_limit_on_unpacked_bytes_holds_for_what_is_kept_too(client: Client, origin: Origin) -> None:
    origin.answer = says(b'"' + b"x" * 500 + b'"', cache_control="max-age=60")
    assert await read_decoded(await client.ask(), codec.decode, max_decoded=1_000)
    with pytest.raises(errors.UpstreamTooLarge):
        await read_decoded(await client.ask(), codec.decode, max_decoded=100)


async def test_rows_count_towards_the_bound(origin: Origin) -> None:
    client = client_of(origin, cache=CacheSettings(size=100_000))
    store = client.upstream.store
    assert store is not None
    origin.answer = says(b'["' + b"x" * 500 + b'"]', cache_control="max-age=60")
    await client.get("/1")
    raw = store.size
    await read_decoded(await client.ask("/1"), codec.decode, max_decoded=1_000)
    assert store.size > raw + 4 * 500
    for at in range(100):
        await read_decoded(await client.ask(f"/{at}"), codec.decode, max_decoded=1_000)
        assert store.size <= 100_000
    await client.upstream.sender.aclose()
