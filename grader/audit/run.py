"""Run an audit: every planted mistake is graded as a submission would be, by the same workers, under several seeds.

Theory of operation. What is to be graded is one list of pieces of work, each a submission and the exercises it is
graded by; grading processes take them one at a time, as they take a class. What comes back are verdicts, and the
exercises are judged on those alone (`audit.findings`). First the reference, under many seeds, and the template; then
every mistake and every right style; then the mistakes that were caught once more, with few inputs; and last the clock.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from grader.assignment.exercise import CheckSpec, Exercise
from grader.audit import findings, plants
from grader.audit.mutants.records import Audit, CodeAudit, ExerciseAudit, Verdicts
from grader.audit.plants import MutationSet
from grader.batch import cohort, local
from grader.errors import JudgeError
from grader.exercise_kinds.kinds import KINDS
from grader.grading import drawing, planning, provided
from grader.grading.config import Assignment, CorpusForm
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Submission
from grader.sandbox.boundary.protocol import file_of
from grader.sandbox.box import Box
from grader.sandbox.supervisor import Supervisor

EXERCISE_CPU, SUBMISSION_CPU = 0.5, 3.0
"""Seconds. A planted mistake that never ends is one of thousands; no honest answer comes near these."""

COUNTS = (4, 8, 16, 32)
TIMED = 5

T = TypeVar("T")

Progress = Callable[[str, int, int], None]
"""(what is being done, pieces done, of how many): told after every piece of work."""


class Work(msgspec.Struct, frozen=True):
    """A submission, the exercises that grade it, and the seed and number of public inputs they are prepared with.

    No number: as many as the assignment says.
    """

    submission: Submission
    exercises: tuple[str, ...]
    seed: str
    count: int = 0


def audit(assignment: Assignment, box: Box, jobs: int, seeds: int, reference_seeds: int, progress: Progress) -> Audit:
    """Audit all exercises of an assignment, and those with parameters at the ends of their ranges as well.

    Raises JudgeError where the reference cannot be prepared.
    """
    usual = _audited(assignment, box, jobs, seeds, reference_seeds, progress)
    ends = [_with_parameters_alone(one) for one in drawing.ends(assignment)]
    drawn = tuple(_audited(one, box, jobs, seeds, reference_seeds, progress) for one in ends)
    return msgspec.structs.replace(usual, drawn=drawn)


def _with_parameters_alone(assignment: Assignment) -> Assignment:
    return msgspec.structs.replace(assignment, exercises=tuple(one for one in assignment.exercises if one.parameters))


def _audited(
    assignment: Assignment, box: Box, jobs: int, seeds: int, reference_seeds: int, progress: Progress
) -> Audit:
    run = _Run(assignment, box, jobs, seeds, progress)
    sets = run.sets()
    found = run.exercises(reference_seeds)
    graded = run.planted(sets)
    codes = run.with_inputs(sets, [findings.of_code(held, *got) for held, got in zip(sets, graded)])
    found = [findings.with_safe(one, exercise, codes) for one, exercise in zip(found, assignment.exercises)]
    exercises = run.with_costs(found)
    problems = tuple(findings.problems(assignment.exercises, codes, exercises))
    return Audit(assignment.id, seeds, reference_seeds, codes, exercises, problems, drawing.said(assignment))


def under_seeds(
    assignment: Assignment, box: Box, jobs: int, seeds: int, progress: Progress
) -> dict[str, list[tuple[str, ...]]]:
    """Return which checks with points each planted mistake loses, seed by seed.

    A mark should not hang on the seed: every mistake should lose the same under each.
    """
    run = _Run(assignment, box, jobs, seeds, progress)
    sets = run.sets()
    points = {(one.id, check.name) for one in assignment.exercises for check in one.checks if check.points}
    return {
        f"{file_of(held.code.module)}, {planted.name}": [findings.lost(got, points) for got in under]
        for held, (wrong, _) in zip(sets, run.planted(sets))
        for (planted, _), under in zip(held.wrong, wrong)
    }


class _Run:
    """The work of one audit, and what it is prepared with."""

    def __init__(self, assignment: Assignment, box: Box, jobs: int, seeds: int, progress: Progress) -> None:
        limits = msgspec.structs.replace(
            assignment.limits, exercise_cpu_seconds=EXERCISE_CPU, submission_cpu_seconds=SUBMISSION_CPU
        )
        self.assignment = msgspec.structs.replace(assignment, limits=limits)
        self.box = msgspec.structs.replace(box, limits=planning.box(self.assignment).limits)
        self.jobs, self.progress = jobs, progress
        self.seeds = [f"audit {i}" for i in range(seeds)]
        self.sources = provided.of(assignment)
        self.reference = cohort.reference_submission(assignment)
        self.plans: dict[tuple[str, int], Plan] = {}

    def sets(self) -> list[MutationSet]:
        """Plant everything there is to plant."""
        public = self._plan(self.seeds[0], 0).public
        found = plants.codes(self.assignment.exercises, self.sources)
        return [plants.planted(code, self.sources, self.reference.answers, public) for code in found]

    def exercises(self, reference_seeds: int) -> list[ExerciseAudit]:
        """Hold the reference to full marks under many seeds, and the template to none."""
        ids = tuple(one.id for one in self.assignment.exercises)
        seeds = [*self.seeds, *(f"reference {i}" for i in range(len(self.seeds), reference_seeds))]
        blank = Work(plants.template(self.assignment.exercises, self.sources), ids, self.seeds[0])
        *solved, empty = self._graded("the reference", [*(Work(self.reference, ids, seed) for seed in seeds), blank])
        return [findings.of_exercise(one, dict(zip(seeds, solved)), empty) for one in self.assignment.exercises]

    def planted(self, sets: Sequence[MutationSet]) -> list[tuple[list[list[Verdicts]], list[list[Verdicts]]]]:
        """Return, for every piece of code, what each mistake got under each seed, and each right style."""
        work = [
            Work(submission, held.code.ids(), seed)
            for held in sets
            for _, submission in (*held.wrong, *held.right)
            for seed in self.seeds
        ]
        got = iter(self._graded("planted mistakes", work))
        return [
            (
                [[next(got) for _ in self.seeds] for _ in held.wrong],
                [[next(got) for _ in self.seeds] for _ in held.right],
            )
            for held in sets
        ]

    def with_inputs(self, sets: Sequence[MutationSet], codes: Sequence[CodeAudit]) -> tuple[CodeAudit, ...]:
        """Find the fewest public inputs, of those tried, that catch all that is caught with all of them."""
        asked = [all(KINDS[one.kind].mutants.value for one in held.code.exercises) for held in sets]
        left = {
            i: [pair for pair, mistake in zip(held.wrong, code.mistakes) if mistake.fate == "caught"]
            for i, (held, code) in enumerate(zip(sets, codes))
            if asked[i]
        }
        enough: dict[int, int] = {}
        for count in COUNTS:
            work = [Work(one, sets[i].code.ids(), self.seeds[0], count) for i in left for _, one in left[i]]
            got = iter(self._graded(f"with {count} inputs", work))
            left = {i: [p for p in left[i] if not findings.caught_by(p[0], next(got))] for i in left}
            enough.update((i, count) for i in left if not left[i])
            left = {i: pairs for i, pairs in left.items() if pairs}
        enough.update((i, self.assignment.corpus.public + self.assignment.corpus.private) for i in left)
        return tuple(msgspec.structs.replace(code, inputs=enough.get(i)) for i, code in enumerate(codes))

    def with_costs(self, exercises: Sequence[ExerciseAudit]) -> tuple[ExerciseAudit, ...]:
        """Time what each check costs with the reference, alone in its exercise: milliseconds, the median of a few."""
        checks = [(exercise, check) for exercise in self.assignment.exercises for check in exercise.checks]
        took = self._spread(
            "what it costs", lambda supervisor: lambda i: self._milliseconds(supervisor, *checks[i]), len(checks)
        )
        costs: dict[str, dict[str, float]] = {}
        for (exercise, check), milliseconds in zip(checks, took):
            costs.setdefault(exercise.id, {})[check.name] = milliseconds
        return tuple(msgspec.structs.replace(one, milliseconds=costs[one.id]) for one in exercises)

    def _milliseconds(self, supervisor: Supervisor, exercise: Exercise, check: CheckSpec) -> float:
        alone = msgspec.structs.replace(exercise, checks=(check,))
        assignment = msgspec.structs.replace(self.assignment, exercises=(alone,))
        grader = Grader(planning.prepare(assignment, self.seeds[0]), supervisor)
        took = []
        for _ in range(TIMED):
            start = time.perf_counter()
            grader.grade(self.reference)
            took.append(time.perf_counter() - start)
        return round(1000 * statistics.median(took), 1)

    def _graded(self, what: str, work: Sequence[Work]) -> list[Verdicts]:
        for seed, count in dict.fromkeys((one.seed, one.count) for one in work):
            self._plan(seed, count)  # before the processes are made: they inherit it

        def start(supervisor: Supervisor) -> Callable[[int], Verdicts]:
            def grade(index: int) -> Verdicts:
                one = work[index]
                plan = planning.only(self._plan(one.seed, one.count), one.exercises)
                return findings.verdicts(Grader(plan, supervisor).grade(one.submission))

            return grade

        return self._spread(what, start, len(work))

    def _spread(self, what: str, start: local.Start[T], count: int) -> list[T]:
        """Do all pieces of work, and return what came of them in order. Raises JudgeError for a fault of ours."""
        made: dict[int, T] = {}
        for did in local.spread(start, range(count), self.box, self.jobs):
            if did.made is None:
                raise JudgeError(f"the audit could not be run to its end: {did.fault}")
            made[did.index] = did.made
            self.progress(what, len(made), count)
        return [made[i] for i in range(count)]

    def _plan(self, seed: str, count: int) -> Plan:
        if (seed, count) not in self.plans:
            corpus = CorpusForm(seed, count, 0) if count else self.assignment.corpus
            prepared = planning.prepare(msgspec.structs.replace(self.assignment, corpus=corpus), seed)
            if prepared.faults:
                raise JudgeError("; ".join(f"{name}: {fault}" for name, fault in prepared.faults.items()))
            self.plans[seed, count] = prepared
        return self.plans[seed, count]
