"""Grade a class: check the reference, go on from earlier results, write every result as it comes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import msgspec

from grader.assignment import parameters
from grader.assignment.exercise import ANSWERS
from grader.batch import belonging, local, pages, staffing
from grader.batch.rendering import Engine, Made, asked_in, rendered
from grader.course import marks
from grader.errors import ContainmentError, JudgeError, UsageError
from grader.grading import drawing, per_student, planning, provided, reference_faults
from grader.grading.config import Assignment
from grader.grading.grader import same_for_all
from grader.grading.per_student import Whose
from grader.grading.planning import Plan
from grader.model import Outcome, Submission
from grader.reports import files, grades, rows, stored, work
from grader.reports.rows import ClassRow, Rows
from grader.reports.unfinished import Journal
from grader.sandbox.boundary.lockdown import hide_from_same_user
from grader.sandbox.boundary.protocol import file_of
from grader.sandbox.box import Box
from grader.sandbox.supervisor import Supervisor
from grader.sandbox.tiers import Containment, contained, held
from grader.submissions import papers
from grader.submissions.homes import Layout
from grader.submissions.intake import Intake


class Run(msgspec.Struct, frozen=True):
    """A class, graded: a row per submission, in their order, and what failed on our side.

    `resumed` counts the results that were kept. Where there were any before, `new` are the submissions that had none,
    `again` those that were graded again, and `gone` are no longer handed in.
    """

    rows: Rows
    faults: tuple[str, ...]
    resumed: int
    new: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


Progress = Callable[[ClassRow], None]
"""Told of every submission that is done."""

FOR_EVERYONE = "it is withheld for everyone"
TOGETHER = 64
"""How many earlier results a process looks at before it reports."""


def layout(assignment: Assignment) -> Layout:
    """Return where an assignment's submissions keep what is graded.

    >>> from grader.grading import config
    >>> layout(config.load(Path("config.yaml"))).targets
    ('lecture8',)
    """
    asked = [exercise for one in (assignment, *assignment.others) for exercise in one.exercises]
    coded = [exercise for exercise in asked if not exercise.on_paper]
    targets = tuple(dict.fromkeys(exercise.module for exercise in coded))
    return Layout(assignment.layout.package, assignment.layout.modules, targets)


def open_box(assignment: Assignment, supervisor: Supervisor | None = None) -> tuple[Box, Containment]:
    """Try what this machine can contain, by a `supervisor` of the assignment's box or one for this alone.

    Raises ContainmentError below the tier the assignment requires.

    >>> from grader.grading import config
    >>> box, containment = open_box(config.load(Path("config.yaml")))
    >>> containment.tier in (1, 2, 3)
    True
    """
    box = planning.box(assignment)
    found = contained(box, supervisor)
    too_weak = found.too_weak(assignment.required_tier, "nothing was graded; run `grader doctor`")
    if too_weak:
        raise ContainmentError(too_weak)
    box = held(box, found)
    if supervisor is not None:
        supervisor.box = box
    return box, found


def plan(
    assignment: Assignment, box: Box | Supervisor, tier: int, seed: str | None = None, whose: Whose | None = None
) -> Plan:
    """Prepare the answers, and withhold every exercise whose own reference does not earn full marks.

    The reference is graded in the box, or by a supervisor that is there. Where parameters are drawn per student,
    `whose` says which, and the reference is graded with each that is drawn.
    """
    prepared = planning.prepare(assignment, seed)
    if whose is not None:
        prepared = per_student.planned(prepared, whose, seed)
    with contextlib.nullcontext(box) if isinstance(box, Supervisor) else Supervisor(box) as supervisor:
        prepared = _with_faults(prepared, supervisor)
        if whose is not None:
            _try_each_drawn(prepared, supervisor)
    return planning.environment(prepared, tier)


def _try_each_drawn(prepared: Plan, supervisor: Supervisor) -> None:
    """Grade the reference with each number that is drawn. What it fails is withheld from those who have that number."""
    for numbers in per_student.rounds(prepared):
        for plan in (prepared, *prepared.others):
            with_them = planning.only(per_student.with_numbers(plan, numbers), numbers)
            per_student.with_faults(plan, numbers, _reference_faults(with_them, supervisor).faults)


def _with_faults(prepared: Plan, supervisor: Supervisor) -> Plan:
    """Return a plan that withholds what its own reference fails, and so in each of the other dialects."""
    others = tuple(_with_faults(one, supervisor) for one in prepared.others)
    found = _reference_faults(prepared, supervisor)
    faults = {**prepared.faults, **found.faults}
    return msgspec.structs.replace(prepared, faults=faults, others=others, solution_told=found.told)


def reference_submission(assignment: Assignment) -> Submission:
    """Return the reference as if a student had handed it in."""
    sources = provided.of(assignment)
    path, numbers = assignment.reference / ANSWERS, drawing.numbers(assignment)
    raw = path.read_bytes() if path.is_file() else b""
    answers = parameters.in_source(raw.decode("utf-8", "replace"), numbers).encode() if numbers else raw
    return Submission(
        "reference",
        {name: (file_of(name), text.encode()) for name, text in sources.items()},
        answers=papers.answers(answers) if answers else {},
    )


def _reference_faults(prepared: Plan, supervisor: Supervisor) -> reference_faults.Found:
    """Return which exercises their own reference does not pass, and how each of them failed."""
    alone = msgspec.structs.replace(prepared, others=(), per_student=None)
    if prepared.per_student is not None:  # the others are tried with each number that is drawn
        alone = planning.only(alone, [one.id for one in prepared.assignment.exercises if not one.parameters])
    found = reference_faults.found(alone, supervisor, reference_submission(prepared.assignment))
    faults = {name: said for name, said in found.faults.items() if name not in prepared.faults}
    return msgspec.structs.replace(found, faults=faults)


def grade(
    prepared: Plan,
    box: Box,
    handed_in: Intake,
    out: Path,
    jobs: int,
    fresh: bool,
    progress: Progress,
    engine: Engine = local.grade_all,
    order: Sequence[str] = (),
    only: Collection[int] = (),
) -> Run:
    """Grade what was `handed_in`, reusing earlier results of identical work, and write all results under `out`.

    `order` names the exercises of the reports where they are of more than the plan's (see `regrading`). Where `only`
    some places in the class are named, those are graded again, and the others keep the results that they have.
    An interrupt leaves every finished result in place. Raises UsageError where `out` cannot be written, JudgeError
    where no process can be started.
    """
    if prepared.per_student is None:
        drawing.refuse_nobodys(prepared.assignment, "a class is graded with its roster, by `grader grade`")
    hide_from_same_user()  # it holds the answers
    ids = handed_in.ids
    done = Rows(order or [exercise.id for exercise in prepared.assignment.exercises], ids)
    faults = [f"{exercise}: {fault}; {FOR_EVERYONE}" for exercise, fault in prepared.faults.items()]
    for other in prepared.others:
        faults += [f"{exercise}: {fault}; {_whose(other)}" for exercise, fault in other.faults.items()]
    faults += [fault for one in (prepared, *prepared.others) for fault in per_student.faults(one)]
    kept = list(_kept(prepared, out, ids, done.exercises, only)) if only else []
    with _writing(out):
        _write_nothing(out)
        journal = Journal(out, len(ids), [ids[i] for i, _ in kept])  # first: from here on, earlier results do not count
    with journal:
        with _writing(out):
            settled = belonging.settle(out, ids)
            _write_who(out, handed_in)
            paged = pages.any_in(out)
        try:
            for index, row in kept:
                done.put(index, row)
            if not fresh and not only and settled.before:
                for index, row in _unchanged(prepared, box, handed_in, out, jobs):
                    done.put(index, row)
                    journal.add(ids[index])
                    progress(row)
            resumed, untouched = len(done), {*done.names()}
            for one in engine(prepared, box, handed_in, sorted(only) or done.missing(), jobs):
                name = ids[one.index]
                if one.fault:
                    faults.append(f"{name}: {one.fault}; the score is withheld")
                made = one.made or _withheld(prepared, handed_in.empty(one.index), one.fault)
                done.put(one.index, made.row)  # before it is written: an interrupt must not lose it from the CSV
                with _writing(out):
                    _write(out, name, made, paged)
                    journal.add(name)
                progress(made.row)
            if len(done) == len(ids):
                journal.finish()
            with _writing(out):
                if prepared.staffed:
                    staffing.write(prepared, box, handed_in, out, jobs)
                else:
                    staffing.forget(out)
        except OSError as error:
            raise JudgeError(f"grading cannot go on: {error.strerror or error}; finished results are kept") from error
        finally:
            with _writing(out):
                _write_class(out, done, prepared.assignment, handed_in)
    graded = [name for name in done.names() if name not in untouched] if settled.before else []
    new, again = ([name for name in graded if (name in settled.before) is known] for known in (False, True))
    return Run(done, tuple(faults), resumed, tuple(new), tuple(again), settled.gone)


def _whose(other: Plan) -> str:
    (dialect,) = other.assignment.dialects
    return f"it is withheld for everyone in the interface {dialect.name}"


def _kept(
    prepared: Plan, out: Path, ids: Sequence[str], exercises: Sequence[str], only: Collection[int]
) -> Iterator[tuple[int, ClassRow]]:
    """Yield the row of everyone else who has a result of the last run.

    Raises UsageError where it is of another grading than `prepared`: those would be mixed.
    """
    known = {*stored.names(out)}
    plan = prepared.environment.get("plan")
    for index, name in enumerate(ids):
        found = stored.read(stored.path_of(out, name)) if name in known and index not in only else None
        if found is None:
            continue
        if [one.id for one in found.exercises] != [*exercises] or found.environment.get("plan") != plan:
            raise UsageError(
                f"{out}: {name} was graded with another configuration, seed or choice of exercises, and the results "
                "would be mixed; grade the class again without --only, or with what they were graded with"
            )
        yield index, rows.of(found)


def _withheld(prepared: Plan, submission: Submission, fault: str) -> Made:
    """Return what is written of a submission that nothing came of through a fault of ours."""
    return rendered(same_for_all(prepared, submission, Outcome("judge error", fault)), prepared.html)


@contextlib.contextmanager
def _writing(out: Path) -> Iterator[None]:
    """Blame what cannot be written on the place it should be written to."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{out}: results cannot be written: {error.strerror or error}") from None


