"""Trips: the one service with writes and private data, in SQLite.

Its habits: every call needs a bearer token (JWT) and sees only its subject's rows: another user's trip is a 404, not
a 403. Writes are checked by version, and told to who listens for them (server-sent events). Tokens are signed with
TRIPS_SECRET (HS256), or by the issuer whose keys are at TRIPS_JWKS (RS256). TRIPS_DB is a file (default: kept in
memory).
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, NoReturn

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from backends import tokens
from backends.api import Api
from backends.levers import STOPPING
from backends.problems import ProblemError, answers, header, invalid
from backends.trip import NewTrip, Trip, TripChange
from backends.trip_feed import TripFeed
from backends.trip_store import StaleError, TripStore

HEARTBEAT_SECONDS = 15.0

bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="HS256 or RS256, with exp and sub.")


class Page(BaseModel):
    """Some of the caller's trips, the first to start first."""

    items: list[Trip]
    total: int


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """The database is open while the service runs."""
    store = TripStore(os.environ.get("TRIPS_DB") or ":memory:")
    try:
        yield {"store": store, "feed": TripFeed(), "jwks": tokens.published()}
    finally:
        store.close()


def subject(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> str:
    """Whose token this is (RFC 6750). Without a valid one: 401, the same for every cause."""
    if credentials is None:
        raise ProblemError(401, "A bearer token is needed.", headers={"www-authenticate": 'Bearer realm="trips"'})
    owner = tokens.subject_of(credentials.credentials, tokens.secret(), request.state.jwks)
    if owner is None:
        challenge = 'Bearer realm="trips", error="invalid_token"'
        raise ProblemError(401, "The bearer token is not valid.", headers={"www-authenticate": challenge})
    return owner


def opened(request: Request) -> TripStore:
    store: TripStore = request.state.store
    return store


def feed_of(request: Request) -> TripFeed:
    feed: TripFeed = request.state.feed
    return feed


Owner = Annotated[str, Depends(subject)]
Store = Annotated[TripStore, Depends(opened)]
Feed = Annotated[TripFeed, Depends(feed_of)]

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The events, for as long as the caller listens.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


def create_app() -> Api:
    """The service. Its routes are not coroutines: SQLite blocks, so they run on threads."""
    app = Api("Trips", "Trips of the user in the token.", lifespan)

    @app.get("/trips", tags=["trips"], responses=answers(401, 422))
    def list_trips(
        owner: Owner,
        store: Store,
        limit: Annotated[int, Query(ge=1, le=100, description="The most rows to answer with.")] = 20,
        offset: Annotated[int, Query(ge=0, description="How many rows to skip.")] = 0,
    ) -> Page:
        """The caller's trips, by the day they start."""
        rows, total = store.page(owner, limit, offset)
        return Page(items=[Trip.model_validate(row) for row in rows], total=total)

    @app.get("/trips/events", tags=["trips"], response_class=StreamingResponse, responses={**STREAM, **answers(401)})
    async def listen(owner: Owner, feed: Feed, request: Request) -> StreamingResponse:
        """The caller's trips as they are written: `created`, `changed` and `deleted`, each with the row."""
        stopping: asyncio.Event = request.scope["extensions"][STOPPING]
        return StreamingResponse(events(feed, owner, stopping), media_type="text/event-stream")

    @app.get("/trips/{id}", tags=["trips"], responses=answers(401, 404))
    def get_trip(id: str, owner: Owner, store: Store) -> Trip:  # noqa: A002 - the path's name for it
        """One of the caller's trips."""
        return Trip.model_validate(store.get(owner, id) or missing(id))

    @app.post(
        "/trips", tags=["trips"], status_code=201, responses={201: {"headers": header("Location")}, **answers(401, 422)}
    )
    def create_trip(new: NewTrip, owner: Owner, store: Store, feed: Feed, response: Response) -> Trip:
        """A new trip, planned."""
        row = in_order({**new.model_dump(mode="json"), "status": "planned"})
        added = store.add(owner, row)
        feed.tell(owner, "created", added)
        trip = Trip.model_validate(added)
        response.headers["location"] = f"/trips/{trip.id}"
        return trip

    @app.patch("/trips/{id}", tags=["trips"], responses=answers(401, 404, 409, 422))
    def change_trip(id: str, change: TripChange, owner: Owner, store: Store, feed: Feed) -> Trip:  # noqa: A002 - as above
        """Change some fields. With `version`, only if the trip is still at that version; else 409."""
        row = changed(store, owner, id, change)
        feed.tell(owner, "changed", row)
        return Trip.model_validate(row)

    @app.delete("/trips/{id}", tags=["trips"], status_code=204, responses=answers(401, 404))
    def delete_trip(id: str, owner: Owner, store: Store, feed: Feed) -> None:  # noqa: A002 - as above
        """Delete one of the caller's trips."""
        feed.tell(owner, "deleted", store.remove(owner, id) or missing(id))

    return app


def changed(store: TripStore, owner: str, trip_id: str, change: TripChange) -> dict[str, Any]:
    """The row after the change."""
    fields = change.model_dump(mode="json", exclude_unset=True, exclude={"version"})
    try:
        trip = store.change(owner, trip_id, change.version, lambda current: in_order({**current, **fields}))
    except StaleError as stale:
        detail = f"The trip is at version {stale.current_version}, not {change.version}."
        raise ProblemError(409, detail, current_version=stale.current_version) from stale
    return trip or missing(trip_id)


async def events(feed: TripFeed, owner: str, stopping: asyncio.Event) -> AsyncIterator[str]:
    """What is written of the owner's trips, as server-sent events; a comment now and then breaks the silence."""
    with feed.heard(owner) as listener:
        yield ": hello\n\n"
        while not (stopping.is_set() or listener.deaf):
            written = await listener.next(stopping, HEARTBEAT_SECONDS)
            yield f"event: {written.how}\ndata: {json.dumps(written.trip)}\n\n" if written else ":\n\n"


def in_order(row: dict[str, Any]) -> dict[str, Any]:
    """The same row, if it makes sense as a whole: ISO dates compare as text."""
    if row["ends_on"] < row["starts_on"]:
        invalid(("ends_on", "ends before it starts"))
    return row


def missing(trip_id: str) -> NoReturn:
    raise ProblemError(404, f"There is no trip {trip_id}.")
