"""JSON Schemas of everything that is read or written, from the same records that decode it."""

from __future__ import annotations

import typing
from fractions import Fraction
from typing import Annotated, Any, Literal

import msgspec

from grader.config import ConfigForm
from grader.exercises import ExerciseForm
from grader.model import Result

FRACTION = Annotated[str, msgspec.Meta(pattern=r"^-?\d+(/\d+)?$", description="an exact fraction, as in 3/2")]

RECORDS: dict[str, tuple[type[msgspec.Struct], Any]] = {
    "exercise": (ExerciseForm, float | FRACTION),
    "config": (ConfigForm, float | FRACTION),
    "result": (Result, FRACTION),
}
"""What is described, and how its points are put down: people write numbers, results are exact."""


def schema(of: Literal["exercise", "config", "result"]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one kind of file."""
    record, points = RECORDS[of]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"autodiff-grader {of}, format 1",
        **msgspec.json.schema(_plain(record, points, {})),
    }


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


def _record(kind: type[msgspec.Struct], points: Any, done: dict[Any, Any]) -> type[msgspec.Struct]:
    hints = typing.get_type_hints(kind)
    fields = []
    for field in msgspec.structs.fields(kind):
        rest: Any = {"default": field.default, "default_factory": field.default_factory}
        fields.append(
            (field.name, _plain(hints[field.name], points, done), msgspec.field(name=field.encode_name, **rest))
        )
    closed = kind.__struct_config__.forbid_unknown_fields
    namespace = {"__doc__": kind.__doc__}
    return msgspec.defstruct(kind.__name__, fields, namespace=namespace, forbid_unknown_fields=closed, kw_only=True)
