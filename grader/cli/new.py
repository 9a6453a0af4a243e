"""`grader new`: start an exercise from a few answers, or an assignment from a course pack."""

from __future__ import annotations

import argparse
import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.assignment import forms
from grader.authoring import courses, editing, linting, packs, starting, trying
from grader.authoring.courses import Answers
from grader.authoring.starting import Idea
from grader.cli import asking, common
from grader.cli.common import OK, USAGE, near_by, say
from grader.errors import UsageError
from grader.grading import config, unmarked
from grader.grading.config import Assignment, ConfigForm
from grader.reports import files


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = "Start something new in an assignment."
    kinds = parser.add_subparsers(title="what", required=True, metavar="WHAT")
    exercise = kinds.add_parser("exercise", help="a class with forward and backward, from its formula")
    exercise.description = (
        "Write an exercise: its YAML, and the solved class at the end of its file in the reference, between the "
        "markers that cut it out of the template. Asks for what no option says. The derivatives are worked out from "
        "the formula where none are given; those that are given are held to it. Changes of the solution that are "
        "provably no mistake are listed under `equivalent`. Then audit it. A formula that begins with a minus is "
        "written --value=-x."
    )
    exercise.epilog = (
        "example: grader new exercise --title Cube --argument x=real --value 'x ** 3' --derivative '3 * x ** 2'"
    )
    exercise.add_argument("--title", metavar="TEXT", help="what people call it")
    exercise.add_argument("--statement", metavar="TEXT", help="what is asked, in a sentence")
    exercise.add_argument(
        "--class", dest="class_", metavar="NAME", help="the class students write (default: the title)"
    )
    exercise.add_argument("--file", metavar="FILE", help="where they write it (default: the assignment's last module)")
    exercise.add_argument(
        "--argument",
        action="append",
        default=[],
        metavar="NAME=DOMAIN",
        help="real, positive, nonzero or LO..HI; repeat",
    )
    exercise.add_argument("--value", metavar="FORMULA", help="what forward returns")
    exercise.add_argument(
        "--derivative",
        action="append",
        default=[],
        metavar="FORMULA",
        help="one for each argument; repeat (default: worked out from the formula)",
    )
    exercise.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="NAME=NUMBER,...",
        help="a public input of your own, as x=6.5,d_out=3; repeat",
    )
    exercise.add_argument("--id", metavar="ID", help="default: made from the title")
    exercise.add_argument("--folder", type=Path, metavar="DIR", help="where the YAML goes (default: beside the others)")
    common.assignment(exercise)
    exercise.set_defaults(start=_exercise)
    course = kinds.add_parser("course", help="an assignment in a folder of its own, from a course pack")
    course.description = (
        "Write a ready assignment into a new folder: configuration, exercises, solutions and a sample class, copied "
        "from a course pack that came with the grader. Without --from, one is made for a course with a class of "
        "variables of its own: answers say how one is made, sent back through and read. What comes of them is tried on "
        "your solved file. Asks for what no option says."
    )
    course.epilog = (
        "example: grader new course hw1 --from lecture8; cd hw1; grader grade. Another: grader new course hw2 "
        "--class Value --solved engine.py --leaf 'Value({})' --value '{}.data' --backward '{}.backward()' "
        "--gradient '{}.grad'"
    )
    course.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="the folder to write; new, or empty")
    course.add_argument("--from", dest="pack", metavar="PACK", help="the course pack to copy")
    course.add_argument("--title", metavar="TEXT", help="what people call it (with no --from)")
    course.add_argument("--class", dest="class_", metavar="NAME", help="the class of the course's variables, as Value")
    course.add_argument("--solved", type=Path, metavar="FILE", help="the solved file that has it, as engine.py")
    course.add_argument("--package", metavar="NAME", help="the folder that students have it in (default: the title's)")
    course.add_argument("--leaf", metavar="CODE", help="how a variable is made: 'Value({})'")
    course.add_argument("--value", metavar="CODE", help="how its number is read: '{}.data'")
    course.add_argument(
        "--backward",
        metavar="CODE",
        help="how derivatives are sent back: '{}.backward()', or '{}.backward({d})' where any number can be sent",
    )
    course.add_argument("--gradient", metavar="CODE", help="how a derivative is read: '{}.grad'")
    course.add_argument("--list", action="store_true", help="list the course packs, and write nothing")
    course.set_defaults(start=_course)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    return int(options.start(options))


def _exercise(options: argparse.Namespace) -> int:
    assignment = config.load(options.config, begun=False)
    title = options.title or asking.answer("title", "what people call it, such as Cube")
    statement = options.statement or asking.answer("statement", "what is asked, in a sentence")
    arguments = _pairs("--argument", "NAME=DOMAIN, as in x=real", options.argument) or asking.arguments()
    value = options.value or asking.formula("value", "the formula, as in x ** 3", tuple(arguments))
    derivatives = tuple(options.derivative)
    if options.value is None and not derivatives:
        derivatives = asking.derivatives(value, tuple(arguments))
    idea = Idea(
        id=options.id or starting.id_of(title),
        title=title,
        statement=statement,
        module=_module(options.file) if options.file else assignment.layout.modules[-1],
        class_=options.class_ or "".join(word.capitalize() for word in starting.WORDS.findall(title.casefold())),
        arguments=arguments,
        value=value,
        derivatives=derivatives,
        inputs=tuple(_pairs("--input", "NAME=NUMBER, as in x=6.5,d_out=3", one.split(",")) for one in options.input),
    )
    if idea.derivatives and len(idea.derivatives) != len(idea.arguments):
        raise UsageError(f"{len(idea.arguments)} arguments need as many derivatives, not {len(idea.derivatives)}")
    folder = options.folder or _folder(assignment, config.form(options.config).exercises)
    try:
        made = starting.written(idea, assignment, folder)
    except UsageError as error:
        if options.title and options.statement and options.argument and options.value:  # nothing was asked
            raise
        raise UsageError(f"{error}\nnothing was written; what you said, to be mended:\n  {_said(idea)}") from None
    files.write(made.exercise, made.yaml.encode())
    files.write(made.reference, made.source.encode())
    for name, raw in editing.files(config.form(options.config).exercises).items():
        if not (assignment.root / name).exists():  # an author's own settings stay
            files.write(assignment.root / name, raw)
    print(made.yaml, end="")
    print(f"\nwritten: {near_by(made.exercise)}, and {idea.class_} at the end of {near_by(made.reference)}")
    if not idea.derivatives:
        say("its backward was worked out from the formula; give --derivative to write it your way")
    say(f"next: grader template; grader preview {idea.id}; grader audit {idea.id}")
    return OK


