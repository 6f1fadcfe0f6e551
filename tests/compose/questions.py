"""What is asked, and by whom. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from tests.compose.docker import ROOT

AIRPORTS = ["LIS", "OPO", "JFK", "LHR", "CDG", "FRA", "MAD", "FCO", "AMS", "ZRH", "VIE", "CPH", "OSL", "ARN", "HEL"]
TEN = "query Ten($iatas: [ID!]!) { airports(iatas: $iatas) { name } }"


@dataclass(frozen=True, slots=True)
class Client:
    """A name, its key, a document, and the document's variables, which come round again and again."""

    name: str
    key: str
    document: str
    variables: Iterator[dict[str, Any]]


def travel(key: str) -> Client:
    """The query of example.graphql, for one airport after the other."""
    document = (ROOT / "example.graphql").read_text()
    document = document.replace("query Lisbon", "query Travel($iata: ID!)").replace('"LIS"', "$iata")
    return Client("steady", key, document, ({"iata": iata} for iata in cycle(AIRPORTS)))


def ten_airports(key: str) -> Client:
    """A query that costs what it may cost: one call and ten rows, eleven points."""
    around = AIRPORTS * 2
    return Client("budget", key, TEN, ({"iatas": around[at : at + 10]} for at in cycle(range(len(AIRPORTS)))))
