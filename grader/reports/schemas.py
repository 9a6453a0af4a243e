"""JSON Schemas of everything that is read or written, from the same records that decode it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

import msgspec

from grader.config import ConfigForm
from grader.exercises import ExerciseForm
from grader.model import Result

RECORDS: dict[str, type[msgspec.Struct]] = {"exercise": ExerciseForm, "config": ConfigForm, "result": Result}
FRACTION = r"^-?\d+(/\d+)?$"


def schema(of: Literal["exercise", "config", "result"]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one kind of file."""
    hook = _as_stored if of == "result" else _as_written
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"autodiff-grader {of}, format 1",
        **msgspec.json.schema(RECORDS[of], schema_hook=hook),
    }


def _as_stored(kind: type) -> dict[str, Any]:
    if kind is Fraction:
        return {"type": "string", "pattern": FRACTION, "description": "points, an exact fraction"}
    raise NotImplementedError(kind)


def _as_written(kind: type) -> dict[str, Any]:
    if kind is Fraction:
        return {
            "anyOf": [{"type": "number"}, {"type": "string", "pattern": FRACTION}],
            "description": "points",
        }
    raise NotImplementedError(kind)
