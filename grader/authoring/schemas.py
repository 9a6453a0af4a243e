"""JSON Schemas of everything that is read or written, from the same records that decode it."""

from __future__ import annotations

import inspect
import typing
from fractions import Fraction
from typing import Annotated, Any, Literal

import msgspec

from grader.assignment.exercise import DEFAULT_KIND
from grader.authoring import schema_rules
from grader.exercise_kinds.kinds import KINDS
from grader.grading.config import ConfigForm
from grader.model import Result
from grader.reports.fractions import number

FRACTION = Annotated[str, msgspec.Meta(pattern=r"^-?\d+(/\d+)?$", description="an exact fraction, as in 3/2")]

SEVERAL = "SeveralExercises"

RECORDS: dict[str, tuple[tuple[type[msgspec.Struct], ...], Any]] = {
    "exercise": (tuple(kind.form for kind in KINDS.values()), float | FRACTION),
    "config": ((ConfigForm,), float | FRACTION),
    "result": ((Result,), FRACTION),
}
"""What is described, and how its points are put down: people write numbers, results are exact."""


def schema(of: Literal["exercise", "config", "result"]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one kind of file."""
    records, points = RECORDS[of]
    done: dict[Any, Any] = {}
    plain = [_plain(record, points, done) for record in records]
    references, definitions = msgspec.json.schema_components(plain, ref_template="#/$defs/{name}")
    title = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"autodiff-grader {of}, format 1",
    }
    if of == "result":
        return {**title, **references[0], "$defs": definitions}
    if of == "exercise":
        _tell_kinds_apart(definitions)
    definitions = schema_rules.one_error_each(definitions)
    if of == "config":
        schema_rules.hold_config(definitions)
        return {**title, **references[0], "$defs": definitions}
    schema_rules.hold_exercises(definitions)
    definitions[SEVERAL] = schema_rules.several(definitions)
    return {**title, **schema_rules.by_kind(SEVERAL), "$defs": definitions}


def _tell_kinds_apart(definitions: dict[str, Any]) -> None:
    for kind in KINDS.values():
        form = definitions[kind.form.__name__]
        form["properties"]["kind"] = {"const": kind.name}
        if kind.name != DEFAULT_KIND:
            form["required"].append("kind")


def _plain(kind: Any, points: Any, done: dict[Any, Any]) -> Any:
    """Return a type with every Fraction in it replaced: msgspec describes no custom type inside a union."""
    if kind is Fraction:
        return points
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind not in done:
            done[kind] = _record(kind, points, done)
        return done[kind]
    inner = typing.get_args(kind)
    if not inner or typing.get_origin(kind) is Literal:
        return kind
    plain = tuple(_plain(one, points, done) if one is not Ellipsis else one for one in inner)
    origin = typing.get_origin(kind)
    return origin[plain] if isinstance(origin, type) and origin in (tuple, dict) else typing.Union[plain]  # noqa: UP007 - built at run time


def _default(default: Any, points: Any, done: dict[Any, Any]) -> Any:
    """Return a default as it would be written, a record's with its own plain type: JSON knows no fraction."""
    if isinstance(default, Fraction):
        return number(default)
    if isinstance(default, msgspec.Struct):
        fields = {name: _default(getattr(default, name), points, done) for name in default.__struct_fields__}
        return _plain(type(default), points, done)(**fields)
    return default


def _record(kind: type[msgspec.Struct], points: Any, done: dict[Any, Any]) -> type[msgspec.Struct]:
    hints = typing.get_type_hints(kind)
    fields = []
    for field in msgspec.structs.fields(kind):
        rest: Any = {"default": _default(field.default, points, done), "default_factory": field.default_factory}
        fields.append(
            (field.name, _plain(hints[field.name], points, done), msgspec.field(name=field.encode_name, **rest))
        )
    closed = kind.__struct_config__.forbid_unknown_fields
    namespace = {"__doc__": inspect.cleandoc(kind.__doc__ or "")}  # Python 3.13 dedents by itself
    options: Any = {"forbid_unknown_fields": closed, "kw_only": True, "frozen": True}
    return msgspec.defstruct(kind.__name__, fields, namespace=namespace, **options)
