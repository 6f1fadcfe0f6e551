"""The settings as JSON Schema, for editors: draft-07, which is what the yaml-language-server reads. Knows no setting.

Written from the model without `$ref`: draft-07 ignores whatever stands beside one, descriptions included.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from bff.config.kinds import Kind
from bff.config.model import Config

REFERENCE = {"type": "string", "pattern": r"\$\{"}  # what it stands for is known when the gateway starts


def json_schema() -> dict[str, Any]:
    """What `bff.yaml` may hold. Every value may be a `${NAME}` reference instead."""
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "bff.yaml"}
    return {**head, **_section(Config)}


def _section(model: type[BaseModel]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": _line(model.__doc__),
        "additionalProperties": False,
        "properties": {name: _setting(setting) for name, setting in model.model_fields.items()},
        "required": [name for name, setting in model.model_fields.items() if setting.is_required()],
    }


def _setting(setting: FieldInfo) -> dict[str, Any]:
    form = {**_form(setting.rebuild_annotation()), "description": _line(setting.description)}
    if setting.is_required() or "properties" in form:  # a section's defaults stand at its own settings
        return form
    default = setting.get_default(call_default_factory=True, validated_data={})
    return {**form, "default": TypeAdapter(setting.rebuild_annotation()).dump_python(default, mode="json")}


def _form(annotation: Any) -> dict[str, Any]:
    kind = _kind(annotation)
    if kind is not None:
        return {"anyOf": [kind.form(), REFERENCE]}
    bare = get_args(annotation)[0] if get_origin(annotation) in {Annotated, UnionType} else annotation
    if bare is not annotation:
        return _form(bare)
    if get_origin(bare) is Mapping:
        key, value = get_args(bare)
        return {"type": "object", "propertyNames": _key(key), "additionalProperties": _form(value)}
    if get_origin(bare) is tuple:
        return {"type": "array", "items": _form(get_args(bare)[0])}
    return _section(bare)


def _key(annotation: Any) -> dict[str, Any]:
    kind = _kind(annotation)
    return {"type": "string"} if kind is None else kind.form()


def _kind(annotation: Any) -> Kind | None:
    return next((item for item in get_args(annotation) if isinstance(item, Kind)), None)


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
