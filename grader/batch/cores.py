"""Which core a grading process and what it starts is to stay on.

**What it is worth.** About 6 % of the CPU and more of the wall time: docs/decisions/0011 and 0019. **How to remove
it:** give `stay_on` no core.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence


def count() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def places(count: int) -> Sequence[int | None]:
    """Return the core that each of `count` grading processes is to stay on; None where the system is to choose.

    A process and its worker take turns, so they need one core between them, and to wake somebody on another costs both.
    Where there are fewer than cores, others may be grading here too: all would crowd onto the first.
    """
    there = sorted(os.sched_getaffinity(0))
    return [there[i % len(there)] if count >= len(there) else None for i in range(count)]


@contextlib.contextmanager
def beside_the_first(jobs: int) -> Iterator[None]:
    """Have what is started meanwhile stay on the core where the first of `jobs` grading processes will be."""
    before = os.sched_getaffinity(0)
    stay_on(places(jobs)[0])
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, before)


def stay_on(core: int | None) -> None:
    """Keep this thread, and whatever it starts, on a core; where there is none, or it was taken away, do nothing."""
    if core is not None:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {core})
