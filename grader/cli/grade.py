"""`grader grade`: grade a folder of submissions."""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from grader.batch import cohort, cores, local, regrading
from grader.batch.rendering import Engine
from grader.cli import common, minded
from grader.cli.common import OK, OURS, near_by, say
from grader.course import roster
from grader.errors import UsageError
from grader.grading import config, planning
from grader.platforms import intake
from grader.reports import stored, terminal
from grader.reports.rows import ClassRow
from grader.reports.text import counted
from grader.sandbox.supervisor import Supervisor
from grader.submissions import people


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Grade a class: a folder with one folder, .py file, notebook or .zip for each student, or what Gradescope "
        "(Download submissions) or Canvas hand out, as it comes. Results are written as they come; a second run goes "
        "on where the first one stopped."
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
    parser.add_argument("--fresh", action="store_true", help="grade everything again, whatever is there already")
    parser.add_argument("--html", action="store_true", help="write a page for each student as well: feedback/*.html")
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
    rostered = functools.partial(_rostered, assignment.roster)
    found = intake.opened(folder, cohort.layout(assignment), options.attempt, rostered)
    for concern in found.concerns:
        say(f"names: {concern}")
    out = options.out or assignment.out
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
        prepared = cohort.plan(assignment, supervisor, containment.tier, options.seed)
        prepared = msgspec.structs.replace(prepared, html=options.html)
        if options.engine == "dask":
            supervisor.close()  # the cluster's workers have their own
        if order:
            engine = regrading.keeping(engine, out, found.ids, order)
        with _shown(len(found)) as progress:
            run = cohort.grade(prepared, box, found, out, jobs, fresh, progress, engine, order)
    _report(run, out, options.html)
    return OURS if run.faults else OK


def _rostered(path: Path | None) -> frozenset[str]:
    """Return the ids on the roster as they are written. One that cannot be read keeps nobody from being graded."""
    if path is None:
        return frozenset()
    try:
        return frozenset(one for person in roster.read(path) for one in people.ids(person))
    except UsageError as error:
        say(f"names: {error}; whose name is whose was decided without the roster")
        return frozenset()


@contextlib.contextmanager
def _shown(count: int) -> Iterator[cohort.Progress]:
    """Show how far it is, where somebody is watching."""
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


def _report(run: cohort.Run, out: Path, html: bool) -> None:
    width, colour = terminal.width(), sys.stdout.isatty() and "NO_COLOR" not in os.environ
    print(terminal.table(run.rows, width, colour))
    print()
    print(terminal.legend(run.rows.exercises, width))
    print()
    print(terminal.summary(run.rows.exercises, run.rows, width))
    if run.resumed:
        print(f"{run.resumed} of them unchanged since an earlier run (--fresh grades them again)")
    written = ["index.html", "grades.csv", "feedback/*.md", *["feedback/*.html"] * html, "results/*.json"]
    print(f"written: {near_by(out)}/{', '.join(written)}")
    for fault in run.faults:
        say(f"grader fault: {fault}")
