"""Dates in headers (RFC 9110 5.6.7), in the three forms that a recipient must read. Pure."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"[A-Z][a-z]{{2}}, (?P<day>\d\d) (?P<month>[A-Z][a-z]{{2}}) (?P<year>\d{{4}}) {_TIME} GMT",  # of today
        rf"[A-Z][a-z]{{5,8}}, (?P<day>\d\d)-(?P<month>[A-Z][a-z]{{2}})-(?P<year>\d\d) {_TIME} GMT",  # RFC 850
        rf"[A-Z][a-z]{{2}} (?P<month>[A-Z][a-z]{{2}}) (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})",  # asctime()
    )
)


def http_date(text: str) -> float | None:
    """Seconds since 1970, or None if it is no date."""
    found = next(filter(None, (form.fullmatch(text.strip()) for form in _FORMS)), None)
    if found is None or found["month"] not in _MONTHS:
        return None
    try:
        day = datetime(_year(found["year"]), _MONTHS.index(found["month"]) + 1, int(found["day"]), tzinfo=UTC)
    except ValueError:
        return None
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"])
    if hour > 23 or minute > 59 or second > 60:  # 60: a leap second
        return None
    return float(timegm((day.year, day.month, day.day, hour, minute, second)))


def _year(digits: str) -> int:
    """Of two digits, what is not more than 50 years ahead; a fixed pivot is as good until 2049."""
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (2000 if year < 50 else 1900)
