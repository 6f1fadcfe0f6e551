"""Problem details (RFC 9457): how every service here says no. Knows no service and no route."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, NoReturn

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """An error body, RFC 9457 section 3."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    type: str = Field(default="about:blank", description="A URI that names the kind of problem.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What went wrong in this request.")


class Mistake(BaseModel):
    """One thing that is wrong in a request."""

    field: str = Field(description="Where: a dotted path into the body, or a parameter's name.")
    message: str = Field(description="What is wrong there.")


class InvalidProblem(Problem):
    """A request that was understood and refused, with every mistake in it."""

    errors: list[Mistake]


class ConflictProblem(Problem):
    """A change that was made against an older version than the current one."""

    current_version: int


class ProblemError(Exception):
    """Ends a request with a problem. `members` are extension members of the body, RFC 9457 section 3.2."""

    def __init__(self, status: int, detail: str, *, headers: dict[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers
        self.members = members

    def body(self) -> dict[str, Any]:
        title = HTTPStatus(self.status).phrase
        return {"type": "about:blank", "title": title, "status": self.status, "detail": self.detail, **self.members}


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route declares about its errors, in FastAPI's `responses` form."""
    models: dict[int, type[Problem]] = {409: ConflictProblem, 422: InvalidProblem}
    return {
        status: {
            "model": models.get(status, Problem),
            "description": HTTPStatus(status).phrase,
            "headers": header("WWW-Authenticate") if status == 401 else {},
        }
        for status in statuses
    }


def header(name: str) -> dict[str, Any]:
    """How OpenAPI writes down that an answer has this header."""
    return {name: {"schema": {"type": "string"}}}


def invalid(*mistakes: tuple[str, str]) -> NoReturn:
    """Refuse a request for the named (field, message) mistakes."""
    errors = [{"field": field, "message": message} for field, message in mistakes]
    raise ProblemError(422, "The request has mistakes.", errors=errors)


async def on_problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProblemError)  # noqa: S101 - Starlette's handler type is wider than its lookup
    return JSONResponse(error.body(), error.status, error.headers, MEDIA_TYPE)


async def on_http_error(request: Request, error: Exception) -> JSONResponse:
    """The framework's own refusals: no such path, no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - see on_problem
    headers = dict(error.headers) if error.headers else None
    return await on_problem(request, ProblemError(error.status_code, str(error.detail), headers=headers))


async def on_invalid(request: Request, error: Exception) -> JSONResponse:
    """Parameters and bodies that do not fit what the route declares."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - see on_problem
    errors = [{"field": _field(each["loc"]), "message": str(each["msg"])} for each in error.errors()]
    return await on_problem(request, ProblemError(422, "The request has mistakes.", errors=errors))


def _field(loc: tuple[str | int, ...]) -> str:
    """FastAPI's ("body", "stops", 0, "iata") is "stops.0.iata" to the one who sent it."""
    return ".".join(str(part) for part in loc[1:]) or str(loc[0])
