"""`grader bundle`: put an assignment into one zip, for students or for a platform."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import grader
from grader.cli import common, minded, students
from grader.cli.common import OK, near_by, say
from grader.errors import UsageError
from grader.grading import config, drawing
from grader.grading.config import Assignment
from grader.reports import files
from grader.reports.text import counted, points

LOCK = Path(grader.__file__).parents[1] / "requirements" / "run.lock"


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = "Put an assignment, with all that is needed to run it somewhere else, into one zip."
    kinds = parser.add_subparsers(title="bundles", required=True, metavar="KIND", dest="kind")
    _define_student(kinds.add_parser("student", help="template, public exercises and the grader, for students"))
    _define_web(kinds.add_parser("web", help="a page that checks in the browser, for a web server or a mail"))
    _define_classroom50(kinds.add_parser("classroom50", help="a self-check for Classroom 50, without answers"))
    _define_runner(kinds.add_parser("runner", help="a private repository that grades the class on a runner"))
    _define_gradescope(kinds.add_parser("gradescope", help="an autograder to upload to Gradescope"))


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    try:
        return int(options.make(options))
    except KeyboardInterrupt:
        say("stopped; run the same command again")
        return common.INTERRUPTED


def _define_student(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write the students' handout: the template, the public exercises and the grader, with no hidden check or "
        "seed. The template has a TODO for each thing that the assignment asks; what that runs through is given, and "
        "the rest is left out. What a course may not want given is told. Students unpack the handout, install what is "
        "in it, and run `grader check`."
    )
    parser.epilog = "example: grader bundle student -o handout.zip"
    common.assignment(parser)
    _output(parser, "handout.zip")
    parser.add_argument(
        "--template", type=Path, metavar="DIR", help="your own template (default: cut out of the reference)"
    )
    parser.add_argument(
        "--notebook", action="store_true", help="the template as a notebook, where no other file imports from it"
    )
    parser.add_argument(
        "--ci",
        action="append",
        choices=("github", "gitlab"),
        default=[],
        help="check it on every push there: a workflow without answers or secrets; give it again for the other",
    )
    parser.add_argument(
        "--roster",
        type=Path,
        metavar="FILE",
        help="where parameters are drawn per student: a handout for each on this roster, in the folder that -o names",
    )
    parser.set_defaults(make=_student)


def _student(options: argparse.Namespace) -> int:
    from grader.bundle import student  # each kind needs its own

    assignment = config.load(options.config)
    if options.template and not options.template.is_dir():
        raise UsageError(f"{options.template}: no such template folder")
    if options.roster:
        return _each_student(options, assignment)
    made = student.build(
        assignment, options.template, options.notebook, lambda said: say(f"bundle: {said}"), options.ci
    )
    files.write(options.output, made)
    print(f"written: {near_by(options.output)}")
    minded.mind_the_seed(assignment)
    return OK


def _each_student(options: argparse.Namespace, assignment: Assignment) -> int:
    """Write a handout per student, each named by the student's id on the roster."""
    from grader.bundle import student
    from grader.submissions.entries import clean_id

    if not drawing.with_parameters(assignment):
        raise UsageError("--roster: no exercise has parameters, so all students have the same handout; leave it out")
    ids = students.listed(options.roster)
    names = {id: f"{clean_id(id)}.zip" for id in ids}
    taken: dict[str, str] = {}
    for id, name in names.items():
        other = taken.setdefault(name.casefold(), id)
        if other != id:
            raise UsageError(f"{options.roster}: the handouts of {other!r} and {id!r} would have the same name")
    folder = options.output.with_suffix("") if options.output.suffix == ".zip" else options.output
    for id, made in student.for_each(
        assignment, ids, options.template, options.notebook, lambda said: say(f"bundle: {said}"), options.ci
    ):
        files.write(folder / names[id], made)
    print(f"written: {counted(len(ids), 'handout')} in {near_by(folder)}/, each named by its student's id")
    minded.mind_the_seed(assignment)
    return OK


def _define_web(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write the self-check as a page that runs in a browser: a folder for any web server (index.html), and all of "
        "it in one file (check.html) for a course page or a mail. Students install nothing, and nothing they write "
        "leaves their browser. The page holds the template and the public exercises, with no hidden check or seed. It "
        "is made of Pyodide and an editor, which npm brings once; both are pinned. Open check.html as it is; serve the "
        "folder by any web server, as by `python -m http.server`."
    )
    parser.epilog = "example: grader bundle web -o site (then docs/browser.md)"
    common.assignment(parser)
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIR", default=Path("web"), help="where to write it (default: %(default)s)"
    )
    parser.add_argument(
        "--template", type=Path, metavar="DIR", help="your own template (default: cut out of the reference)"
    )
    parser.add_argument(
        "--pyodide",
        type=Path,
        metavar="FILE",
        help="Pyodide's package as a file, with the editor's packages beside it (default: npm fetches them)",
    )
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where fetched packages are kept between runs")
    parser.set_defaults(make=_web)


