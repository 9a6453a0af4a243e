"""The command line: the only module that prints or exits.

Exit codes: 0 it ran, whatever the scores; 1 something of ours failed (everything else is written);
2 usage or configuration; 3 two gradings differ, where that was asked; 130 interrupted, with every finished
result kept.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from grader import __version__, cohort, config, planning, submissions
from grader.engines import local
from grader.errors import JudgeError, UsageError
from grader.forms import near
from grader.reports import audience, difference, feedback, stored, terminal
from grader.reports.rows import Row

OK, OURS, USAGE, DIFFERENT, INTERRUPTED = 0, 1, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    signal.signal(signal.SIGTERM, _interrupt)
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except UsageError as error:
        _say(f"{error}")
        return USAGE
    except JudgeError as error:
        _say(f"judge error: {error}")
        return OURS
    except KeyboardInterrupt:
        _say("interrupted: finished results are kept; run the same command to go on")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grader",
        description="Grade automatic-differentiation homework.",
        epilog="Start with `grader grade` in a clone: it grades the sample class. Exit codes: 0 ran, "
        "1 something of ours failed, 2 usage or configuration, 3 `diff --exit-code` found marks that differ, "
        "130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"grader {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    grade = commands.add_parser(
        "grade",
        help="grade a folder of submissions",
        description="Grade a folder of submissions: one folder, .py file or .zip for each student. Results are "
        "written as they come; a second run goes on where the first one stopped.",
        epilog="example: grader grade ~/hw1 --out ~/hw1-reports",
    )
    grade.add_argument("path", nargs="?", type=Path, help="the submissions (default: `submissions` in the config)")
    _common(grade)
    grade.add_argument("--jobs", type=_count, metavar="N", help="grading processes (default: one a core)")
    grade.add_argument(
        "--exercises",
        metavar="ID,...",
        default="",
        help="grade these exercises only, by id, with commas between; a folder that holds results of others is refused",
    )
    grade.add_argument("--fresh", action="store_true", help="grade everything again, whatever is there already")
    grade.add_argument("--seed", metavar="TEXT", help="draw other inputs than the config's, as for a final regrade")
    grade.add_argument(
        "--attempt", type=_count, default=1, metavar="N", help="which attempt this is, for hints that are staged"
    )
    grade.add_argument(
        "--engine",
        choices=("local", "dask"),
        default="local",
        help="where to grade: this machine's cores (default), or a Dask cluster",
    )
    grade.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="the cluster's scheduler, as tcp://host:8786 (default: a cluster on this machine, of --jobs workers)",
    )
    grade.set_defaults(run=_grade)

    audit = commands.add_parser(
        "audit",
        help="prove that exercises catch mistakes, before students meet them",
        description="Plant mistakes in the solution, one at a time, and grade each: a good exercise catches all of "
        "them, lets right code pass however it is written, gives the solution full marks and the template none. "
        "Exit status 0 where every exercise is proved, 1 where one is not.",
        epilog="example: grader audit square log --json audit.json",
    )
    audit.add_argument(
        "ids", nargs="*", metavar="ID", help="audit these exercises, and those on the same code (default: all)"
    )
    audit.add_argument("--config", type=Path, default=Path("config.yaml"), help="the assignment (default: %(default)s)")
    audit.add_argument("--jobs", type=_count, metavar="N", help="grading processes (default: one a core)")
    audit.add_argument(
        "--seeds", type=_count, default=3, metavar="N", help="grade every mistake under N seeds (default: %(default)s)"
    )
    audit.add_argument(
        "--reference-seeds",
        type=_count,
        default=20,
        metavar="N",
        help="and the solution under N (default: %(default)s)",
    )
    audit.add_argument("--json", type=Path, metavar="FILE", help="write everything that was found there as well")
    audit.set_defaults(run=_audit)

    show = commands.add_parser(
        "show",
        help="show one result in full, for disputes",
        description="Show one student's stored result in full: every check's verdict, points and evidence.",
    )
    show.add_argument("student", help="the submission's name as in the table")
    _common(show)
    show.add_argument(
        "--for",
        dest="reader",
        choices=("staff", "student", "published"),
        default="staff",
        help="show what staff may read (default), a student now, or a student once hidden checks are published",
    )
    show.add_argument("--json", action="store_true", help="print the stored JSON instead")
    show.add_argument("--html", type=Path, metavar="FILE", help="write it as a page, with graphs drawn, instead")
    show.set_defaults(run=_show)

    diff = commands.add_parser(
        "diff",
        help="say whose marks changed between two gradings",
        description="Compare two report folders before anything is published: whose marks differ, by how much and "
        "why, who is in one of them only, and who is withheld. The exit status is 0 whether they differ or not.",
        epilog="example: grader grade --seed final --out final && grader diff reports final",
    )
    diff.add_argument("old", type=Path, metavar="OLD", help="the report folder of the earlier grading")
    diff.add_argument("new", type=Path, metavar="NEW", help="that of the later one")
    diff.add_argument("--json", action="store_true", help="print everything that differs as JSON instead")
    diff.add_argument("--exit-code", action="store_true", help="exit with status 3 where marks differ")
    diff.set_defaults(run=_diff)

    doctor = commands.add_parser(
        "doctor",
        help="say what this machine can contain",
        description="Try to break out of the sandbox from inside, and say which containment tier this machine offers.",
    )
    doctor.add_argument(
        "--config", type=Path, default=Path("config.yaml"), help="the assignment (default: %(default)s)"
    )
    doctor.set_defaults(run=_doctor)

    schema = commands.add_parser(
        "schema",
        help="print a JSON Schema",
        description="Print the JSON Schema of an exercise, a config or a result, for editors and for platforms.",
    )
    schema.add_argument("of", choices=("exercise", "config", "result"), help="what to describe")
    schema.set_defaults(run=_schema)

    template = commands.add_parser(
        "template",
        help="write the student template from the reference",
        description="Write student_template/ from reference/: solutions out, prompts in.",
    )
    template.add_argument("--reference", type=Path, default=Path("reference"), help="default: %(default)s")
    template.add_argument("--out", type=Path, default=Path("student_template"), help="default: %(default)s")
    template.set_defaults(run=_template)
    return parser


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config", type=Path, default=Path("config.yaml"), help="the assignment (default: %(default)s)"
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="where reports go (default: `out` in the config)")


def _grade(options: argparse.Namespace) -> int:
    only = tuple(name for name in options.exercises.split(",") if name)
    engine = _engine(options)
    assignment = config.load(options.config, only)
    folder = options.path or assignment.submissions
    if folder is None:
        raise UsageError("which submissions? name a folder, or set `submissions` in the config")
    found = submissions.HandedIn(folder, cohort.layout(assignment), options.attempt)
    out = options.out or assignment.out
    if only:
        cohort.lose_nothing(out, only)
    box, containment = cohort.open_box(assignment)
    _say(f"{assignment.title}: {len(found)} submissions, {len(assignment.exercises)} exercises")
    _say(f"containment tier {containment.tier}: {containment.describe()}")
    absent = planning.missing(assignment)
    if absent:
        _say(f"allowed but not installed here, so no submission can import them: {', '.join(absent)}")
    prepared = cohort.plan(assignment, box, containment.tier, options.seed)
    jobs = options.jobs or assignment.jobs or local.cores()
    with tqdm(total=len(found), unit="sub", disable=None, file=sys.stderr, leave=False) as bar:
        counts = {"full": 0, "partial": 0, "none": 0}

        def progress(row: Row) -> None:
            full = row.total == row.possible
            counts["full" if full else "partial" if row.total else "none"] += 1
            bar.set_postfix(counts, refresh=False)
            bar.update()

        run = cohort.grade(prepared, box, found, out, jobs, options.fresh, progress, engine)
    _report(run, out)
    return OURS if run.faults else OK


def _engine(options: argparse.Namespace) -> cohort.Engine:
    if options.engine == "dask":
        from grader.engines import dask  # an extra, and slow to import

        return dask.engine(options.scheduler)
    if options.scheduler:
        raise UsageError("--scheduler names a Dask cluster; say --engine dask as well")
    return local.grade_all


def _report(run: cohort.Run, out: Path) -> None:
    width, colour = terminal.width(), sys.stdout.isatty() and "NO_COLOR" not in os.environ
    print(terminal.table(run.rows, width, colour))
    print()
    print(terminal.legend(run.rows.exercises, width))
    print()
    print(terminal.summary(run.rows.exercises, run.rows, width))
    if run.resumed:
        print(f"{run.resumed} of them unchanged since an earlier run (--fresh grades them again)")
    print(f"written: {_near(out)}/grades.csv, feedback/*.md, results/*.json")
    for fault in run.faults:
        _say(f"judge error: {fault}")


def _audit(options: argparse.Namespace) -> int:
    from grader.audit import plants, run  # nothing else here needs what they import
    from grader.reports import audited

    assignment = config.load(options.config)
    if options.ids:
        config.load(options.config, tuple(options.ids))  # says where there is no such exercise
        assignment = config.load(options.config, plants.together(assignment.exercises, options.ids))
    box, _ = cohort.open_box(assignment)
    jobs = options.jobs or assignment.jobs or local.cores()
    with tqdm(unit="run", disable=None, file=sys.stderr, leave=False) as bar:

        def progress(what: str, done: int, count: int) -> None:
            if done == 1:
                bar.reset(count)
                bar.set_description(what, refresh=False)
            bar.update()

        found = run.audit(assignment, box, jobs, options.seeds, options.reference_seeds, progress)
    if options.json:
        stored.write(options.json, audited.encode(found))
    print(audited.text(found, terminal.width()))
    return OURS if found.problems else OK


def _show(options: argparse.Namespace) -> int:
    out = options.out or config.load(options.config).out
    path = stored.path_of(out, options.student)
    names = sorted(one.stem for one in path.parent.glob("*.json"))
    if options.student not in names:
        raise UsageError(f"no result for {options.student!r} under {_near(out)}{near(options.student, names)}")
    if options.json:
        print(path.read_text("utf-8"), end="")
        return OK
    result = stored.read(path)
    if result is None:
        raise UsageError(f"{_near(path)} is not a whole result; grade again with --fresh")
    if options.reader != "staff":
        result = audience.for_student(result, published=options.reader == "published")
    if options.html:
        from grader.reports import page  # jinja2 is slow to import, and nothing else here needs it

        stored.write(options.html, page.html(result).encode())
        print(f"written: {_near(options.html)}")
        return OK
    print(feedback.markdown(result), end="")
    if options.reader == "staff":
        print(f"graded by: {', '.join(f'{name} {value}' for name, value in result.environment.items())}")
    return OK


def _diff(options: argparse.Namespace) -> int:
    for folder in (options.old, options.new):
        if not (folder / "results").is_dir():
            raise UsageError(f"{folder}: holds no results; name a folder that `grader grade` wrote")
    found = difference.between(stored.pairs(options.old, options.new))
    if options.json:
        print(difference.encode(found).decode(), end="")
    else:
        print(difference.text(found, terminal.width()))
    return DIFFERENT if options.exit_code and found.changes else OK


def _doctor(options: argparse.Namespace) -> int:
    assignment = config.load(options.config)
    found = cohort.probe(assignment)
    print(f"containment tier {found.tier}: {found.describe()}")
    print(f"layers: {', '.join(found.layers) or 'none'}")
    for layer in found.missing():
        print(f"missing: {layer}")
    print(f"got through: {', '.join(found.breaches) or 'nothing'}")
    absent = planning.missing(assignment)
    if absent:
        print(f"allowed but not installed: {', '.join(absent)}")
    enough = found.tier <= assignment.required_tier
    print(f"the assignment requires tier {assignment.required_tier}: {'met' if enough else 'not met'}")
    if found.advice():
        print(f"to raise the tier: {found.advice()}")
    return OK if enough else OURS


def _schema(options: argparse.Namespace) -> int:
    from grader.reports import schemas

    print(json.dumps(schemas.schema(options.of), indent=2))
    return OK


def _template(options: argparse.Namespace) -> int:
    from grader import template

    if not options.reference.is_dir():
        raise UsageError(f"{options.reference}: no such reference folder")
    written = template.write_template(options.reference, options.out)
    print(f"wrote {len(written)} files under {_near(options.out)}")
    return OK


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("should be at least 1")
    return value


def _near(path: Path) -> str:
    """Return a path as someone standing here would type it."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
