"""Workers for other people's files: the grading box, in place of a fresh process that may do whatever its user may."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from grader.errors import ContainmentError
from grader.grading import config, planning
from grader.grading.config import Assignment
from grader.grading.session import Worker
from grader.sandbox.fresh import Printing
from grader.sandbox.supervisor import Supervisor
from grader.sandbox.tiers import contained, held

SO = (
    "other people's files were not run; run `grader doctor`. Your own files are checked inside the folder of the "
    "assignment, without --submission"
)
"""What is said where this machine cannot contain them."""


class Contained:
    """Hands out locked-down workers. What other people's code prints is not shown: `printing` stays empty."""

    def __init__(self, supervisor: Supervisor, tier: int) -> None:
        self._supervisor, self.tier = supervisor, tier
        self.printing = Printing()

    def worker(self, mentioned: bool = False, base: bytes = b"") -> contextlib.AbstractContextManager[Worker]:
        """Hand out a fresh worker, and see to its end. Raises JudgeError where none can be started."""
        return self._supervisor.worker(mentioned, base)


def opened(path: Path) -> contextlib.AbstractContextManager[Contained]:
    """Yield workers for an assignment by its config. Raises UsageError, and ContainmentError where none will hold."""
    return of(config.load(path))


@contextlib.contextmanager
def of(assignment: Assignment) -> Iterator[Contained]:
    """Yield workers for an assignment. Raises ContainmentError where none will hold."""
    box = planning.box(assignment)
    with Supervisor(box) as supervisor:
        found = contained(box, supervisor)
        too_weak = found.too_weak(assignment.required_tier, SO)
        if too_weak:
            raise ContainmentError(too_weak)
        supervisor.box = held(box, found)
        yield Contained(supervisor, found.tier)
