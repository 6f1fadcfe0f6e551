"""Fan-out: what a query costs the services, counted at the services."""

from __future__ import annotations

import httpx
import pytest

from tests.kit import opened, reply
from tests.world import SERVICES, make_schema, post_row, user_row, users_service

WIDE = "limits: {max_upstream_calls: 1000, max_price: 100000, max_page: 1000}"


async def test_a_hundred_parents_make_one_call_for_each_full_batch() -> None:
    async with opened(make_schema(), SERVICES, WIDE) as bench:
        answer = await bench.ask("{ posts(limit: 100) { id author { id name } } }")
        assert not answer.errors
        assert answer.data
        assert [post["author"]["id"] for post in answer.data["posts"]] == [str(number) for number in range(100)]
        assert len(bench.services["posts"].calls) == 1
        assert len(bench.services["users"].calls) == 10  # max_batch is 10


async def test_equal_keys_are_asked_for_once() -> None:
    def few_authors(request: httpx.Request) -> httpx.Response:
        return reply({"items": [post_row(number, people=3) for number in range(int(request.url.params["limit"]))]})

    async with opened(make_schema(), {**SERVICES, "posts": few_authors}, WIDE) as bench:
        answer = await bench.ask("{ posts(limit: 100) { author { name } again: author { name } } }")
        assert not answer.errors
        assert len(bench.services["users"].calls) == 1


async def test_two_fields_that_want_the_same_share_one_call() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        answer = await bench.ask('{ a: user(id: 1) { name } b: user(id: 2) { name } users(ids: [2, 3, "3"]) { id } }')
        assert not answer.errors
        assert bench.urls == ["/users?id=1&id=2&id=3"]
        assert answer.data
        assert answer.data["users"] == [{"id": "2"}, {"id": "3"}, {"id": "3"}]


async def test_a_wave_waits_for_all_of_the_wave_before_it() -> None:
    """Ten by-id calls that end one by one still bring one call below them."""
    async with opened(make_schema(), SERVICES, WIDE) as bench:
        answer = await bench.ask("{ posts(limit: 10) { authorAlone { posts { id } } } }")
        assert not answer.errors
        assert len(bench.services["users"].calls) == 10
        below = [url for url in bench.services["posts"].urls if url.startswith("/posts/of")]
        assert len(below) == 1


async def test_a_service_without_a_batch_form_is_called_once_for_each_distinct_key_concurrently() -> None:
    def few_authors(request: httpx.Request) -> httpx.Response:
        return reply({"items": [post_row(number, people=7) for number in range(int(request.url.params["limit"]))]})

    settings = ", max_in_flight: 12"
    async with opened(make_schema(), {**SERVICES, "posts": few_authors}, WIDE, settings) as bench:
        answer = await bench.ask("{ posts(limit: 40) { authorAlone { id } } }")
        assert not answer.errors
        assert len(bench.services["users"].calls) == 7
        assert bench.services["users"].peak == 3  # one operation takes a quarter of the slots


async def test_a_composite_key_is_one_call_with_one_object_for_each_parent() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        answer = await bench.ask("{ users(ids: [1, 2]) { notes { text } } }")
        assert answer.data == {"users": [{"notes": [{"text": f"memo of {number}"}]} for number in (1, 2)]}
        assert [call.url.path for call in bench.services["users"].calls] == ["/users", "/notes/batch"]


async def test_calls_that_differ_in_more_than_the_key_are_not_mixed() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        answer = await bench.ask(
            "{ users(ids: [1, 2]) { now: score(season: 100) { points } then: score(season: 200) { points } } }"
        )
        assert answer.data == {
            "users": [
                {"now": {"points": 101}, "then": {"points": 201}},
                {"now": {"points": 102}, "then": {"points": 202}},
            ]
        }
        scores = [url for url in bench.urls if url.startswith("/scores")]
        assert sorted(scores) == ["/scores?season=100&user=1&user=2", "/scores?season=200&user=1&user=2"]


async def test_a_list_of_keys_in_the_parent_is_loaded_in_its_order() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        answer = await bench.ask("{ users(ids: [898]) { friends { id } maybeFriends { id } } }")
        assert answer.data == {"users": [{"friends": [{"id": "899"}], "maybeFriends": [{"id": "899"}, None]}]}
        assert len(bench.urls) == 2


async def test_no_key_makes_no_call() -> None:
    async with opened(make_schema(), {**SERVICES, "users": lambda _: reply([])}) as bench:
        answer = await bench.ask("{ users(ids: []) { id } }")
        assert answer.data == {"users": []}
        assert bench.urls == []


async def test_a_missing_parent_value_is_null_and_makes_no_call() -> None:
    def orphan(_: httpx.Request) -> httpx.Response:
        return reply({"items": [{**post_row(1), "author_id": None}]})

    async with opened(make_schema(), {**SERVICES, "posts": orphan}) as bench:
        answer = await bench.ask("{ posts(limit: 1) { author { id } authorAlone { id } } }")
        assert answer.data == {"posts": [{"author": None, "authorAlone": None}]}
        assert bench.services["users"].calls == []


