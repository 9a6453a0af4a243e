"""Turn whatever a student returned into plain floats: the value is followed, never the type's own methods."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from grader.sandbox.boundary.protocol import NonNumeric

SHOWN_CAP = 60
SAFE_TO_SHOW = (str, bytes, complex, type(None))


def number(value: Any) -> float | NonNumeric:
    """Return the float a value stands for, or say what it was instead.

    A bool, an int, a float, a numpy scalar or a float's subclass is its value, whatever comparisons
    the subclass defines. The type is looked up past any `__class__` that lies.
    """
    kind: Any = type(value)
    if kind is float:
        return value  # type: ignore[no-any-return] # an exact float has no methods of its own
    if kind is int or kind is bool:
        return _whole(value)
    if kind is NonNumeric:  # a driver has told what came instead
        return value  # type: ignore[no-any-return]
    ancestors = type.mro(kind)
    if float in ancestors:
        return float.__mul__(value, 1.0)
    if int in ancestors:
        return _whole(value)
    if Fraction in ancestors or Decimal in ancestors or _from_numpy(kind):
        try:
            if _from_numpy(kind):  # scalars, and arrays of one number
                item = value.item()
                return number(item) if type(item) in (bool, int, float) else odd(value)
            plain = kind.__float__(value)
        except Exception:
            return odd(value)
        return plain if type(plain) is float else odd(value)
    return odd(value)


def of_those_asked(value: Any, arity: int, skipped: tuple[int, ...]) -> tuple[float | NonNumeric, ...] | NonNumeric:
    """Return a gradient per argument, as `gradients` does, and 0 for those that are `skipped`.

    What came in a skipped place may be anything at all, and may have been left out.
    """
    if not skipped:
        return gradients(value, arity)
    if getattr(value, "ndim", 0) == 1:
        value = tuple(value)
    if isinstance(value, (tuple, list)) and len(value) == arity:
        value = tuple(one for i, one in enumerate(value) if i not in skipped)
    came = gradients(value, arity - len(skipped))
    if isinstance(came, NonNumeric):
        return came
    left = iter(came)
    return tuple(0.0 if i in skipped else next(left) for i in range(arity))


def gradients(value: Any, arity: int) -> tuple[float | NonNumeric, ...] | NonNumeric:
    """Return one number an argument, or the odd thing that came instead.

    One argument's gradient may come bare or in a tuple or list of one; a bare zero stands for
    zeros, as comparisons' backwards are often written.
    """
    kind = type(value)
    if kind is float and arity == 1:
        return (value,)
    if kind is not tuple and kind is not list:
        ancestors = type.mro(kind)
        base: Any = next((base for base in (tuple, list) if base in ancestors), None)
        if base is not None:
            value = tuple(base.__iter__(value))
        elif _from_numpy(kind) and getattr(value, "ndim", 0) == 1:
            value = tuple(value)
        else:
            single = number(value)
            if arity == 1 or single == 0.0:
                return (single,) * arity
            return single if type(single) is NonNumeric else NonNumeric("one number", repr(single))
    items = tuple(value)
    if len(items) == 2 == arity and type(items[0]) is float is type(items[1]):
        return items
    if len(items) != arity:
        return NonNumeric(f"{'tuple' if kind is not list else 'list'} of {len(items)}")
    return tuple([number(item) for item in items])


def odd(value: Any) -> NonNumeric:
    """Describe a value that is no number without running any code of its own."""
    kind = type(value)
    name = "None" if value is None else type.__getattribute__(kind, "__name__")
    shown = repr(value[:SHOWN_CAP] if kind in (str, bytes) else value) if kind in SAFE_TO_SHOW else ""
    return NonNumeric(str(name)[:SHOWN_CAP], shown[: 2 * SHOWN_CAP])


def _whole(value: Any) -> float | NonNumeric:
    try:
        return int.__float__(value)
    except OverflowError:
        return NonNumeric("int", "an integer too large for a float")


def _from_numpy(kind: type) -> bool:
    return any(base.__module__ == "numpy" for base in type.mro(kind)[:-1] if type(base.__module__) is str)
