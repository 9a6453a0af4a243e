"""`grader grade`: grade a folder of submissions."""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from grader.batch import accounted, belonging, cohort, cores, local, regrading, whose
from grader.batch.rendering import Engine
from grader.cli import collapsed, common, minded
from grader.cli.collapsed import say_each
from grader.cli.common import OK, OURS, near_by, say
from grader.course import finding, roster
from grader.errors import UsageError
from grader.grading import config, planning
from grader.platforms import intake
from grader.reports import stored, terminal, unfinished
from grader.reports.rows import ClassRow
from grader.reports.text import counted, inert
from grader.sandbox.supervisor import Supervisor
from grader.submissions import people
from grader.submissions.intake import Intake
from grader.submissions.people import Person


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Grade a class: a folder or an archive with one folder, .py file, notebook or archive for each student, or "
        "what Gradescope, Canvas or Moodle hand out, as it comes. Results are written as they come; a second run "
        "goes on where the first one stopped. The reports are of this class alone: results of who is no longer "
        "handed in move to `left/` in them."
    )
    parser.epilog = "example: grader grade ~/hw1 --out ~/hw1-reports"
    parser.add_argument("path", nargs="?", type=Path, help="the submissions (default: `submissions` in the config)")
    common.places(parser)
    parser.add_argument("--jobs", type=common.count, metavar="N", help="grading processes (default: one per core)")
    parser.add_argument(
        "--exercises",
        metavar="ID,...",
        default="",
        help="grade these exercises only, by id, with commas between; results of others in the same folder stay",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="grade this student again, by id, name or e-mail, and keep everyone else's results; may be given again",
    )
    parser.add_argument("--fresh", action="store_true", help="grade everything again, whatever is there already")
    parser.add_argument("--html", action="store_true", help="write a page for each student as well: feedback/*.html")
    parser.add_argument(
        "--no-pages",
        action="store_true",
        help="keep no student's code (code/*.json), and leave out staff's page of each (staff/*.html)",
    )
    collapsed.verbose(parser)
    parser.add_argument("--seed", metavar="TEXT", help="draw other inputs than the config's, as for a final regrade")
    parser.add_argument(
        "--attempt", type=common.count, default=1, metavar="N", help="which attempt this is, for hints that are staged"
    )
    parser.add_argument(
        "--engine",
        choices=("local", "dask"),
        default="local",
        help="where to grade: this machine's cores (default), or a Dask cluster",
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="the cluster's scheduler, as tcp://host:8786 (default: a cluster on this machine, of --jobs workers)",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    only = tuple(name for name in options.exercises.split(",") if name)
    if options.scheduler and options.engine != "dask":
        raise UsageError("--scheduler names a Dask cluster; say --engine dask as well")
    assignment = config.load(options.config, only)
    folder = options.path or assignment.submissions
    if folder is None:
        raise UsageError("which submissions? name a folder, or set `submissions` in the config")
    out = options.out or assignment.out
    known = _roster(assignment.roster)
    rostered = frozenset(one for person in known for one in people.ids(person))
    students = functools.partial(_students, known, out)
    found = intake.opened(folder, cohort.layout(assignment), options.attempt, lambda: rostered, out, students)
    belonging.refuse_another(out, assignment.id, _command(options, out))
    chosen = _chosen(options.only, found, known)
    drawn = whose.drawn(assignment, known, [found.handed(i) for i in range(len(found))])
    for remark in found.remarks:
        say(remark)
    for concern in found.concerns:  # of names that many share there are a few lines, and how many more
        say(f"names: {concern}")
    order = _kept_beside(only, out, options.config, found.ids)
    fresh = options.fresh or bool(order)
    jobs = options.jobs or assignment.jobs or cores.count()
    supervisor = Supervisor(planning.box(assignment))
    with supervisor, _engine(options, jobs, fresh or not stored.any_in(out), supervisor) as engine:
        with cores.beside_the_first(jobs):
            box, containment = cohort.open_box(assignment, supervisor)
        say(
            f"{assignment.title}: {counted(len(found), 'submission')}, {counted(len(assignment.exercises), 'exercise')}"
        )
        say(f"containment tier {containment.tier}: {containment.describe()}")
        minded.mind_the_seed(assignment, options.seed)
        absent = planning.missing(assignment)
        if absent:
            say(f"allowed but not installed here, so no submission can import them: {', '.join(absent)}")
        prepared = cohort.plan(assignment, supervisor, containment.tier, options.seed, drawn)
        prepared = msgspec.structs.replace(prepared, html=options.html, staffed=not options.no_pages)
        if options.engine == "dask":
            supervisor.close()  # the cluster's workers have their own
        if order:
            engine = regrading.keeping(engine, out, found.ids, order)
        with _shown(len(chosen) or len(found), out) as progress:
            run = cohort.grade(prepared, box, found, out, jobs, fresh, progress, engine, order, chosen)
    _report(run, out, options)
    print(accounted.line(run.rows, found.ignored))
    if options.verbose and len(found.ignored) > accounted.SHOWN_IGNORED:
        say_each(
            "ignored",
            [f"{inert(one.name)} ({inert(one.why)})" if one.why else inert(one.name) for one in found.ignored],
            True,
        )
    for line in accounted.changes(run):
        print(line)
    if (run.new or run.again or run.gone) and (out / "marks.csv").is_file():
        print(f"{near_by(out)}/marks.csv is of before; `grader marks` works it out again")
    return OURS if run.faults else OK


def _command(options: argparse.Namespace, out: Path) -> str:
    """Return what to run in place of a command whose reports would lie among another assignment's."""
    given = [str(options.path)] if options.path else []
    config_file = ["--config", str(options.config)] if options.config != Path("config.yaml") else []
    return shlex.join(["grader", "grade", *given, *config_file, "--out", f"{near_by(out)}-2"])


def _chosen(asked: Sequence[str], found: Intake, known: Sequence[Person]) -> list[int]:
    """Return the places of those who are to be graded again. Raises UsageError where one is nobody's."""
    if not asked:
        return []
    handed = [found.handed(i) for i in range(len(found))]
    names = {one.submission for text in asked for one in finding.submissions_of(text, handed, known, "this class")}
    return [i for i, one in enumerate(handed) if one.submission in names]


def _roster(path: Path | None) -> tuple[Person, ...]:
    """Return everyone on the roster. One that cannot be read is said, and keeps nobody from being graded."""
    try:
        return roster.read(path) if path else ()
    except UsageError as error:
        say(f"names: {error}; whose name is whose was decided without the roster")
        return ()


def _students(known: Sequence[Person], out: Path) -> list[str]:
    """Return what students are called, by the roster and by earlier results."""
    names = [name for one in known for name in (*people.ids(one), one.name, " ".join(one.name.split(",")[::-1]))]
    return [*filter(None, names), *stored.all_names(out)]


@contextlib.contextmanager
def _shown(count: int, out: Path) -> Iterator[cohort.Progress]:
    """Show how far it is, where somebody is watching, and how far it came, where it is interrupted."""
    try:
        with _bar(count) as progress:
            yield progress
    except KeyboardInterrupt:
        said = unfinished.said(out)
        if said:
            say(f"{said}; marks, pages and exports say so too")
        raise


@contextlib.contextmanager
def _bar(count: int) -> Iterator[cohort.Progress]:
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from tqdm import tqdm  # slow to import for what nobody sees

    counts = {"full": 0, "partial": 0, "none": 0}
    with tqdm(total=count, unit="sub", file=sys.stderr, leave=False) as bar:

        def progress(row: ClassRow) -> None:
            full = row.total == row.possible
            counts["full" if full else "partial" if row.total else "none"] += 1
            bar.set_postfix(counts, refresh=False)
            bar.update()

        yield progress


def _kept_beside(only: Sequence[str], out: Path, config_file: Path, names: Sequence[str]) -> list[str]:
    """Return all exercises of the reports, where those that are graded now are added to results of others."""
    if not only or not stored.any_in(out):
        return []
    known = [one.id for one in config.load(config_file).exercises]
    return regrading.exercises_after(out, names, only, known)


def _engine(
    options: argparse.Namespace, jobs: int, new: bool, supervisor: Supervisor
) -> contextlib.AbstractContextManager[Engine]:
    """Return what grades: here, going on with what `supervisor` has started, or a cluster.

    Where all is `new`, nothing is looked through first, and a cluster can start meanwhile.
    """
    if options.engine == "dask":
        if options.scheduler is None:
            from grader.batch import forked

            forked.ahead()
        from grader.batch import dask  # an extra, and slow to import

        return dask.engine(options.scheduler, jobs, ahead=new)
    return contextlib.nullcontext(functools.partial(local.grade_all, warm=supervisor))


def _report(run: cohort.Run, out: Path, options: argparse.Namespace) -> None:
    width, colour = terminal.width(), sys.stdout.isatty() and "NO_COLOR" not in os.environ
    print(terminal.table(run.rows, width, colour))
    print()
    print(terminal.legend(run.rows.exercises, width))
    print()
    print(terminal.summary(run.rows.exercises, run.rows, width))
    if run.resumed:
        print(f"{run.resumed} of them unchanged since an earlier run (--fresh grades them again)")
    written = ["index.html", "grades.csv", "feedback/*.md", *["feedback/*.html"] * options.html, "results/*.json"]
    written += [] if options.no_pages else ["staff/*.html"]
    print(f"written: {near_by(out)}/{', '.join(written)}")
    everyones = [fault for fault in run.faults if fault.endswith(cohort.FOR_EVERYONE)]
    for fault in everyones:
        say(f"grader fault: {fault}")
    single = [fault for fault in run.faults if fault not in everyones]
    say_each("grader fault", single, options.verbose, f"results/*.json of {near_by(out)} hold all; --verbose says them")
