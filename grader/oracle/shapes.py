"""The shapes of arrays: what each operation makes of those it is given, by numpy's rules, or why it cannot."""

from __future__ import annotations

import math
from collections.abc import Sequence

Shape = tuple[int, ...]
Axes = int | tuple[int, ...] | None
"""Axes as an author writes them: one, several, or None for all."""

LARGEST_AXIS, MOST_AXES, MOST_ENTRIES = 64, 6, 512
"""An axis, the axes of an array, and its entries: more show nothing that fewer do not."""


class ShapeError(ValueError):
    """Shapes that an operation cannot be given; the message says which and what it needs."""


def size(shape: Shape) -> int:
    """Return the number of entries of an array.

    >>> size((2, 3)), size(())
    (6, 1)
    """
    return math.prod(shape)


def strides(shape: Shape) -> Shape:
    """Return by how many entries each axis steps, the last one by 1."""
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))


def broadcast(left: tuple[str, Shape], right: tuple[str, Shape]) -> Shape:
    """Return the shape of two arrays that are stretched to each other. Each is (what it is called, its shape).

    >>> broadcast(("a", (3, 1)), ("b", (4,)))
    (3, 4)
    >>> broadcast(("a", (3, 2)), ("b", (4,)))
    Traceback (most recent call last):
    grader.oracle.shapes.ShapeError: a is (3, 2) and b is (4,): from the right, axes must be equal or 1, and 2 is not 4
    """
    (_, a), (_, b) = left, right
    found = []
    for i in range(1, max(len(a), len(b)) + 1):
        m, n = (a[-i] if i <= len(a) else 1), (b[-i] if i <= len(b) else 1)
        if m != n and 1 not in (m, n):
            raise ShapeError(f"{_both(left, right)}: from the right, axes must be equal or 1, and {m} is not {n}")
        found.append(n if m == 1 else m)
    return tuple(reversed(found))


def matmul(left: tuple[str, Shape], right: tuple[str, Shape]) -> Shape:
    """Return the shape of a matrix product; axes before the last two are stretched to each other.

    >>> matmul(("a", (3, 1)), ("b", (4, 3)))
    Traceback (most recent call last):
    grader.oracle.shapes.ShapeError: a is (3, 1) and b is (4, 3): matmul needs 1 = 4
    """
    (_, a), (_, b) = left, right
    if not a or not b:
        raise ShapeError(f"{_both(left, right)}: matmul needs arrays with at least one axis each")
    inner = b[0] if len(b) == 1 else b[-2]
    if a[-1] != inner:
        raise ShapeError(f"{_both(left, right)}: matmul needs {a[-1]} = {inner}")
    before = broadcast((left[0], a[:-2]), (right[0], b[:-2]))
    return (*before, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))


def axes_of(called: tuple[str, Shape], axes: Axes) -> Shape:
    """Return axes counted from the front, in order; all where there is None. Raises ShapeError.

    >>> axes_of(("a", (2, 3, 4)), (-1, 0)), axes_of(("a", (2, 3)), None)
    ((0, 2), (0, 1))
    """
    name, shape = called
    if axes is None:
        return tuple(range(len(shape)))
    found = [_axis(called, axis) for axis in ((axes,) if isinstance(axes, int) else axes)]
    if len(set(found)) < len(found):
        raise ShapeError(f"an axis of {name} is named twice in {axes}")
    return tuple(sorted(found))


def _axis(called: tuple[str, Shape], axis: int) -> int:
    name, shape = called
    if not -len(shape) <= axis < len(shape):
        raise ShapeError(f"{name} is {shown(shape)}: it has no axis {axis}")
    return axis % len(shape)


def reduced(called: tuple[str, Shape], axes: Axes, keepdims: bool) -> Shape:
    """Return the shape that is left when axes are summed over."""
    gone = axes_of(called, axes)
    return tuple(1 if i in gone else n for i, n in enumerate(called[1]) if keepdims or i not in gone)


