"""The settings as JSON Schema, for editors: draft-07, which is what the yaml-language-server reads. Knows no setting.

Written from the model without `$ref`: draft-07 ignores whatever stands beside one, descriptions included. The text
below a setting is read here, from its source: pydantic would read it at every start, where nobody looks at it.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from bff.config.kinds import Kind
from bff.config.model import Config
from bff.config.settings import Settings

REFERENCE = {"type": "string", "pattern": r"\$\{"}  # what it stands for is known when the gateway starts


def json_schema() -> dict[str, Any]:
    """What `bff.yaml` may hold. Every value may be a `${NAME}` reference instead."""
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "bff.yaml"}
    return {**head, **_section(Config)}


def _section(model: type[BaseModel]) -> dict[str, Any]:
    told = dict(_texts(model))
    return {
        "type": "object",
        "description": _line(model.__doc__),
        "additionalProperties": False,
        "properties": {name: _setting(setting, told.get(name, "")) for name, setting in model.model_fields.items()},
        "required": [name for name, setting in model.model_fields.items() if setting.is_required()],
    }


def _texts(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Each setting's name, and the text that stands below it."""
    for section in (each for each in reversed(model.__mro__) if issubclass(each, Settings)):
        (made,) = ast.parse(inspect.getsource(section)).body
        for setting, text in pairwise(made.body if isinstance(made, ast.ClassDef) else ()):
            match setting, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                    yield name, words


def _setting(setting: FieldInfo, text: str) -> dict[str, Any]:
    form = {**_form(setting.rebuild_annotation()), "description": _line(text)}
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