async def test_a_chunk_that_fails_fails_its_own_keys_and_no_others() -> None:
    def second_chunk_fails(request: httpx.Request) -> httpx.Response:
        return reply({}, 500) if "15" in request.url.params.get_list("id") else users_service(request)

    async with opened(make_schema(), {**SERVICES, "users": second_chunk_fails}, WIDE) as bench:
        answer = await bench.ask("{ posts(limit: 30) { author { id } } }")
        assert answer.data
        failed = [index for index, post in enumerate(answer.data["posts"]) if post["author"] is None]
        assert failed == list(range(10, 20))
        assert sorted(error["path"] for error in answer.errors) == [["posts", index, "author"] for index in failed]
        assert {error["extensions"]["code"] for error in answer.errors} == {"UPSTREAM_STATUS"}


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        ([user_row(2), user_row(1)], ["1", "2"]),
        ([user_row(2)], [None, "2"]),
        ([user_row(1), user_row(1), user_row(2)], ["1", "2"]),
        ([user_row(5), user_row(2), user_row(1), user_row(9)], ["1", "2"]),
        ([], [None, None]),
    ],
    ids=["shuffled", "missing", "duplicated", "surplus", "none"],
)
async def test_rows_find_their_parents(answered: list[object], expected: list[str | None]) -> None:
    async with opened(make_schema(), {**SERVICES, "users": lambda _: reply(answered)}) as bench:
        answer = await bench.ask("{ users(ids: [1, 2]) { id } }")
        assert answer.data
        assert [user and user["id"] for user in answer.data["users"]] == expected
        assert not answer.errors


async def test_code_loads_through_the_same_loader_as_the_plan() -> None:
    async with opened(make_schema(), SERVICES, WIDE) as bench:
        answer = await bench.ask("{ posts(limit: 5) { authorName author { name } } }")
        assert answer.data
        assert answer.data["posts"][3] == {"authorName": "user 3", "author": {"name": "user 3"}}
        assert len(bench.services["users"].calls) <= 2


async def test_code_calls_services_through_the_same_stack() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        answer = await bench.ask("{ total }", {"authorization": "Bearer mine", "cookie": "no"})
        assert answer.data == {"total": 3}
        (call,) = bench.services["posts"].calls
        assert call.headers["authorization"] == "Bearer mine"
        assert "cookie" not in call.headers
        assert bench.listener.operations[0].upstream_calls == 1


async def test_mutations_run_one_after_another_and_equal_ones_are_both_made() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        answer = await bench.ask(
            'mutation { a: createPost(input: {name: "x", authorId: 1, stop: HALF, on: "2026-01-31"}) '
            '{ ... on Post { id author { name } } } b: createPost(input: {name: "x", authorId: 1}) { __typename } '
            'c: createPost(input: {name: "", authorId: 1}) { __typename ... on Invalid { detail } } }'
        )
        assert not answer.errors
        assert answer.data == {
            "a": {"id": "1", "author": {"name": "user 1"}},
            "b": {"__typename": "Post"},
            "c": {"__typename": "Invalid", "detail": "a name is needed"},
        }
        assert [call.content for call in bench.services["posts"].calls][:2] == [
            b'{"name":"x","author_id":"1","stop":"half","on":"2026-01-31"}',
            b'{"name":"x","author_id":"1"}',
        ]


async def test_search_joins_the_rows_of_several_services() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        answer = await bench.ask(
            '{ search(q: "x") { __typename name ... on Post { likes } ... on User { greeting } } }'
        )
        assert answer.data == {
            "search": [
                {"__typename": "Post", "name": "post 7", "likes": 14},
                {"__typename": "User", "name": "user 1", "greeting": "Hello user 1"},
            ]
        }


async def test_a_page_is_a_relay_connection() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        first = await bench.ask("{ pages(first: 5) { totalCount edges { node { id } } pageInfo { endCursor } } }")
        assert first.data
        cursor = first.data["pages"]["pageInfo"]["endCursor"]
        query = "query($after: String) { pages(after: $after) { edges { node { id author { id } } } } }"
        second = await bench.ask(query, after=cursor)
        assert second.data
        assert [edge["node"]["id"] for edge in second.data["pages"]["edges"]] == ["5", "6", "7", "8", "9"]
        assert bench.services["posts"].urls == ["/pages?limit=5&offset=0", "/pages?limit=5&offset=5"]
        assert bench.services["users"].urls == ["/users?id=5&id=6&id=7&id=8&id=9"]


async def test_a_size_inside_an_input_object_is_priced_and_cut_alike() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        answer = await bench.ask("{ filtered(filter: {pageSize: 2}) { id } }")
        assert answer.data == {"filtered": [{"id": "0"}, {"id": "1"}]}
        assert bench.listener.operations[0].price == 3
