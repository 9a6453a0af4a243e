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
        if found.tier > assignment.required_tier:
            raise ContainmentError(
                f"these are other people's files, and this machine cannot contain them: it offers tier {found.tier} "
                f"({found.describe()}), and the assignment requires tier {assignment.required_tier}; run `grader "
                "doctor`. Your own files are checked inside the folder of the assignment, without --submission"
            )
        supervisor.box = held(box, found)
        yield Contained(supervisor, found.tier)
