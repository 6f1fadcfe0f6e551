"""What is asked, what is right, and the settings of the gateway that is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from graphql import parse
from ruamel.yaml import YAML

from bench import data, settings, systems
from bench.measure import Figures
from bench.report import BEGIN, END, PROMISES, Promise, number, placed
from bench.run import FULL, SEEN, TAKING_PART, warm
from bench.scenarios import BY_NAME, DOCUMENTS, Scenario, numbered

CONFIG = YAML(typ="safe").load(Path(systems.CONFIG))


@pytest.mark.parametrize("scenario", BY_NAME.values(), ids=lambda scenario: scenario.name)
def test_bodies_are_json_and_documents_once_they_are_numbered(scenario: Scenario) -> None:
    for body in scenario.bodies()[:2]:
        asked = json.loads(numbered(body, 7))
        parse(asked["query"])
        assert all(isinstance(value, int) for value in asked["variables"].values())


def test_no_two_requests_are_equal_but_where_that_is_what_is_measured() -> None:
    (salted,), (identical,) = BY_NAME["batched"].bodies(), BY_NAME["identical"].bodies()
    assert numbered(salted, 1) != numbered(salted, 2)
    assert numbered(identical, 1) == numbered(identical, 2)


def test_there_are_a_thousand_documents() -> None:
    assert len({json.loads(numbered(body, 1))["query"] for body in BY_NAME["documents"].bodies()}) == DOCUMENTS


def test_the_posts_are_as_many_and_as_large_as_those_of_the_well_known_benchmark() -> None:
    size = len(json.dumps(data.POSTS, separators=(",", ":")))
    assert (len(data.POSTS), len({post["userId"] for post in data.POSTS})) == (100, 10)
    assert 23_000 < size < 27_000


def test_every_scenario_has_somebody_who_takes_part() -> None:
    assert set(BY_NAME) < set(TAKING_PART)
    assert all(name in systems.SYSTEMS for names in TAKING_PART.values() for name in names)


@pytest.mark.parametrize("without", [None, *settings.LAYERS])
def test_a_layer_is_taken_away_from_a_copy(without: str | None) -> None:
    before = json.dumps(CONFIG)
    made = settings.made(CONFIG, without=without, shared=True, known=())
    assert json.dumps(CONFIG) == before
    assert (json.dumps(made) == before) == (without is None)


def test_sharing_is_turned_off_by_the_settings_that_there_are() -> None:
    made = settings.made(CONFIG, without=None, shared=False, known={"coalesce", "share"})
    assert {each["coalesce"] for each in made["upstreams"].values()} == {False}
    assert {each["share"] for each in made["tiers"].values()} == {False}
    assert settings.made(CONFIG, without=None, shared=False, known=()) == CONFIG


def test_tables_replace_what_stood_between_the_marks_and_nothing_else() -> None:
    page = f"# Before\n{BEGIN}\nold\n{END}\nafter\n"
    assert placed(page, "new") == f"# Before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert placed(placed(page, "old"), "new") == placed(page, "new")


@pytest.mark.parametrize(
    ("value", "told"), [(12345.6, "12,346"), (12.345, "12.3"), (0.01234, "0.012"), (-250.0, "-250")]
)
def test_numbers_have_the_digits_that_count(value: float, told: str) -> None:
    assert number(value) == told


def test_requests_are_promised_at_least_and_cpu_at_most() -> None:
    assert Promise("batched", "plain", "per_second", 40).kept(40)
    assert not Promise("batched", "tailcall", "cpu", 0.5).kept(0.6)


def test_every_promise_is_against_somebody_who_takes_part() -> None:
    assert all(each.system in TAKING_PART[each.scenario] for each in PROMISES)


@pytest.mark.parametrize(
    ("name", "rate", "seconds"),
    [
        ("batched", 2_000, [FULL.warm]),
        ("documents", 1_000, [FULL.warm, SEEN * DOCUMENTS / 1_000]),
        ("documents", 10, [FULL.warm, FULL.longest_warm]),
    ],
)
def test_many_documents_have_been_seen_before_it_counts(name: str, rate: float, seconds: list[float]) -> None:
    given: list[float] = []

    def load(seconds: float) -> Figures:
        given.append(seconds)
        return Figures(rate, 0, 0, 0, 0, 0, 0)

    warm(load, BY_NAME[name], FULL)
    assert given == seconds
