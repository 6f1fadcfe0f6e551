"""What is asked, and what the right answer is. Pure; knows no system."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bench import data

BATCHED = "query Q($n:Int){posts(salt:$n){id userId title user{id name email}}}"
BY_ID = "query Q($n:Int){posts(salt:$n){id userId title author{id name email}}}"
TITLES = "query Q($n:Int){posts(salt:$n){title}}"
GREET = "query Q($n:Int){greet(salt:$n)}"
TRAVEL = "query Q($n:Int){airports(salt:$n){iata name city{name country{code name money{code rate}}}}}"
ROWS = "query Q($n:Int!){rows(count:$n){id name score}}"
SALTED: Mapping[str, Any] = {"n": "@n"}
DOCUMENTS = 1_000


@dataclass(frozen=True)
class Scenario:
    """`answer` makes the `data` that is right; `calls` is how many one operation takes where nothing is shared."""

    name: str
    about: str
    query: str
    answer: Callable[[], data.Row]
    calls: int
    variables: Mapping[str, Any] = field(default_factory=lambda: SALTED)
    documents: int = 1  # `@d` in the query is the number of one of so many

    def bodies(self) -> list[str]:
        return [_body(self.query.replace("@d", str(number)), self.variables) for number in range(self.documents)]


def _body(query: str, variables: Mapping[str, Any]) -> str:
    """`@n` stays for whoever sends it, as a number: without quotes."""
    return json.dumps({"query": query, "variables": variables}, separators=(",", ":")).replace('"@n"', "@n")


def numbered(body: str, number: int) -> str:
    return body.replace("@n", str(number))


def list_of(count: int) -> Scenario:
    about = f"a list of {count:,} rows, one caller"
    return Scenario(f"rows-{count}", about, ROWS, partial(data.list_of, count), 1, {"n": count})


SCENARIOS = (
    Scenario(
        "batched", "100 posts, their 10 users in one call: 1 + 1 calls", BATCHED, partial(data.posts_with, "user"), 2
    ),
    Scenario(
        "by-id", "100 posts, their 10 users one by one: 1 + 10 calls", BY_ID, partial(data.posts_with, "author"), 11
    ),
    Scenario("titles", "`{posts{title}}`: 1 call", TITLES, data.titles, 1),
    Scenario("constant", "`{greet}`: no call", GREET, lambda: {"greet": "Hello World!"}, 0),
    Scenario(
        "travel", "20 airports, their cities, countries, rates: 4 services, 4 calls in a row", TRAVEL, data.travel, 4
    ),
    Scenario(
        "identical",
        "the batched query, the same one from everybody, sharing on",
        BATCHED,
        partial(data.posts_with, "user"),
        2,
        {"n": 1},
    ),
    Scenario(
        "documents",
        "the batched query in 1,000 documents, taken in turn",
        "query Q@d($n:Int){posts(salt:$n){id userId title user{id name email}}}",
        partial(data.posts_with, "user"),
        2,
        documents=DOCUMENTS,
    ),
    Scenario(
        "unseen",
        "the batched query, no document ever seen before",
        "query Q@n($n:Int){posts(salt:$n){id userId title user{id name email}}}",
        partial(data.posts_with, "user"),
        2,
    ),
)
LISTS = tuple(list_of(count) for count in data.ROW_COUNTS)
BY_NAME = {each.name: each for each in (*SCENARIOS, *LISTS)}
