"""A FastAPI app as every service here is one: problems for errors, operation ids, a document that tells the truth."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from backends import problems

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[dict[str, Any]]]


class Api(FastAPI):
    """One service. Its OpenAPI document is at /openapi.json; FastAPI's HTML pages load from a CDN and are off."""

    def __init__(self, title: str, description: str, lifespan: Lifespan | None = None) -> None:
        super().__init__(
            title=title,
            description=description,
            version="1.0.0",
            docs_url=None,
            redoc_url=None,
            lifespan=lifespan,
            generate_unique_id_function=_operation_id,
        )
        self.add_exception_handler(problems.ProblemError, problems.on_problem)
        self.add_exception_handler(HTTPException, problems.on_http_error)
        self.add_exception_handler(RequestValidationError, problems.on_invalid)

    def openapi(self) -> dict[str, Any]:
        """FastAPI's document, made true where FastAPI cannot know better."""
        if self.openapi_schema is None:
            document = super().openapi()
            for path in document["paths"].values():
                for operation in path.values():
                    _without_impossible_errors(operation["responses"])
                    _as_problems(operation["responses"])
                    _without_null(operation.get("parameters", []))
            for name in ("HTTPValidationError", "ValidationError"):
                document["components"]["schemas"].pop(name, None)
        return self.openapi_schema or {}


def _operation_id(route: APIRoute) -> str:
    return route.name


def _without_impossible_errors(responses: dict[str, Any]) -> None:
    """FastAPI adds a 422 of its own wherever there is a parameter; ours are declared where they can happen."""
    if responses.get("422", {}).get("description") == "Validation Error":
        del responses["422"]


def _as_problems(responses: dict[str, Any]) -> None:
    """Errors have the media type that they are sent with."""
    for status, response in responses.items():
        if status >= "400":
            response["content"] = {problems.MEDIA_TYPE: response["content"]["application/json"]}


def _without_null(parameters: list[dict[str, Any]]) -> None:
    """A parameter that may be missing is `T | None` to FastAPI, but no query can say null."""
    for parameter in parameters:
        kinds = parameter["schema"].pop("anyOf", None)
        if kinds is not None:
            (kind,) = (kind for kind in kinds if kind != {"type": "null"})
            parameter["schema"].update(kind)


def comma_list(name: str, description: str, *, required: bool, most: int) -> dict[str, Any]:
    """The `openapi_extra` of an array parameter sent as `name=a,b` (not exploded), which FastAPI cannot declare."""
    schema = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": most}
    parameter = {"name": name, "in": "query", "required": required, "style": "form", "explode": False}
    return {"parameters": [{**parameter, "description": description, "schema": schema}]}