def _said(idea: Idea) -> str:
    """Return the command that says what an author answered."""
    said = ["grader", "new", "exercise", "--title", idea.title, "--statement", idea.statement, "--class", idea.class_]
    said += [word for name, domain in idea.arguments.items() for word in ("--argument", f"{name}={domain}")]
    said.append(f"--value={idea.value}")
    return shlex.join([*said, *(f"--derivative={one}" for one in idea.derivatives)])


def _course(options: argparse.Namespace) -> int:
    if options.list:
        known = packs.known()
        width = max(map(len, known), default=0)
        print("\n".join(f"{name:<{width}}  {pack.title}" for name, pack in known.items()) or "no packs are here")
        return OK
    if options.folder is None:
        raise UsageError("say which folder to write: grader new course hw1, or grader new course hw1 --from lecture8")
    folder = options.folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{options.folder}: there is something already; name a new folder, or an empty one")
    if options.pack is None:
        return _course_of_its_own(options, folder)
    pack = packs.named(options.pack)
    content = packs.copied(pack)
    form, _ = forms.decode(content["config.yaml"], ConfigForm, "config.yaml")
    _write(folder, {**content, **editing.files(form.exercises)})
    print(f"written: {near_by(folder)}, a copy of the pack {pack.name}")
    say(f"next: cd {near_by(folder)}; grader grade")
    return OK


def _course_of_its_own(options: argparse.Namespace, folder: Path) -> int:
    """Write a course from answers, and try what it says on its solved file."""
    name = options.class_ or asking.answer("class", "the class of your variables, as in Value")
    answers = Answers(
        title=options.title or folder.name,
        name=name,
        solved=options.solved or Path(asking.answer("solved", "your solved file, as in engine.py")),
        package=options.package or re.sub(r"\W+", "_", folder.name).strip("_").lower() or "course",
        leaf=_template(options.leaf or asking.answer("leaf", f"how a variable is made, as in {name}({{}})"), "leaf"),
        value=_template(options.value or asking.answer("value", "how its number is read, as in {}.data"), "value"),
        backward=_template(
            options.backward or asking.answer("backward", "as in {}.backward(), or {}.backward({d})"), "backward"
        ),
        gradient=_template(
            options.gradient or asking.answer("gradient", "how a derivative is read, as in {}.grad"), "gradient"
        ),
    )
    _write(folder, {**courses.written(answers), **editing.files(["exercises"])})
    print(f"written: {near_by(folder)}: config.yaml, dialect.py, exercises, reference, submissions")
    path = folder / "config.yaml"
    found = linting.problems(path, marked=False)
    if not found:
        assignment = config.load(path)
        found = trying.problems(assignment) or linting.failures(assignment)
    for problem in found:
        print(problem)
    if found:
        say(f"mend {near_by(folder)}/{found[0].file}, then: cd {near_by(folder)}; grader lint")
        return USAGE
    for one in unmarked.found(assignment):
        say(f"before you hand it out: {one.problem(assignment)}")
    say(f"your solved file earns all points; next: cd {near_by(folder)}; grader grade; grader audit")
    return OK


def _template(text: str, option: str) -> str:
    """Return a template. Raises UsageError where it has no place for the number or the variable."""
    sent = {"d": "1.0"} if option == "backward" else {}
    try:
        text.format("v", **sent)
        good = "{}" in text
    except (LookupError, ValueError):
        good = False
    if not good:
        but = ", and no others but {d}" if sent else ", and no others"
        raise UsageError(f"--{option} {text}: should have {{}} where the variable or number stands{but}")
    return text


def _write(folder: Path, content: Mapping[str, bytes]) -> None:
    """Write files into a folder that is new or empty: all of them, or none."""
    new = not folder.exists()
    try:
        for name, raw in content.items():
            files.write(folder / name, raw)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        if not new:
            folder.mkdir(exist_ok=True)
        raise


def _folder(assignment: Assignment, entries: Sequence[str]) -> Path:
    """Return the folder where the last exercise lies; where there is none yet, the first that the config names."""
    if assignment.exercises:
        return (assignment.root / assignment.exercises[-1].source).parent
    return next((assignment.root / one for one in entries if not one.endswith(".yaml")), assignment.root)


def _module(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


def _pairs(option: str, wanted: str, given: Sequence[str]) -> dict[str, str]:
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise UsageError(f"{option} {one}: should be {wanted}")
        if name.strip() in found:
            raise UsageError(f"{option} {one}: {name.strip()} is there already; give it once")
        found[name.strip()] = value.strip()
    return found
