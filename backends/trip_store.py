"""Trips in SQLite. Every question names the owner, so that no answer can hold another user's row. Knows no HTTP."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable
from threading import Lock
from typing import Any, Final

Trip = dict[str, Any]

COLUMNS: Final = ("id", "title", "starts_on", "ends_on", "stops", "budget", "status", "version")
JSON_COLUMNS: Final = ("stops", "budget")

SCHEMA: Final = """
create table if not exists trips (
  id text primary key, owner text not null, title text not null, starts_on text not null, ends_on text not null,
  stops text not null, budget text not null, status text not null, version integer not null);
create index if not exists trips_of_owner on trips (owner, starts_on, id);
"""


class StaleError(Exception):
    """The row has changed since the caller saw it."""

    def __init__(self, current_version: int) -> None:
        super().__init__(current_version)
        self.current_version = current_version


class TripStore:
    """One connection under one lock: SQLite writes one at a time anyway, ":memory:" is one database a connection."""

    def __init__(self, path: str) -> None:
        self._lock = Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        self._database.close()

    def page(self, owner: str, limit: int, offset: int) -> tuple[list[Trip], int]:
        """Some of the owner's trips, the first to start first, and how many there are."""
        with self._lock:
            total = self._database.execute("select count(*) from trips where owner = ?", (owner,)).fetchone()[0]
            rows = self._database.execute(
                f"select {', '.join(COLUMNS)} from trips where owner = ? order by starts_on, id limit ? offset ?",  # noqa: S608 - constants
                (owner, limit, offset),
            ).fetchall()
        return [_trip(row) for row in rows], total

    def get(self, owner: str, trip_id: str) -> Trip | None:
        with self._lock:
            return self._get(owner, trip_id)

    def add(self, owner: str, trip: Trip) -> Trip:
        """Store a new trip; its id and version are made here."""
        added = {**trip, "id": uuid.uuid4().hex, "version": 1}
        with self._lock:
            marks = ", ".join(f":{column}" for column in COLUMNS)
            self._database.execute(
                f"insert into trips (owner, {', '.join(COLUMNS)}) values (:owner, {marks})",  # noqa: S608 - constants
                {"owner": owner, **_stored(added)},
            )
        return added

    def change(self, owner: str, trip_id: str, seen: int | None, change: Callable[[Trip], Trip]) -> Trip | None:
        """Store what `change` makes of a trip. None if there is none; StaleError if it is not at version `seen`."""
        with self._lock:
            current = self._get(owner, trip_id)
            if current is None:
                return None
            if seen not in (None, current["version"]):
                raise StaleError(current["version"])
            stored = {**change(current), "id": trip_id, "version": current["version"] + 1}
            sets = ", ".join(f"{column} = :{column}" for column in COLUMNS if column != "id")
            self._database.execute(f"update trips set {sets} where id = :id", _stored(stored))  # noqa: S608 - constants
        return stored

    def remove(self, owner: str, trip_id: str) -> Trip | None:
        """The trip that was; None if there is none."""
        with self._lock:
            gone = self._get(owner, trip_id)
            self._database.execute("delete from trips where owner = ? and id = ?", (owner, trip_id))
        return gone

    def _get(self, owner: str, trip_id: str) -> Trip | None:
        row = self._database.execute(
            f"select {', '.join(COLUMNS)} from trips where owner = ? and id = ?",  # noqa: S608 - constants
            (owner, trip_id),
        ).fetchone()
        return None if row is None else _trip(row)


def _trip(row: tuple[Any, ...]) -> Trip:
    trip = dict(zip(COLUMNS, row, strict=True))
    return {**trip, **{column: json.loads(trip[column]) for column in JSON_COLUMNS}}


def _stored(trip: Trip) -> Trip:
    return {**trip, **{column: json.dumps(trip[column]) for column in JSON_COLUMNS}}
