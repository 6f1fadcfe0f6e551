"""Plausible texts and numbers for a member by its name: `email`, `city`, `latitude`. A table; knows no schema.

Everything here is invented or common knowledge; hosts are of RFC 2606, numbers of nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bff.mock.dice import Dice

FIRST = (
    "Ana",
    "Bruno",
    "Chidi",
    "Dana",
    "Emil",
    "Farah",
    "Goran",
    "Hana",
    "Ines",
    "Jonas",
    "Kim",
    "Lena",
    "Mio",
    "Noor",
)
LAST = ("Almeida", "Berg", "Castro", "Dahl", "Evans", "Fischer", "Garcia", "Haddad", "Ito", "Jensen", "Kaya", "Lopez")
CITIES = ("Lisbon", "Porto", "Madrid", "Oslo", "Vienna", "Nairobi", "Lima", "Osaka", "Hanoi", "Quito", "Perth", "Accra")
COUNTRIES = ("PT", "ES", "NO", "AT", "KE", "PE", "JP", "VN", "EC", "AU", "GH", "CA", "BR", "IN", "FR", "IT")
CURRENCIES = ("EUR", "USD", "GBP", "JPY", "NOK", "CHF", "BRL", "INR")
LANGUAGES = ("en", "pt", "es", "no", "de", "sw", "ja", "vi", "fr")
ZONES = ("Europe/Lisbon", "Europe/Oslo", "Africa/Nairobi", "America/Lima", "Asia/Tokyo", "Australia/Perth")
ADJECTIVES = ("amber", "brisk", "calm", "deep", "early", "fine", "green", "high", "inner", "late", "mild", "north")
NOUNS = ("bridge", "coast", "field", "garden", "harbour", "hill", "lake", "market", "river", "station", "tower", "yard")
COLOURS = ("red", "green", "blue", "amber", "violet", "grey")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Text = Callable[[Dice, str], str]


def _of(*words: str) -> Text:
    return lambda dice, place: dice.pick(words, place)


def _two(dice: Dice, place: str) -> str:
    return f"{dice.pick(ADJECTIVES, place, 1)} {dice.pick(NOUNS, place, 2)}"


def _title(dice: Dice, place: str) -> str:
    return _two(dice, place).title()


def _person(dice: Dice, place: str) -> str:
    return f"{dice.pick(FIRST, place, 1)} {dice.pick(LAST, place, 2)}"


def _sentence(dice: Dice, place: str) -> str:
    return f"The {_two(dice, place)} is by the {dice.pick(NOUNS, place, 3)}."


def _email(dice: Dice, place: str) -> str:
    return f"{dice.pick(FIRST, place, 1)}.{dice.pick(LAST, place, 2)}@example.com".lower()


def _url(dice: Dice, place: str) -> str:
    return f"https://example.com/{_two(dice, place).replace(' ', '/')}"


def _phone(dice: Dice, place: str) -> str:
    return f"+1 555 01{dice.number(100, place):02}"


def _street(dice: Dice, place: str) -> str:
    return f"{dice.number(200, place, 1) + 1} {dice.pick(NOUNS, place, 2).title()} Street"


def _letters(count: int) -> Text:
    return lambda dice, place: "".join(dice.pick(LETTERS, place, at) for at in range(count))


def _digits(dice: Dice, place: str) -> str:
    return str(dice.number(9_000, place) + 1_000)


def day(dice: Dice, place: str) -> str:
    return f"20{20 + dice.number(10, place, 1)}-{dice.number(12, place, 2) + 1:02}-{dice.number(28, place, 3) + 1:02}"


def _moment(dice: Dice, place: str) -> str:
    return f"{day(dice, place)}T{dice.number(24, place, 4):02}:{dice.number(60, place, 5):02}:00Z"


# The first that is found in "type member", words in lower case, wins.
TEXTS: tuple[tuple[str, Text], ...] = (
    (r"e?mail$", _email),
    (r"(url|uri|href|link|website|homepage|image|avatar|picture|logo)$", _url),
    (r"(phone|mobile|fax)", _phone),
    (r"iata$", _letters(3)),
    (r"icao$", _letters(4)),
    (r"(currency|currency code|symbol|base)$", _of(*CURRENCIES)),
    (r"(country|country code|nationality|neighbours)$|^country (code|id)$", _of(*COUNTRIES)),
    (r"\bcity( name)?$|town$|capital$", _of(*CITIES)),
    (r"(language|languages|lang|locale)$", _of(*LANGUAGES)),
    (r"(timezone|time zone|tz)$", _of(*ZONES)),
    (r"(street|address|line ?\d)$", _street),
    (r"(postcode|postal code|zip|zip code)$", _digits),
    (r"(created|updated|deleted|modified|published|ended|started).*$| at$|timestamp$|datetime$", _moment),
    (r"(date|day|birthday|born)$| on$", day),
    (r"first name$|given name$", _of(*FIRST)),
    (r"(last name|surname|family name)$", _of(*LAST)),
    (r"(user|author|owner|person|customer|contact|employee|member) name$|(full name|username|author|owner)$", _person),
    (r"(colou?r)$", _of(*COLOURS)),
    (r"code$", _letters(3)),
    (r"\b(id|uuid|key|ref)$", _digits),
    (r"(description|summary|text|note|comment|bio|message|detail|body|content)$", _sentence),
    (r"(name|title|label)$", _title),
)

# Whole numbers, from the first on and below the second.
NUMBERS: tuple[tuple[str, tuple[int, int]], ...] = (
    (r"\byear$", (1990, 2030)),
    (r"\bmonth$", (1, 13)),
    (r"\bday$", (1, 29)),
    (r"\bhour$", (0, 24)),
    (r"(minute|second)s?$", (0, 60)),
    (r"\bage$", (18, 80)),
    (r"(population|views|followers|downloads)$", (1_000, 5_000_000)),
    (r"(latitude|\blat)$", (-90, 90)),
    (r"(longitude|\blon|\blng)$", (-180, 180)),
    (r"(rating|stars|score)$", (1, 6)),
    (r"(percent|percentage|progress)$", (0, 101)),
    (r"(version|revision)$", (1, 10)),
    (r"(price|amount|total|balance|cost)$", (1, 500)),
    (r"(count|quantity|number|size)$", (1, 50)),
)

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-.]+")


def spelled(*names: str) -> str:
    """Names as words: `areaKm2` is "area km2"."""
    return " ".join(_HUMP.sub(" ", name) for name in names).lower()


def text_of(words: str, dice: Dice, place: str) -> str:
    """A text for what is called `words`; `place` is what it is drawn for."""
    return next((text for pattern, text in TEXTS if re.search(pattern, words)), _two)(dice, place)


def number_of(words: str, dice: Dice, place: str) -> int:
    low, high = next((span for pattern, span in NUMBERS if re.search(pattern, words)), (1, 1_000))
    return low + dice.number(high - low, place)
