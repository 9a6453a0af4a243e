"""Turn whatever a student returned into the entries of an array and its shape, or say what it was instead."""

from __future__ import annotations

import functools
from typing import Any

from grader.sandbox.boundary.protocol import MOST_TOLD, ArrayTold, NonNumeric
from grader.sandbox.worker.plain import number, odd

MOST_TOLD_AXES = 16
"""Axes of an array that is told."""

NUMBERS = "fiub"
"""numpy's letters for numbers that are real."""


@functools.cache
def numpy() -> Any:
    """Return numpy. It is imported where a question on arrays is answered, and nowhere else in the box."""
    import numpy

    return numpy


@functools.cache
def _usual() -> tuple[type, Any]:
    """Return the type of an array, and what entries are kept in as a rule."""
    return numpy().ndarray, numpy().dtype("float64")


def array_told(value: Any, bare: bool = False) -> ArrayTold | NonNumeric:
    """Return an array as it is told. `bare`: it came where a variable of the student's should have."""
    if bare:
        was = odd(value)
        return NonNumeric("None" if value is None else f"bare {was.was}, no variable", was.shown)
    kind: Any = type(value)
    array, double = _usual()
    if kind is array and value.dtype is double and value.size <= MOST_TOLD and value.ndim <= MOST_TOLD_AXES:
        return ArrayTold(value.shape, tuple(value.ravel().tolist()))  # as nearly always; no code of the student's runs
    if kind is float:
        return ArrayTold((), (value,))
    np = numpy()
    ancestors = type.mro(kind)
    if np.ndarray in ancestors or np.generic in ancestors:
        return _from_numpy(np, np.asarray(np.ndarray.view(value, np.ndarray) if np.ndarray in ancestors else value))
    if kind in (list, tuple):
        return _from_list(np, value)
    plain = number(value)
    return ArrayTold((), (plain,)) if type(plain) is float else plain  # type: ignore[return-value]


def _from_numpy(np: Any, array: Any) -> ArrayTold | NonNumeric:
    shape, name = tuple(map(int, array.shape)), str(array.dtype)[:20]
    if array.dtype.kind == "O":
        return _from_objects(array, shape)
    if array.dtype.kind not in NUMBERS:
        return NonNumeric(f"array of {name}")
    if array.size > MOST_TOLD or len(shape) > MOST_TOLD_AXES:
        return ArrayTold(shape[:MOST_TOLD_AXES], (), name) if array.size > MOST_TOLD else NonNumeric("array")
    return ArrayTold(shape, tuple(array.astype(np.float64).ravel().tolist()), name)


def _from_objects(array: Any, shape: tuple[int, ...]) -> ArrayTold | NonNumeric:
    """Return an array of Python's own numbers; of others say what they are."""
    if array.size > MOST_TOLD:
        return NonNumeric("array of objects")
    entries = [number(one) for one in array.ravel().tolist()]
    other = next((one for one in entries if type(one) is not float), None)
    if other is None:
        return ArrayTold(shape, tuple(entries), "float64")  # type: ignore[arg-type]
    return NonNumeric(f"array of {other.was}")  # type: ignore[union-attr]


def _from_list(np: Any, value: Any) -> ArrayTold | NonNumeric:
    try:
        made = np.array(value, dtype=np.float64)
    except Exception:  # ragged, or of something that is no number
        return odd(value)
    return _from_numpy(np, made)