def reshaped(called: tuple[str, Shape], to: Shape) -> Shape:
    """Return the shape of a reshaped array; one -1 stands for what is left."""
    name, shape = called
    known = math.prod(n for n in to if n != -1)
    if to.count(-1) == 1 and known and size(shape) % known == 0:
        to = tuple(size(shape) // known if n == -1 else n for n in to)
    if any(n < 0 for n in to) or size(to) != size(shape):
        raise ShapeError(f"{name} is {shown(shape)}: its {size(shape)} entries do not fill {shown(to)}")
    return to


def stretched(called: tuple[str, Shape], to: Shape) -> Shape:
    """Return the shape of an array that is broadcast to one."""
    name, shape = called
    fits = len(shape) <= len(to) and all(n in (1, m) for n, m in zip(reversed(shape), reversed(to)))
    if not fits or any(m < 1 for m in to):
        raise ShapeError(f"{name} is {shown(shape)}: it cannot be stretched to {shown(to)}")
    return to


def order_of(called: tuple[str, Shape], order: Sequence[int]) -> Shape:
    """Return the order of axes that `permute` is given, counted from the front."""
    name, shape = called
    found = tuple(_axis(called, axis) for axis in order)
    if sorted(found) != list(range(len(shape))):
        raise ShapeError(
            f"{name} is {shown(shape)}: permute needs each of its {len(shape)} axes once, not {list(order)}"
        )
    return found


def swapped(called: tuple[str, Shape], axes: Sequence[int] | None) -> Shape:
    """Return the order of axes in which two are swapped, the last two where none are named."""
    name, shape = called
    if axes is None and len(shape) < 2:
        raise ShapeError(f"{name} is {shown(shape)}: transpose needs two axes")
    if axes is not None and len(axes) != 2:
        raise ShapeError(f"transpose swaps two axes, not {len(axes)}; use permute(x, order) for more")
    i, j = (_axis(called, axis) for axis in (axes if axes is not None else (-2, -1)))
    order = list(range(len(shape)))
    order[i], order[j] = j, i
    return tuple(order)


def joined(parts: Sequence[tuple[str, Shape]], axis: int) -> Shape:
    """Return the shape of arrays that are put one after the other along an axis."""
    first = parts[0]
    at = _axis(first, axis)
    for other in parts[1:]:
        rest = [shape[:at] + shape[at + 1 :] for _, shape in (first, other)]
        if rest[0] != rest[1] or len(first[1]) != len(other[1]):
            raise ShapeError(f"{_both(first, other)}: concatenate needs them equal but for axis {axis}")
    return (*first[1][:at], sum(shape[at] for _, shape in parts), *first[1][at + 1 :])


def stacked(parts: Sequence[tuple[str, Shape]], axis: int) -> Shape:
    """Return the shape of arrays that are stacked along a new axis."""
    first = parts[0]
    for other in parts[1:]:
        if other[1] != first[1]:
            raise ShapeError(f"{_both(first, other)}: stack needs them equal")
    if not -len(first[1]) - 1 <= axis <= len(first[1]):
        raise ShapeError(f"{first[0]} is {shown(first[1])}: there is no place {axis} for a new axis")
    at = axis % (len(first[1]) + 1)
    return (*first[1][:at], len(parts), *first[1][at:])


Key = tuple[int | tuple[int | None, int | None, int | None], ...]
"""What stands in brackets: an index, or (start, stop, step), per axis from the front."""


def sliced(called: tuple[str, Shape], key: Key) -> Shape:
    """Return the shape of a part of an array."""
    name, shape = called
    if len(key) > len(shape):
        raise ShapeError(f"{name} is {shown(shape)}: it has {len(shape)} axes, and {len(key)} are indexed")
    found = []
    for axis, one in enumerate(key):
        if isinstance(one, int):
            if not -shape[axis] <= one < shape[axis]:
                raise ShapeError(f"{name} is {shown(shape)}: index {one} is outside axis {axis}")
            continue
        if one[2] == 0:
            raise ShapeError("a slice needs a step other than 0")
        length = len(range(*slice(*one).indices(shape[axis])))
        if not length:
            raise ShapeError(f"{name} is {shown(shape)}: nothing of axis {axis} is left")
        found.append(length)
    return (*found, *shape[len(key) :])


def shown(shape: Shape) -> str:
    """Return a shape as Python writes it.

    >>> shown((3,)), shown(())
    ('(3,)', '()')
    """
    return repr(tuple(shape))


def _both(left: tuple[str, Shape], right: tuple[str, Shape]) -> str:
    return f"{left[0]} is {shown(left[1])} and {right[0]} is {shown(right[1])}"
