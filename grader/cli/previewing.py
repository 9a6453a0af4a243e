"""One exercise as its author wants to see it: the sheet, what students find to write, and what mistakes are told."""

from __future__ import annotations

import ast
import contextlib
import textwrap
from collections.abc import Iterator
from pathlib import Path

import msgspec

from grader.assignment.exercise import Exercise
from grader.assignment.forms import FormError, Problem
from grader.audit import foretold, told, tried
from grader.authoring import linting, sheet
from grader.batch import cohort
from grader.bundle import cutting, stubs
from grader.bundle.cutting import Cut
from grader.cli import students
from grader.errors import JudgeError, UsageError
from grader.grading import config, drawing, planning, provided
from grader.grading.config import Assignment
from grader.sandbox.box import Box
from grader.sandbox.supervisor import Supervisor
from grader.selfcheck import making
from grader.selfcheck.parts import Runs

WHOSE = "say whose to take, as in `grader preview --student ID`"


class Course(msgspec.Struct, frozen=True):
    """An assignment as it is now: its handout, and for each exercise all that decides what is shown of it."""

    assignment: Assignment
    chosen: tuple[Exercise, ...]
    handout: Cut
    marks: dict[str, object]
    problems: tuple[Problem, ...]

    @property
    def chosen_alone(self) -> Assignment:
        """Return the assignment with the exercises that are asked for, as its sheet has it."""
        return msgspec.structs.replace(self.assignment, exercises=self.chosen)


class Piece(msgspec.Struct, frozen=True):
    """A part of what is shown of an exercise. `whole`: nothing kept it from being shown."""

    title: str
    text: str
    whole: bool = True


class Desk:
    """Where an author looks at exercises, once or again and again: it keeps workers, and questions that stay the same.

    Use as a context manager.
    """

    def __init__(self, path: Path, ids: tuple[str, ...], student: str | None, width: int) -> None:
        self._path, self._ids, self._student, self._width = path, ids, student, width
        self._held = contextlib.ExitStack()
        self._supervisor: Supervisor | None = None
        self._box: tuple[Box, int] | None = None
        self._known: making.Known = {}
        self._questions: dict[str, object] = {}
        self._loaded: tuple[tuple[tuple[str, str], ...], list[Problem]] = ((), [])

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def course(self) -> Course:
        """Read the assignment. Raises UsageError (FormError with every problem), ContainmentError."""
        assignment = config.load(self._path)
        chosen = {one.id for one in config.load(self._path, self._ids).exercises} if self._ids else None
        if self._student is not None:
            assignment = students.of(assignment, self._student)
        problems = linting.problems(self._path)
        if _unparsed(assignment):
            raise FormError(problems)
        self._open(assignment)
        runs = self._runs(assignment)
        problems += self._unloaded(assignment)
        return Course(
            assignment,
            tuple(one for one in assignment.exercises if chosen is None or one.id in chosen),
            stubs.cut(assignment, runs),
            _marks(assignment, cutting.behind(assignment, runs)),
            tuple(problems),
        )

    def _unloaded(self, assignment: Assignment) -> list[Problem]:
        """Return which modules of the reference do not load; of those that are as they were, what was found before."""
        sources = tuple(provided.of(assignment).items())
        if sources != self._loaded[0]:
            assert self._supervisor is not None
            self._loaded = sources, linting.unloaded(assignment, self._supervisor)
        return self._loaded[1]

    def shown(self, course: Course, exercise: Exercise) -> Iterator[Piece]:
        """Yield what there is to see of an exercise, part by part. Raises JudgeError where no worker can be started."""
        weight = course.assignment.weights[exercise.id]
        yield Piece("what students read", sheet.one(exercise, weight).rstrip())
        stub = stubs.of(course.assignment, exercise, course.handout)
        note = self._wrapped(f"Note: {stub.note}.") if stub.note else ""
        yield Piece(f"what they find in {stub.file}", "\n\n".join(filter(None, (stub.text, note))))
        yield from self._mistakes(course.assignment, exercise)

    def _mistakes(self, assignment: Assignment, exercise: Exercise) -> Iterator[Piece]:
        title = "what mistakes are told"
        try:
            drawing.refuse_nobodys(msgspec.structs.replace(assignment, exercises=(exercise,)), WHOSE)
            trial = self._trial(assignment, exercise)
            fault = trial.fault()
        except (UsageError, JudgeError) as error:
            fault, trial = str(error), None
        if fault or trial is None:
            yield Piece(title, self._wrapped(f"No mistake is tried: {fault}."), whole=False)
            return
        found = 0
        for found, one in enumerate(trial.mistakes(), 1):
            yield Piece(title, told.text(found, one, self._width))
        said = [] if found else [f"No mistake can be planted here that loses a point: {_why_none(exercise)}."]
        unplanted = "; ".join(f"“{one}”" for one in foretold.left_out(exercise))
        said += [f"Not planted, for students write parts of the formula only: {unplanted}."] if unplanted else []
        if said:
            yield Piece(title, "\n".join(map(self._wrapped, said)))

    def _wrapped(self, text: str) -> str:
        return textwrap.fill(text, self._width, break_on_hyphens=False)

    def _trial(self, assignment: Assignment, exercise: Exercise) -> tried.Trial:
        assert self._supervisor is not None
        plan = tried.alone(assignment, exercise)
        return tried.Trial(plan, self._supervisor, cohort.reference_submission(assignment))

    def _open(self, assignment: Assignment) -> None:
        """See to workers that hold what this assignment asks for. Raises ContainmentError."""
        wanted = planning.box(assignment), assignment.required_tier
        if wanted != self._box:
            self._held.close()
            self._supervisor = self._held.enter_context(Supervisor(wanted[0]))
            cohort.open_box(assignment, self._supervisor)
            self._box = wanted

    def _runs(self, assignment: Assignment) -> dict[str, Runs]:
        """Return what each exercise runs through, from its questions; nothing where these cannot be drawn."""
        found: dict[str, Runs] = {}
        for one in assignment.exercises:
            asked = one.digest, one.dialect, assignment.corpus
            if self._questions.get(one.id) != asked:
                self._questions[one.id] = asked
                self._known.pop((one.id, one.drawn), None)
            alone = msgspec.structs.replace(assignment, exercises=(one,), student=assignment.student or "anyone")
            with contextlib.suppress(JudgeError):
                found |= {each.id: each.runs for each in making.prepare(alone, known=self._known).exercises}
        return found


def _unparsed(assignment: Assignment) -> bool:
    """Say whether a module of the reference is no Python."""
    for text in provided.of(assignment).values():
        try:
            ast.parse(text)
        except (SyntaxError, ValueError):
            return True
    return False


def _marks(assignment: Assignment, behind: dict[str, str]) -> dict[str, object]:
    """Return for each exercise all that decides what is shown of it."""
    facts = assignment.layout, assignment.limits, assignment.corpus, assignment.allowed, assignment.stubs
    return {
        one.id: (one.digest, one.checks, one.dialect, assignment.weights[one.id], facts, behind[one.id])
        for one in assignment.exercises
    }


def _why_none(exercise: Exercise) -> str:
    if exercise.on_paper:
        return "its answer is worked out on paper"
    if exercise.kind == "own":
        return "its checks are the course's own, and know their mistakes themselves"
    return "its solution is a line or two that leave no room for one"