def _unchanged(prepared: Plan, box: Box, handed_in: Intake, out: Path, jobs: int) -> Iterator[tuple[int, ClassRow]]:
    """Yield the row of every submission whose stored result is of this very work, read by all processes together."""

    def start(_: object) -> Callable[[int], list[tuple[int, ClassRow]]]:
        def read(first: int) -> list[tuple[int, ClassRow]]:
            found = ((i, _earlier(prepared, handed_in, i, out)) for i in range(first, first + TOGETHER))
            return [(i, row) for i, row in found if row is not None]

        return read

    for did in local.spread(start, range(0, len(handed_in), TOGETHER), box, jobs):
        yield from did.made or ()  # what could not be read is graded, and then it is known whose fault that was


def _earlier(prepared: Plan, handed_in: Intake, index: int, out: Path) -> ClassRow | None:
    if index >= len(handed_in):
        return None
    name = handed_in.ids[index]
    earlier = stored.read(stored.path_of(out, name))
    if earlier is None or earlier.withheld or not _feedback_of(out, name).exists():
        return None
    if earlier.digest != planning.digest(prepared, handed_in[index]):
        return None
    if prepared.html and not pages.path_of(out, name).exists():
        pages.write(out, earlier)
    if prepared.staffed and not work.path_of(out, name).exists():  # none was kept that time
        kept = work.of(handed_in[index], earlier.digest, asked_in(prepared.assignment))
        files.write(work.path_of(out, name), work.encode(kept))
    return rows.of(earlier)


