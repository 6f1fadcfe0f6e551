"""What is wrong with a declaration is said where it stands, or at start, with what would be right."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
import strawberry

from bff import Offset, argument, connect, constant, field, poll, published, subscribe, upstream
from bff.connectors import EventSource
from bff.plan.check import check_graph
from bff.plan.graph import read_graph

flights = upstream("flights")
ONE = flights.get("/flights/{number}")
MANY = flights.get("/flights{?from}", many=True)
LIVE = flights.events("/flights/{number}/positions")


@pytest.mark.parametrize(
    ("declare", "says"),
    [
        (lambda: poll(ONE, every=0.5), "must be at least 1 second"),
        (lambda: poll(ONE, every=float("nan")), "must be at least 1 second"),
        (lambda: poll(flights.post("/flights", body="input"), every=5), "a POST changes something; poll a GET"),
        (lambda: poll(flights.get("/x{?limit,offset}", paging=Offset()), every=5), "pages cannot be polled"),
        (lambda: poll(ONE, every=5, each="id"), "the call brings one; leave it out"),
        (lambda: published("Orders"), "is no topic: lower-case words"),
        (lambda: published("orders."), "is no topic"),
        (lambda: published("orders", where={"customer": ""}), "needs the path in an event"),
        (lambda: published("orders", weight=-1), "weight must not be negative"),
        (lambda: flights.events("flights"), "must begin with one '/'"),
        (lambda: flights.events("/x{+y}"), "use {x}"),
        (lambda: flights.events("/x", body="input"), "body= is a socket's first message"),
        (lambda: flights.events("/x", headers={"host": "h"}), "it belongs to the connection"),
        (lambda: flights.socket("/x", only="y"), "messages of a socket have no names"),
        (lambda: flights.events("/x", weight=-1), "weight not negative"),
    ],
)
def test_a_source_that_makes_no_sense_is_refused_where_it_is_declared(declare: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        declare()


@pytest.mark.parametrize("option", ["many", "key", "paging", "accept", "missing", "evnt"])
def test_an_option_that_streams_do_not_have_is_refused_with_those_they_have(option: str) -> None:
    given: Any = {option: None}
    with pytest.raises(TypeError, match=rf"a stream has no option '{option}'; it has names, joins, rows"):
        flights.events("/x", **given)


@pytest.mark.parametrize("wrong", [ONE, flights, "orders", None])
def test_subscribe_takes_what_brings_events(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"takes what brings events.*say "):
        subscribe(wrong)


def test_sources_show_what_they_are() -> None:
    shown = [repr(each) for each in (LIVE, flights.socket("/x"), poll(ONE, every=5), published("orders.paid"))]
    assert shown == [
        "<flights: events /flights/{number}/positions>",
        "<flights: socket /x>",
        "<poll every 5s of <flights: GET /flights/{number}>>",
        "<topic orders.paid>",
    ]
    assert [each.label for each in (LIVE, published("orders"))] == ["GET /flights/{number}/positions", "topic orders"]


@strawberry.type
class Flight:
    number: str


@strawberry.type
class Query:
    @connect(ONE)
    def flight(self, number: str) -> Flight | None: ...

    live: Flight | None = subscribe(LIVE, number=constant("1"))


@strawberry.type
class Subscription:
    @subscribe(LIVE)
    def good(self, number: str) -> Flight | None: ...

    @subscribe(published("orders", where={"kind": "type"}), kind=constant("paid"))
    def good_topic(self) -> Flight | None: ...

    @subscribe(poll(MANY, every=5), assumed_size=50, bind={"from": argument("origin")})
    def good_list(self, origin: str) -> list[Flight] | None: ...

    @subscribe(poll(MANY, every=5, each="number"), bind={"from": argument("origin")})
    def good_each(self, origin: str) -> Flight | None: ...

    @strawberry.subscription
    async def coded(self) -> AsyncGenerator[Flight, None]:
        yield Flight(number="1")

    plain: str

    @field()
    def method(self) -> str:
        return ""

    @connect(ONE)
    def called(self, number: str) -> Flight | None: ...

    @subscribe(upstream("elsewhere").events("/x"))
    def nowhere(self) -> Flight | None: ...

    @subscribe(LIVE)
    def unbound(self) -> Flight | None: ...

    @subscribe(LIVE, number="flight_number")
    def parental(self) -> Flight | None: ...

    @subscribe(LIVE, number=argument("flight.number"))
    def no_argument(self, number: str) -> Flight | None: ...

    @subscribe(LIVE, nmber=constant("1"))
    def no_variable(self, number: str) -> Flight | None: ...

    @subscribe(published("order"))
    def misspelt(self) -> Flight | None: ...

    @subscribe(published("births"))
    def silent(self) -> Flight | None: ...

    @subscribe(poll(MANY, every=5), bind={"from": argument("origin")})
    def one_of_many(self, origin: str) -> Flight | None: ...

    @subscribe(poll(MANY, every=5, each="number"), assumed_size=5, bind={"from": argument("origin")})
    def list_of_each(self, origin: str) -> list[Flight] | None: ...

    @subscribe(poll(ONE, every=5))
    def endless(self, number: str) -> list[Flight] | None: ...

    @subscribe(flights.events("/x", typename="Airport"))
    def strange(self) -> Flight | None: ...


GRAPH = read_graph(strawberry.Schema(query=Query, subscription=Subscription))
FOUND = check_graph(GRAPH, {"flights"}, {"orders"})


@pytest.mark.parametrize(
    ("place", "says", "hint"),
    [
        ("Query.live", "only a field of the subscription type has events", "say connect(…)"),
        ("Subscription.plain", "nobody says where its events come from", "say subscribe(…)"),
        ("Subscription.method", "nobody says where its events come from", "strawberry.subscription"),
        ("Subscription.called", "nobody says where its events come from", "say subscribe(…)"),
        ("Subscription.nowhere", "upstream 'elsewhere' is not in the configuration", "it has flights"),
        (
            "Subscription.unbound",
            "nobody binds 'number' of GET /flights/{number}/positions",
            "add an argument 'number'",
        ),
        ("Subscription.parental", "'flight_number' has no parent", "argument('flight_number')"),
        ("Subscription.noArgument", "there is no argument 'flight'", "it has number"),
        ("Subscription.noVariable", "'nmber' is bound, but GET /flights/{number}/positions has no", "it has number"),
        ("Subscription.misspelt", "nothing publishes on the topic 'order'", "did you mean 'orders'?"),
        ("Subscription.silent", "nothing publishes on the topic 'births'", "webhooks of bff.yaml"),
        ("Subscription.oneOfMany", "brings a list, but the field is one Flight", 'say each="id"'),
        ("Subscription.listOfEach", "each= makes an event of each row, but the field is a list", "what one row is"),
        ("Subscription.endless", "nobody knows how long this list can be", "assumed_size"),
        ("Subscription.strange", "brings the type 'Airport', which the field cannot have", "Flight is Flight"),
    ],
)
def test_a_mistake_is_refused_at_start_with_its_place_and_what_would_be_right(place: str, says: str, hint: str) -> None:
    matching = [each for each in FOUND.errors if each.place == place and says in each.message]
    assert matching, [str(each) for each in FOUND.errors if each.place == place]
    assert hint in matching[0].hint


def test_what_is_right_is_not_complained_about() -> None:
    assert [each for each in FOUND.errors if "good" in each.place or "coded" in each.place] == []


def test_topics_are_not_asked_about_where_nobody_knows_them() -> None:
    found = check_graph(GRAPH, {"flights"}).errors
    assert not [each for each in found if "topic" in each.message]


@pytest.mark.parametrize("source", [LIVE, poll(ONE, every=5), published("orders", where="number")])
def test_every_source_says_what_planning_asks_of_it(source: EventSource) -> None:
    assert source.variables == ("number",)
    assert source.weight == 1
    assert isinstance(source.state, bool)
