"""Open a session for a unit of a submission: what its worker is loaded with, and where that worker comes from.

**What it is worth.** A worker that has the rarer modules costs half as much again, and building the provided parts for
each worker a tenth more: docs/decisions/0009 and 0019. **How to remove it:** let `_mentions` say True, and
`_built_before` nothing.
"""

from __future__ import annotations

from grader.grading import loading
from grader.grading.ahead import AheadSession, FirstLook
from grader.grading.planning import Plan
from grader.grading.session import Budget, Session
from grader.grading.units import Unit
from grader.model import Submission
from grader.sandbox.supervisor import Supervisor


class Sessions:
    """Opens sessions. A session's worker starts with its first question; use each as a context manager."""

    def __init__(self, plan: Plan, supervisor: Supervisor, like: Sessions | None = None) -> None:
        """Open sessions for a plan. What is encoded `like` it for another student's plan is not encoded again."""
        self._plan, self._supervisor = plan, supervisor
        self._modules = plan.assignment.layout.modules
        self._bases: dict[int, bytes] = like._bases if like else {}

    def budget(self) -> Budget:
        """Return what one submission may use in all."""
        return Budget(self._supervisor.box.limits)

    def among_provided(self, submission: Submission, unit: Unit, budget: Budget) -> AheadSession:
        """Open a session with the student's module among the provided parts."""
        load = loading.load(self._plan.assignment, submission, unit)
        return AheadSession(
            self._supervisor, load, budget, self._mentions(submission), self._built_before(submission, unit)
        )

    def once(self, submission: Submission, unit: Unit, budget: Budget) -> Session:
        """Open a session for questions that are asked of nobody else."""
        load = loading.load(self._plan.assignment, submission, unit)
        return Session(self._supervisor, load, budget, self._mentions(submission), self._built_before(submission, unit))

    def first_look(self, submission: Submission, unit: Unit, budget: Budget) -> FirstLook:
        """Open a session that asks several units' questions of one worker, each once."""
        mentioned = self._mentions(submission)
        if unit.among_own:
            load = loading.own_files(self._plan.assignment, submission, *unit.modules)
            return FirstLook(self._supervisor, load, budget, mentioned)
        load = loading.load(self._plan.assignment, submission, unit)
        return FirstLook(self._supervisor, load, budget, mentioned, self._built_before(submission, unit))

    def among_own(self, submission: Submission, module: str, budget: Budget) -> AheadSession:
        """Open a session with the student's own files, and nothing provided."""
        load = loading.own_files(self._plan.assignment, submission, module)
        return AheadSession(self._supervisor, load, budget, self._mentions(submission))

    def _mentions(self, submission: Submission) -> bool:
        return loading.names_any(submission, self._supervisor.box.on_mention)

    def _built_before(self, submission: Submission, unit: Unit) -> bytes:
        """Return what may be built beforehand: nothing for those who hand in more than the file that is asked.

        A folder's own `__init__` would come too late for what is built in that folder.
        """
        folders = (name for name in submission.extras if any(one.startswith(f"{name}.") for one in self._modules))
        if len(unit.modules) > 1 or set(submission.modules) != {unit.module} or any(folders):
            return b""
        if id(unit.provided) not in self._bases:  # a plan keeps it, as long as anyone is graded
            self._bases[id(unit.provided)] = loading.base(self._plan.assignment, unit)
        return self._bases[id(unit.provided)]
