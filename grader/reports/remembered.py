"""Do once what is asked again and again of the same records, by identity: to compare them is most of the work.

**What it is worth.** About 5 % of the CPU of a class of 1,000: docs/decisions/0009 and 0019. **How to remove it:** take
the decorator away wherever it stands, and `_alike` out of `grading.quick_judge`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def remembered(most: int) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Remember what a pure function made of up to `most` sets of arguments. Whoever is given it must not change it.

    The arguments are kept, so that none of their identities is given to another; they must be frozen.
    """

    def remembering(make: Callable[..., T]) -> Callable[..., T]:
        known: dict[tuple[int, ...], tuple[tuple[object, ...], T]] = {}

        @functools.wraps(make)
        def made(*arguments: object) -> T:
            key = tuple(map(id, arguments))
            found = known.get(key)
            if found is None:
                if len(known) >= most:
                    known.clear()
                found = known[key] = (arguments, make(*arguments))
            return found[1]

        return made

    return remembering
