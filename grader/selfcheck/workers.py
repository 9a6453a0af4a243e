"""Where the workers of a self-check come from: fresh processes for one's own files, the box for what may be others'."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Iterator

from grader.selfcheck.checking import SelfWorkers
from grader.selfcheck.finding import Place


@contextlib.contextmanager
def opened(
    place: Place, say: Callable[[str], None], first: subprocess.Popen[bytes] | None = None
) -> Iterator[SelfWorkers]:
    """Yield workers for a place. `say` is told where they are contained; `first` is a process that was started ahead.

    Raises UsageError, and ContainmentError where other people's files cannot be contained.
    """
    if place.config is None:
        from grader.sandbox.fresh import Fresh

        with Fresh(first) as workers:
            yield workers
        return
    if first is not None:
        first.kill()
    from grader.selfcheck import contained  # no handout has it

    with contained.opened(place.config) as boxed:
        say(f"these may be other people's files: they run contained (tier {boxed.tier}), and prints are not shown")
        yield boxed