def _web(options: argparse.Namespace) -> int:
    from grader.bundle import web, wheels  # each kind needs its own

    assignment = config.load(options.config)
    if options.template and not options.template.is_dir():
        raise UsageError(f"{options.template}: no such template folder")
    if options.pyodide and not options.pyodide.is_file():
        raise UsageError(f"{options.pyodide}: no such file")
    _hold_folder(options.output, web.LICENCES)
    wanted = web.Wanted(LOCK, options.pyodide, options.cache or wheels.kept_in().parent)
    made = web.build(assignment, options.template, wanted, lambda said: say(f"bundle: {said}"))
    for name, raw in made.files.items():
        path = options.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, raw)
    alone = options.output / web.ALONE
    print(f"written: {near_by(options.output / web.INDEX)} (a browser is sent {made.sent / 1e6:.1f} MB)")
    print(f"written: {near_by(alone)} (all in one file, {len(made.files[web.ALONE]) / 1e6:.1f} MB)")
    minded.mind_the_seed(assignment)
    return OK


def _hold_folder(folder: Path, ours: str) -> None:
    """Make a folder. Raises UsageError where it cannot be had, or holds what is not from an earlier run."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise UsageError(f"{folder}: this folder cannot be made: {error.strerror or error}; name another: -o") from None
    if held and ours not in held:
        raise UsageError(f"{folder}: other files are in this folder; name a new one, or an empty one: -o")


def _define_classroom50(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write what Classroom 50 runs when a student submits: a script that checks the public exercises and writes its "
        "result.json. What it publishes everyone can read, so no answer, hidden check or seed is in it."
    )
    parser.epilog = "example: grader bundle classroom50 -o autograder.zip (then docs/on-push.md)"
    common.assignment(parser)
    _output(parser, "classroom50.zip")
    parser.set_defaults(make=_classroom50)


def _classroom50(options: argparse.Namespace) -> int:
    from grader.bundle import classroom50  # each kind needs its own

    files.write(options.output, classroom50.build(config.load(options.config)))
    print(f"written: {near_by(options.output)}")
    return OK


def _define_runner(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write what grades a class on a runner of GitHub's or GitLab's: the grader, the assignment with its answers, "
        "the pinned packages, a script and two workflows. It is for a private repository of the course's staff; its "
        "README says what that must not be given."
    )
    parser.epilog = "example: grader bundle runner -o grading.zip (then docs/on-push.md)"
    common.assignment(parser)
    _output(parser, "grading.zip")
    parser.add_argument(
        "--lock", type=Path, metavar="FILE", default=LOCK, help="the pinned requirements (default: ours)"
    )
    parser.set_defaults(make=_runner)


def _runner(options: argparse.Namespace) -> int:
    from grader.bundle import runner  # each kind needs its own

    files.write(options.output, runner.build(options.config, options.lock))
    print(f"written: {near_by(options.output)}")
    say("bundle: the answers are in it: keep the repository private")
    minded.mind_the_seed(config.load(options.config))
    return OK


def _define_gradescope(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Make the zip that Gradescope builds an autograder from: the grader, the assignment with its answers, and "
        "the pinned packages. The same input makes the same bytes. Keep it from students: the answers are in it."
    )
    parser.epilog = "example: grader bundle gradescope -o autograder.zip (then docs/gradescope.md)"
    common.assignment(parser)
    _output(parser, "autograder.zip")
    parser.add_argument(
        "--python",
        metavar="VERSION",
        default="3.10",
        help="the Python of the image (default: %(default)s, which Gradescope's Ubuntu 22.04 has)",
    )
    parser.add_argument(
        "--lock", type=Path, metavar="FILE", default=LOCK, help="the pinned requirements (default: ours)"
    )
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where fetched packages are kept between runs")
    parser.set_defaults(make=_gradescope)


def _gradescope(options: argparse.Namespace) -> int:
    from grader.bundle import gradescope, wheels  # each kind needs its own
    from grader.bundle.requirements import Target

    if options.python not in ("3.10", "3.11", "3.12", "3.13"):
        raise UsageError(f"--python {options.python}: the grader runs on 3.10, 3.11, 3.12 and 3.13")
    target = Target(options.python)
    made = gradescope.bundle(options.config, options.lock, target, options.cache or wheels.kept_in())
    files.write(options.output, made.raw)
    digest = hashlib.sha256(made.raw).hexdigest()[:16]
    assignment = made.assignment
    print(f"written: {near_by(options.output)} ({len(made.raw) / 1e6:.1f} MB, {made.files} files, sha256 {digest}…)")
    print(f"packages for Python {target.python}: {', '.join('-'.join(one.split('-')[:2]) for one in made.wheels)}")
    print(
        f"on Gradescope: {points(assignment.possible)} autograder points, and a time limit over "
        f"{assignment.gradescope.wall_seconds} s"
    )
    minded.mind_the_seed(assignment)
    return OK


def _output(parser: argparse.ArgumentParser, name: str) -> None:
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", default=Path(name), help="where to write it (default: %(default)s)"
    )
