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
        """FastAPI's document, where errors have the media type that they are sent with."""
        document = super().openapi()
        for operation in _operations(document):
            for status, response in operation["responses"].items():
                if status >= "400" and "application/json" in response.get("content", {}):
                    response["content"][problems.MEDIA_TYPE] = response["content"].pop("application/json")
        return document


def _operation_id(route: APIRoute) -> str:
    return route.name


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def comma_list(name: str, description: str, *, required: bool, most: int) -> dict[str, Any]:
    """The `openapi_extra` of an array parameter sent as `name=a,b` (not exploded), which FastAPI cannot declare."""
    schema = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": most}
    parameter = {"name": name, "in": "query", "required": required, "style": "form", "explode": False}
    return {"parameters": [{**parameter, "description": description, "schema": schema}]}
