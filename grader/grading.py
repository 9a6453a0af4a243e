"""Grade one submission: the composition root of the pure parts and the sandbox.

Two passes over the student's code, each in workers of its own. The public half comes first and may
be told about; the private half is asked of a fresh, quiet worker, and nothing that a student reads
is made after a private input entered a process of theirs.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from typing import Any, NoReturn

import msgspec

from grader import scoring
from grader.checks import blame
from grader.checks.kinds import KINDS
from grader.config import Assignment
from grader.errors import JudgeError
from grader.exercises import Exercise
from grader.model import Outcome, Result, Stopped, Submission
from grader.planning import Plan, Unit, digest
from grader.sandbox import kinds
from grader.sandbox.protocol import Ask, Load, Loaded, Module, Told, encode
from grader.sandbox.supervisor import Limits, Supervisor, Worker

LOST_TRIED_AGAIN = 2

WALL_PER_CPU = 3.0

Outcomes = dict[str, dict[str, Outcome]]
"""Exercise id -> check name -> outcome."""


class _WorkerStopped(Exception):
    """The worker did not answer; what it was doing is charged."""

    def __init__(self, stopped: Stopped) -> None:
        super().__init__(stopped.reason)
        self.stopped = stopped


def same_for_all(plan: Plan, submission: Submission, outcome: Outcome) -> Result:
    """Return a result in which every check came out the same, as of a submission that could not be read."""
    return assembled(plan, submission, {one.id: _all_checks(one, outcome) for one in plan.assignment.exercises})


def assembled(plan: Plan, submission: Submission, outcomes: Outcomes) -> Result:
    """Score outcomes; an exercise at fault is a judge error whatever came out."""
    assignment = plan.assignment
    faults = {id: Outcome("judge error", fault) for id, fault in plan.faults.items()}
    results = tuple(
        scoring.exercise_result(
            one, _all_checks(one, faults[one.id]) if one.id in faults else outcomes[one.id], assignment.weights[one.id]
        )
        for one in assignment.exercises
    )
    return Result(
        format=1,
        submission=submission.id,
        assignment=assignment.id,
        digest=digest(plan, submission),
        environment=plan.environment,
        earned=scoring.total(one.earned for one in results),
        possible=scoring.total(one.possible for one in results),
        exercises=results,
        notes=submission.notes,
        problem=submission.problem,
    )


class Grader:
    """Grades submissions, one after another, with one supervisor."""

    def __init__(self, plan: Plan, supervisor: Supervisor) -> None:
        self.plan, self._supervisor = plan, supervisor
        self.wall_stopped = False

    def grade(self, submission: Submission) -> Result:
        """Return the submission's result. Raises JudgeError where no worker can be started.

        `wall_stopped` then says whether a wall limit was met, so that the caller may try again alone.
        """
        self.wall_stopped = False
        if submission.problem:
            return same_for_all(self.plan, submission, Outcome("skipped", submission.problem))
        return assembled(self.plan, submission, self._outcomes(submission))

    def _outcomes(self, submission: Submission) -> Outcomes:
        budget = _Budget(self._supervisor.box.limits)
        outcomes: Outcomes = {}
        for unit in self.plan.units:
            exercises = [one for one in unit.exercises if one.id in self.plan.public and one.id not in self.plan.faults]
            public = self._half(submission, unit, exercises, self.plan.public, budget)
            passing = [one for one in exercises if _anything_accepted(public[one.id]) and one.id in self.plan.private]
            private = self._half(submission, unit, passing, self.plan.private, budget)
            outcomes.update(public)
            for one in passing:
                outcomes[one.id] = {
                    name: scoring.merge(outcome, private[one.id][name]) for name, outcome in public[one.id].items()
                }
        return outcomes

    def _half(
        self,
        submission: Submission,
        unit: Unit,
        exercises: Sequence[Exercise],
        halves: dict[str, Any],
        budget: _Budget,
    ) -> Outcomes:
        """Ask one half of the inputs; a worker that stops is replaced for the exercises after it."""
        outcomes: Outcomes = {}
        lost = 0
        pending = list(exercises)
        if pending and unit.module not in submission.modules:
            outcome = Outcome("not attempted", f"{unit.module}.py was not handed in")
            return {one.id: _all_checks(one, outcome) for one in pending}
        while pending:
            with self._supervisor.worker() as worker:
                line = _Line(worker, budget)
                with contextlib.suppress(_WorkerStopped):
                    line.load(
                        _load(
                            worker,
                            self.plan.assignment,
                            submission,
                            unit,
                            quiet=not halves[pending[0].id].public,
                        )
                    )
                while pending and worker.stopped is None:
                    try:
                        outcomes[pending[0].id] = KINDS[pending[0].kind].judge(
                            pending[0], halves[pending[0].id], line.call
                        )
                    except _WorkerStopped:
                        break
                    pending.pop(0)
            if worker.stopped is None:
                break
            if worker.ours:
                lost += 1
                if lost > LOST_TRIED_AGAIN:
                    raise JudgeError("the sandbox keeps losing its workers")
                continue
            self.wall_stopped |= worker.stopped.reason == "wall limit"
            stopped = blame.of_stop(worker.stopped)
            charged = [pending.pop(0)] if line.loaded else [pending.pop(0) for _ in range(len(pending))]
            for one in charged:
                outcomes[one.id] = _all_checks(one, stopped)
        return outcomes


class _Budget:
    """The CPU seconds a submission has left, over all its workers, and the wall time that bounds even a sleeper."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.submission_cpu

        self._wall_end = time.monotonic() + limits.submission_cpu * WALL_PER_CPU

    def next(self) -> float:
        """Return the CPU seconds the next question may take; next to nothing once either budget is used up."""
        left = self.left if time.monotonic() < self._wall_end else 0.0
        return max(min(self.limits.exercise_cpu, left), 0.01)


