"""The rows that every system is asked for, and the answers that are right. Pure; knows no system and no socket.

The posts and users have the shape and the sizes of the well-known benchmark (100 posts of 10 users, 24 kB); the
texts are made here.
"""

from __future__ import annotations

import itertools
from typing import Any

Row = dict[str, Any]

LATIN = (
    "sunt aut facere repellat provident occaecati excepturi optio reprehenderit quia et suscipit recusandae expedita "
    "consequuntur cum reprehenderit molestiae ut quas totam nostrum rerum est autem sunt rem eveniet architecto"
)
WORDS = LATIN.split()
NAMES = ("Ada", "Blaise", "Carl", "Donald", "Edsger", "Frances", "Grace", "Haskell", "Ivan", "John")
ROW_COUNTS = (1_000, 10_000, 50_000)


def _text(seed: int, words: int) -> str:
    return " ".join(WORDS[(seed * 7 + step * step) % len(WORDS)] for step in range(words))


def post(number: int) -> Row:
    return {
        "userId": (number - 1) // 10 + 1,
        "id": number,
        "title": _text(number, 6),
        "body": _text(number + 3, 22),
    }


def user(number: int) -> Row:
    name = NAMES[number - 1]
    return {
        "id": number,
        "name": f"{name} {_text(number, 1).title()}",
        "username": name.lower(),
        "email": f"{name.lower()}@example.com",
        "address": {
            "street": f"{_text(number, 1).title()} Street",
            "suite": f"Apt. {number * 37}",
            "city": _text(number + 1, 1).title(),
            "zipcode": f"{number:05}-1234",
            "geo": {"lat": f"{number * 3.7:.4f}", "lng": f"{number * -7.1:.4f}"},
        },
        "phone": f"1-770-736-80{number:02}",
        "website": f"{name.lower()}.example.com",
        "company": {"name": f"{name} & Sons", "catchPhrase": _text(number, 4), "bs": _text(number + 5, 4)},
    }


POSTS = [post(number) for number in range(1, 101)]
USERS = [user(number) for number in range(1, 11)]

COUNTRIES = [
    {"code": code, "name": name, "currency": currency, "population": 1_000_000 * place}
    for place, (code, name, currency) in enumerate(
        (
            ("PT", "Portugal", "EUR"),
            ("ES", "Spain", "EUR"),
            ("GB", "United Kingdom", "GBP"),
            ("CH", "Switzerland", "CHF"),
            ("JP", "Japan", "JPY"),
        ),
        start=1,
    )
]
CITIES = [
    {
        "id": number,
        "name": f"{_text(number, 1).title()} City",
        "countryCode": COUNTRIES[number % 5]["code"],
        "people": 9_000,
    }
    for number in range(1, 11)
]
AIRPORTS = [
    {"iata": f"A{number:02}", "name": f"{_text(number, 2).title()} Airport", "cityId": number % 10 + 1, "elevation": 7}
    for number in range(1, 21)
]
RATES = [
    {"code": code, "rate": rate} for code, rate in (("EUR", 1.125), ("GBP", 0.875), ("CHF", 0.9375), ("JPY", 164.5))
]


def row(number: int) -> Row:
    return {"id": number, "name": f"row {number}", "kind": WORDS[number % len(WORDS)], "score": number * 7 % 1_000}


def rows(count: int) -> list[Row]:
    return [row(number) for number in range(1, count + 1)]


def files() -> dict[str, Any]:
    """What the services answer, by path: JSON. A query string changes nothing but for those who read logs."""
    several = {"posts": POSTS, "users": USERS, "airports": AIRPORTS, "cities": CITIES, "countries": COUNTRIES}
    one_each = {f"users/{each['id']}": each for each in USERS}
    lists = {f"rows/{count}": rows(count) for count in ROW_COUNTS}
    return {**several, "rates": RATES, **one_each, **lists}


def _pick(source: Row, *names: str) -> Row:
    return {name: source[name] for name in names}


def posts_with(field: str, called: str | None = None) -> Row:
    """The answer to `{posts{id userId title FIELD{id name email}}}`, FIELD being called something else perhaps."""
    users = {each["id"]: _pick(each, "id", "name", "email") for each in USERS}
    return {
        "posts": [_pick(each, "id", "userId", "title") | {called or field: users[each["userId"]]} for each in POSTS]
    }


def titles() -> Row:
    return {"posts": [_pick(each, "title") for each in POSTS]}


def travel() -> Row:
    """Airports, each with its city, that with its country, that with what its money is worth."""
    rates = {each["code"]: _pick(each, "code", "rate") for each in RATES}
    countries = {each["code"]: _pick(each, "code", "name") | {"money": rates[each["currency"]]} for each in COUNTRIES}
    cities = {each["id"]: _pick(each, "name") | {"country": countries[each["countryCode"]]} for each in CITIES}
    return {"airports": [_pick(each, "iata", "name") | {"city": cities[each["cityId"]]} for each in AIRPORTS]}


def list_of(count: int) -> Row:
    return {"rows": list(itertools.starmap(_pick, ((each, "id", "name", "score") for each in rows(count))))}
