"""Grade a class: check the reference, go on from earlier results, write every result as it comes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from grader import planning, provided, submissions
from grader.checks.kinds import KINDS
from grader.config import Assignment
from grader.engines import local
from grader.errors import ContainmentError, JudgeError, UsageError
from grader.exercises import ANSWERS
from grader.grading import Grader, same_for_all
from grader.model import Outcome, Result, Submission
from grader.planning import Plan
from grader.reports import audience, feedback, grades, stored
from grader.sandbox.launch import Box
from grader.sandbox.lockdown import hide_from_same_user
from grader.sandbox.supervisor import Supervisor
from grader.sandbox.tiers import Containment, contained, held
from grader.submissions import Layout


class Run(msgspec.Struct, frozen=True):
    """A class, graded: results in the order of the submissions, and what failed on our side."""

    results: tuple[Result, ...]
    faults: tuple[str, ...]
    resumed: int


Progress = Callable[[Result], None]
"""Told of every submission that is done."""


def layout(assignment: Assignment) -> Layout:
    """Return where an assignment's submissions keep what is graded."""
    coded = [exercise for exercise in assignment.exercises if not KINDS[exercise.kind].answers]
    targets = tuple(dict.fromkeys(exercise.module for exercise in coded))
    return Layout(assignment.layout.package, assignment.layout.modules, targets)


def open_box(assignment: Assignment) -> tuple[Box, Containment]:
    """Try what this machine can contain. Raises ContainmentError below the tier the assignment requires."""
    box = planning.box(assignment)
    found = contained(box)
    if found.tier > assignment.required_tier:
        raise ContainmentError(
            f"this machine offers containment tier {found.tier} ({found.describe()}); the assignment requires "
            f"tier {assignment.required_tier} or better (lower), so nothing was graded; run `grader doctor`"
        )
    return held(box, found), found


def plan(assignment: Assignment, box: Box, tier: int, seed: str | None = None) -> Plan:
    """Prepare the answers, and withhold every exercise whose own reference does not earn full marks."""
    prepared = planning.prepare(assignment, seed)
    faults = {**prepared.faults, **_reference_faults(prepared, box)}
    return planning.environment(msgspec.structs.replace(prepared, faults=faults), tier)


def reference_submission(assignment: Assignment) -> Submission:
    """Return the reference as if a student had handed it in."""
    sources = provided.read(assignment.reference, assignment.layout.modules)
    answers = assignment.reference / ANSWERS
    return Submission(
        "reference",
        {name: (f"{name}.py", text.encode()) for name, text in sources.items()},
        answers=submissions.answers(answers.read_bytes()) if answers.is_file() else {},
    )


def _reference_faults(prepared: Plan, box: Box) -> dict[str, str]:
    """Return, for every exercise that its own reference does not pass, how it failed."""
    with Supervisor(box) as supervisor:
        result = Grader(prepared, supervisor).grade(reference_submission(prepared.assignment))
    faults = {}
    for exercise in result.exercises:
        lost = next((one for one in exercise.checks if one.possible and one.outcome.verdict != "accepted"), None)
        if lost is not None and exercise.id not in prepared.faults:
            said = f"{lost.outcome.verdict}{': ' if lost.outcome.reason else ''}{lost.outcome.reason}"
            faults[exercise.id] = f"the reference itself fails its {lost.name} check ({said})"
    return faults


def grade(
    prepared: Plan,
    box: Box,
    handed_in: Sequence[Submission],
    out: Path,
    jobs: int,
    fresh: bool,
    progress: Progress,
) -> Run:
    """Grade what was `handed_in`, reusing earlier results of identical work, and write all results under `out`.

    An interrupt leaves every finished result in place. Raises UsageError where `out` cannot be written, JudgeError
    where no process can be started.
    """
    hide_from_same_user()  # it holds the answers

    done: dict[int, Result] = {}
    faults = [f"{exercise}: {fault}; it is withheld for everyone" for exercise, fault in prepared.faults.items()]
    if not fresh:
        for i, submission in enumerate(handed_in):
            earlier = stored.read(stored.path_of(out, submission.id))
            if earlier is None or earlier.withheld or not _feedback_of(out, earlier).exists():
                continue
            if earlier.digest == planning.digest(prepared, submission):
                done[i] = earlier
                progress(earlier)
    resumed = len(done)
    todo = [i for i in range(len(handed_in)) if i not in done]
    try:
        with _writing(out):
            _write_nothing(out)
        for one in local.grade_all(prepared, box, [handed_in[i] for i in todo], jobs):
            submission = handed_in[todo[one.index]]
            result = one.result or same_for_all(prepared, submission, Outcome("judge error", one.fault))
            done[todo[one.index]] = result  # before it is written: an interrupt must not lose it from the class's CSV
            try:
                with _writing(out):
                    _write(out, result)
            except ValueError as error:  # a bug of ours must cost this one score and be said
                result = same_for_all(prepared, submission, Outcome("judge error", f"not writable: {error}"))
                done[todo[one.index]] = result
                faults.append(f"{submission.id}: its result cannot be written ({error}); the score is withheld")
            if one.result is None:
                faults.append(f"{submission.id}: {one.fault}; the score is withheld")
            progress(result)
    except OSError as error:
        raise JudgeError(f"grading cannot go on: {error.strerror or error}; finished results are kept") from error
    finally:
        with _writing(out):
            _write_class(out, [done[i] for i in sorted(done)])
    return Run(tuple(done[i] for i in sorted(done)), tuple(faults), resumed)


@contextlib.contextmanager
def _writing(out: Path) -> Iterator[None]:
    """Blame what cannot be written on the place it should be written to."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{out}: results cannot be written: {error.strerror or error}") from None


def _write(out: Path, result: Result) -> None:
    """Write the feedback, and last the result: once that is there, the submission is done."""
    stored.write(_feedback_of(out, result), feedback.markdown(audience.for_student(result)).encode())
    stored.write(stored.path_of(out, result.submission), stored.encode(result))


def _feedback_of(out: Path, result: Result) -> Path:
    return out / "feedback" / f"{result.submission}.md"


def _write_class(out: Path, results: Sequence[Result]) -> None:
    if results and out.is_dir():
        stored.write(out / "grades.csv", grades.csv_text(results).encode())


def _write_nothing(out: Path) -> None:
    """Find out now, not after an hour of grading, whether results can be written."""
    probe = out / ".writable"
    stored.write(probe, b"")
    probe.unlink()


def probe(assignment: Assignment) -> Containment:
    """Try what this machine can contain."""
    return contained(planning.box(assignment))
