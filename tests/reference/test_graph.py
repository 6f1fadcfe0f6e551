"""The reference graph as it stands: its schema on paper, what a check finds, and that every part of it is described."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLNamedType,
    GraphQLSchema,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
    is_scalar_type,
    is_specified_scalar_type,
    is_union_type,
)

from bff import config
from bff.gateway import Gateway, open_gateway
from bff.plan.check import check_graph
from tests.reference.travel import ROOT, Travel

PAGE = (ROOT / "docs" / "graph.md").read_text("utf-8")
PRINTED = ROOT / "schema" / "schema.graphql"


@pytest.fixture(scope="module")
def gateway() -> Gateway:
    return open_gateway(config.load(ROOT / "bff.yaml", {}), ROOT)


@pytest.fixture(scope="module")
def schema(gateway: Gateway) -> GraphQLSchema:
    return gateway.graph.schema


def _own(schema: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    return (type_ for name, type_ in schema.type_map.items() if not name.startswith("__"))


def test_the_schema_on_paper_is_the_one_that_is_served(gateway: Gateway) -> None:
    """After a change: .venv/bin/bff schema > schema/schema.graphql"""
    assert PRINTED.read_text("utf-8") == gateway.sdl + "\n"


def test_a_check_finds_no_mistake(gateway: Gateway) -> None:
    assert check_graph(gateway.graph, gateway.config.upstreams).errors == []


def test_a_check_warns_of_the_calls_without_a_batch_form(gateway: Gateway) -> None:
    warnings = check_graph(gateway.graph, gateway.config.upstreams).warnings
    assert {problem.place for problem in warnings} == {
        "Country.airports",
        "Country.cities",
        "Country.holidays",
    }
    assert any("up to 250 calls under Query.countries" in str(problem) for problem in warnings)


def test_no_upstream_is_without_a_connector(gateway: Gateway) -> None:
    assert {connector.upstream for connector in gateway.graph.connectors} == set(gateway.config.upstreams)


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        (is_object_type, 12),
        (is_interface_type, 2),
        (is_union_type, 3),
        (is_enum_type, 2),
        (is_input_object_type, 4),
        (lambda type_: is_scalar_type(type_) and not is_specified_scalar_type(type_), 2),
    ],
)
def test_the_graph_has_types_of_every_kind(schema: GraphQLSchema, kind: Any, least: int) -> None:
    assert len([type_ for type_ in _own(schema) if kind(type_)]) >= least


def test_every_link_goes_both_ways(gateway: Gateway) -> None:
    links = {(name.partition(".")[0], field.returns) for name, field in gateway.graph.fields.items()}
    links |= {
        (name.partition(".")[0], field.returns.removesuffix("Connection"))
        for name, field in gateway.graph.fields.items()
    }
    for one, other in (("Airport", "City"), ("City", "Country"), ("Airport", "Country")):
        assert {(one, other), (other, one)} <= links


def test_every_type_is_described(schema: GraphQLSchema) -> None:
    assert [type_.name for type_ in _own(schema) if not type_.description] == []


# what their names and types say already
PLAIN = {
    "name",
    "population",
    "location",
    "title",
    "country",
    "continent",
    "currency",
    "date",
    "stops",
    "startsOn",
    "endsOn",
    "status",
    "budget",
    "note",
    "id",
    "airport",
    "mistakes",
    "capital",
}


def test_every_field_is_described_or_plain(schema: GraphQLSchema) -> None:
    silent = {
        f"{type_.name}.{name}"
        for type_ in _own(schema)
        if is_object_type(type_) or is_interface_type(type_) or is_input_object_type(type_)
        for name, field in type_.fields.items()
        if not field.description and name not in PLAIN
    }
    assert silent == set()


def test_what_a_service_brings_may_be_null(gateway: Gateway) -> None:
    """A service that fails takes its own field away and nothing above it."""
    strict = [
        field.coordinate
        for field in gateway.graph.fields.values()
        if (field.calls or field.source.uses) and str(field.declared.type).endswith("!")
    ]
    assert strict == []


@pytest.mark.parametrize("query", re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL))
async def test_the_queries_on_the_page_work(travel: Travel, query: str) -> None:
    assert (await travel.ask(query, "reader")).data


def test_the_page_names_what_there_is(gateway: Gateway) -> None:
    fields = set(re.findall(r"`([A-Z][A-Za-z]+\.[a-z][A-Za-z]+)`", PAGE))
    assert len(fields) > 10
    assert fields <= gateway.graph.fields.keys()
