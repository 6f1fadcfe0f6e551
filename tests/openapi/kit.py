"""Documents for tests: a whole one around what a test is about, and the schema that it comes to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bff.openapi.model import Document
from bff.openapi.read import read
from bff.openapi.report import Report
from bff.openapi.schema import Schema


def whole(schema: Any = None, *, version: str = "3.1.0", components: Any = None, **more: Any) -> dict[str, Any]:
    """A document with one operation, GET /thing, that answers with `schema`; a Swagger one where `version` is 2.0."""
    answer: dict[str, Any] = {"description": "ok"}
    if schema is not None:
        answer |= {"schema": schema} if version == "2.0" else {"content": {"application/json": {"schema": schema}}}
    made = {
        "info": {"title": "Things", "version": "1"},
        "paths": {"/thing": {"get": {"responses": {"200": answer}}}},
        **more,
    }
    if version == "2.0":
        return {"swagger": "2.0", "definitions": components or {}, **made}
    return {"openapi": version, "components": {"schemas": components or {}}, **made}


def write(folder: Path, document: Any, name: str = "api.json") -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return str(path)


def reading(folder: Path, document: Any) -> tuple[Document, Report]:
    """The API of a document, and what was noted. The document is `api.json` in `folder`."""
    report = Report()
    return read([write(folder, document)], report)[0], report


def schema_of(folder: Path, schema: Any, **more: Any) -> tuple[Schema, Document, Report]:
    """What a schema in an answer comes to."""
    document, report = reading(folder, whole(schema, **more))
    return document.operations[0].responses[0].content[0].schema, document, report


def codes(report: Report) -> list[str]:
    return [note.code for note in report.notes]