class _Line:
    """Questions to one worker, each within what the budget leaves."""

    def __init__(self, worker: Worker, budget: _Budget) -> None:
        self._worker, self._budget = worker, budget
        self.loaded = False

    def load(self, load: Load) -> None:
        reply = self._ask(load)
        if not isinstance(reply, Loaded):
            self._violated()
        self.loaded = True

    def call(self, ask: Any) -> Any:
        """Put one question; an answer of the wrong shape, or not whole, is a violation and ends the worker."""
        driver = kinds.of(ask)
        reply = self._ask(Ask(self._worker.next_id(), driver.name, msgspec.Raw(encode(ask))))
        told = kinds.read(driver, ask, reply.body) if isinstance(reply, Told) else None
        if told is None:
            self._violated()
        return told

    def _violated(self) -> NoReturn:
        self._worker.stopped = Stopped("protocol violation", self._worker.cpu())
        self._worker.kill()
        raise _WorkerStopped(self._worker.stopped)

    def _ask(self, request: Load | Ask) -> object:
        before = self._worker.cpu()
        reply = self._worker.ask(request, self._budget.next())
        self._budget.left -= max(self._worker.cpu() - before, 0.0)
        if isinstance(reply, Stopped):
            self._budget.left -= max(reply.cpu - before, 0.0)
            raise _WorkerStopped(reply)
        return reply


def _load(worker: Worker, assignment: Assignment, submission: Submission, unit: Unit, quiet: bool) -> Load:
    modules = []
    for name in assignment.layout.modules:
        part = unit.provided.get(name)
        path, student = submission.modules.get(name, ("", None))
        if part is None and student is None:
            continue
        modules.append(Module(name, path, student, part.code if part else None, part.names if part else (), eager=True))
    modules += [Module(name, path, source, eager=False) for name, (path, source) in submission.extras.items()]
    return Load(
        worker.next_id(),
        assignment.layout.package,
        tuple(modules),
        assignment.allowed,
        quiet,
        assignment.limits.output_kib * 1024,
    )


def _all_checks(exercise: Exercise, outcome: Outcome) -> dict[str, Outcome]:
    return {check.name: outcome for check in exercise.checks}


def _anything_accepted(outcomes: dict[str, Outcome]) -> bool:
    return any(outcome.verdict == "accepted" for outcome in outcomes.values())