def _write(out: Path, name: str, made: Made, paged: bool) -> None:
    """Write the feedback, and last the result: once that is there, the submission is done.

    A page of an earlier result, where there are any (`paged`), does not outlive it.
    """
    files.write(_feedback_of(out, name), made.feedback)
    if made.work:
        files.write(work.path_of(out, name), made.work)
    else:
        work.path_of(out, name).unlink(missing_ok=True)
    if made.page:
        files.write(pages.path_of(out, name), made.page)
    elif paged:
        pages.path_of(out, name).unlink(missing_ok=True)
    pages.staff_path_of(out, name).unlink(missing_ok=True)
    files.write(stored.path_of(out, name), made.result)


def _feedback_of(out: Path, name: str) -> Path:
    return Path(f"{out}/feedback/{name}.md")


def _write_class(out: Path, done: Rows, assignment: Assignment, handed_in: Intake) -> None:
    if done and out.is_dir():
        lines = grades.lines(done.exercises, done, done.without())
        files.write_all(out / "grades.csv", (line.encode() for line in lines))
        pages.write_index(out, assignment.title, done, pages.whose(assignment, handed_in))


def _write_who(out: Path, handed_in: Intake) -> None:
    """Keep who handed in what: the marks are of them, and of nobody else."""
    now = (handed_in.handed(i) for i in range(len(handed_in)))
    files.write_all(out / marks.HANDED_IN, marks.lines_of(now))


def _write_nothing(out: Path) -> None:
    """Find out now, not after an hour of grading, whether results can be written."""
    probe = out / ".writable"
    files.write(probe, b"")
    probe.unlink()


def probe(assignment: Assignment) -> Containment:
    """Try what this machine can contain."""
    return contained(planning.box(assignment))
