"""The students' handout: template, public exercises and the grader, in one zip that is the same for the same course.

What goes in is listed. The exercises go in as `assignment.prepared`, the public half worked out: no seed, no hidden
check, no mistake to plant. The template is cut to what the assignment asks. The grader goes in as two wheels, which
install without building.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from grader.assignment import parameters, template
from grader.assignment.exercise import ANSWERS, in_package
from grader.assignment.forms import FormError
from grader.bundle import cutting, notebooks, wheel
from grader.bundle.cutting import Cut, Say
from grader.bundle.on_push import FILES as FILES_ON_PUSH
from grader.bundle.on_push import Where
from grader.errors import UsageError
from grader.grading import drawing, provided, unmarked
from grader.grading.config import Assignment
from grader.reports.text import a_few
from grader.reports.zipped import zipped
from grader.sandbox.boundary.protocol import dotted, file_of
from grader.selfcheck import handing_in, making
from grader.selfcheck.prepared import FILE, AssignmentBundle, EncodedExercise, encode, labelled

README, REQUIREMENTS = "README.md", "requirements.txt"

MAKEFILE = """check: ## what is right, what is not, what comes next
\tgrader check

test: ## the same, one pytest item a check
\tpython -m pytest

.PHONY: check test
"""

PYTEST = """# For pytest and an editor's test panel: the homework in this folder is checked, one test per check.
[pytest]
homework = .
"""

INSTALL = """
## Check your own work

With Python 3.10 or newer, in this folder, once:

    python -m pip install -r requirements.txt

(if pip refuses, make an environment first: `python -m venv .venv`, and activate it), and then, as often as you like:

    grader check

It says what is right, shows an input for what is not, and names the exercise that comes next. `grader check --watch`
goes on and checks whatever you save (`python -m pip install watchfiles`). Your code is judged exactly as it will be in
grading, at the inputs that are public; grading asks more, so a function that only knows these earns nothing there.

What helps where something is wrong:

- `grader check --html` writes `check.html`, a page with the same, and with curves, graphs and your steps.{trace}
- {tries}

When everything is done: {hand_in}

Where `grader` is not found after installing it: `python -m grader check`. With `pytest` installed, your editor's test
panel shows the checks. To remove it all: `python -m pip uninstall {name}`.

## The exercises

| id | exercise | where |
|---|---|---|
{exercises}
"""


class Shared(NamedTuple):
    """What the handouts of one assignment have in common: the grader, by its name, and exercises as prepared."""

    name: str
    wheels: dict[str, bytes]
    known: making.Known


def sharing(assignment: Assignment) -> Shared:
    """Build the grader of an assignment's handouts. Raises JudgeError where an exercise cannot be prepared."""
    known: making.Known = {}
    prepared = making.prepare(msgspec.structs.replace(assignment, student=assignment.student or "anyone"), known=known)
    on_paper = _on_paper(prepared)
    name = wheel.edition(assignment.id, on_paper, encode(prepared))
    return Shared(name, dict([wheel.launcher(), wheel.build(name, assignment.title, on_paper)]), known)


def for_each(
    assignment: Assignment,
    students: Sequence[str],
    folder: Path | None,
    notebook: bool = False,
    say: Say = lambda _: None,
    on: Sequence[Where] = (),
) -> Iterator[tuple[str, bytes]]:
    """Yield each student's id and handout, with the parameters drawn for that id. `say` is told once.

    Raises as `build` does, and UsageError where nothing can be drawn.
    """
    key, shared = drawing.secret(assignment), sharing(assignment)
    for i, student in enumerate(students):
        theirs = drawing.of_student(assignment, student, key)
        yield student, build(theirs, folder, notebook, (lambda _: None) if i else say, on, shared)


def build(
    assignment: Assignment,
    folder: Path | None,
    notebook: bool = False,
    say: Say = lambda _: None,
    on: Sequence[Where] = (),
    shared: Shared | None = None,
) -> bytes:
    """Return the handout as a zip. `folder` holds the template; it is cut out of the reference where None.

    `notebook`: a module that no other imports is a notebook. `on`: it is checked on every push there. `say` is told
    what an author may not expect. `shared` is what the handouts of several students share. Raises UsageError where the
    template lacks a file or has a solution in it, JudgeError where an exercise cannot be prepared.
    """
    drawing.refuse_nobodys(assignment, "write a handout per student, with --roster roster.csv")
    shared = shared or sharing(assignment)
    prepared, name, wheels = making.prepare(assignment, known=shared.known), shared.name, shared.wheels
    encoded = encode(prepared)
    files = cut_template(assignment, prepared, folder, notebook, say)
    install = INSTALL.format(
        name=f"{wheel.NAME}_{name}".replace("_", "-"),
        hand_in=_hand_in(prepared, files),
        exercises="\n".join(_rows(prepared, files)),
        trace=_trace(prepared),
        tries=_tries(prepared, files),
    )
    files[README] += install.encode()
    files |= {FILE: labelled(encoded, name), "Makefile": MAKEFILE.encode(), "pytest.ini": PYTEST.encode()}
    files |= {path: text.encode() for path, text in (FILES_ON_PUSH[one] for one in on)}
    needed = [*(f"./{one}" for one in wheels), *imported(assignment, prepared, files)]
    files |= {REQUIREMENTS: "".join(f"{one}\n" for one in needed).encode(), **wheels}
    return zipped({f"{assignment.id}/{path}": raw for path, raw in files.items()})


def imported(assignment: Assignment, prepared: AssignmentBundle, files: Mapping[str, bytes]) -> list[str]:
    """Return the packages that a template imports, or what reads a student's variables; allowed are others as well."""
    sources = [raw.decode() for path, raw in files.items() if path.endswith((".py", ".ipynb"))]
    lines = "\n".join([*sources, *prepared.dialects.values()])
    packages = {name.partition(".")[0] for name in assignment.packages} - sys.stdlib_module_names
    return sorted(name for name in packages if re.search(rf"(?:^|\")\s*(?:import|from) {name}\b", lines, re.MULTILINE))


def template_files(assignment: Assignment, notebook: bool, say: Say) -> dict[str, bytes]:
    """Return the template of an assignment by path, as its handout has it. Raises as `build` does."""
    drawing.refuse_nobodys(assignment, "`grader bundle student --roster roster.csv` writes each student's template")
    return cut_template(assignment, making.prepare(assignment), None, notebook, say)


def _on_paper(prepared: AssignmentBundle) -> bool:
    return any(one.on_paper for one in prepared.exercises)


def _hand_in(prepared: AssignmentBundle, files: Mapping[str, bytes]) -> str:
    """Return what to hand in, by the names that the handout has."""
    return handing_in.sentence(
        prepared, instead={prepared.path(one): _name_in(files, prepared, one) for one in prepared.exercises}
    )


def _name_in(files: Mapping[str, bytes], prepared: AssignmentBundle, one: EncodedExercise) -> str:
    """Return what the file of an exercise is called in a handout: its path, or its notebook's."""
    path = prepared.path(one)
    return path if path in files else notebooks.name_of(one.file)


def _trace(prepared: AssignmentBundle) -> str:
    """Return a line on `grader trace`; nothing where no exercise has steps that it can show."""
    sends_back = {"backward", "gradients", "derivative"}
    kinds = ("function", "expression", "graph")
    one = next((one for one in prepared.exercises if one.kind in kinds and sends_back & {*one.checks}), None)
    if one is None:
        return ""
    return (
        f"\n- `grader trace {one.id}` runs your own code on one example and shows each step: what each call of a\n"
        "  backward was given and what it returned, with the first wrong step marked. It takes any exercise that has\n"
        "  a backward; `grader trace --help` says what else."
    )


def _tries(prepared: AssignmentBundle, files: Mapping[str, bytes]) -> str:
    """Return how students run code of their own."""
    one = next((one for one in prepared.exercises if not one.on_paper), None)
    if one is None or prepared.path(one) not in files:
        return (
            "Run what you try yourself in cells of the notebook; save it before `grader check`, which reads the file."
        )
    if not prepared.package:
        return "Write what you try yourself into a file of its own in this folder, and run that."
    module = dotted(prepared.package, one.file.removesuffix(".py").replace("/", "."))
    return (
        f"Write what you try yourself into a file in this folder, with `from {module} import …` in it, and run\n"
        f"  that. A file in `{prepared.package}/` itself runs as `python -m {module}`."
    )


def _rows(prepared: AssignmentBundle, files: Mapping[str, bytes]) -> Iterator[str]:
    for one in prepared.exercises:
        file = _name_in(files, prepared, one)
        yield f"| {one.id} | {one.title}: {one.statement} | `{file}` |".replace("\n", " ")


def cut_template(
    assignment: Assignment, prepared: AssignmentBundle, folder: Path | None, notebook: bool, say: Say
) -> dict[str, bytes]:
    """Return the template's files by their path, README among them. Raises UsageError."""
    template.refuse_broken_markers(assignment.reference)
    package = assignment.layout.package
    cut = cutting.cut(assignment, {one.id: one.runs for one in prepared.exercises}, say)
    marks = [in_package(package, file_of(f"{above}.__init__")) for above in _folders(tuple(cut.texts))]
    texts = {in_package(package, file_of(name)): text for name, text in cut.texts.items()}
    names = [*[in_package(package, "__init__.py")] * bool(package), *texts, README, *[ANSWERS] * _on_paper(prepared)]
    if folder is None:
        folders = {in_package(package, file_of(name)): text for name, text in cut.packages.items()}
        whole = template.files(assignment.reference, package)
        numbers = drawing.numbers(assignment)
        files = {**{path: parameters.in_source(text, numbers) for path, text in whole.items()}, **folders, **texts}
    else:
        files = _read(folder, (*names, *marks))
        _tell_what_nobody_asks(assignment, cut, files, say)
    missing = [name for name in names if name not in files]
    if missing:
        raise UsageError(f"{folder or assignment.reference}: the template lacks {', '.join(missing)}")
    _hold_no_solution(assignment, cut, files)
    _hold_nothing_unmarked(assignment, files)
    chosen = {name: files[name] for name in (*names, *marks) if name in files}
    chosen[README] = _without_rows(chosen[README], package, set(assignment.layout.modules) - set(cut.texts))
    if notebook:
        chosen = notebooks.instead(chosen, package, tuple(cut.texts), assignment.exercises)
        gone = [path for path in (in_package(package, file_of(name)) for name in cut.texts) if path not in chosen]
        for path in gone:
            chosen[README] = chosen[README].replace(f"`{path}`", f"`{notebooks.name_of(path)}`")
    return {name: text.encode() for name, text in chosen.items()}


def _without_rows(readme: str, package: str, left_out: set[str]) -> str:
    """Return a README without the rows of tables that are about files which are not handed out."""
    gone = {f"`{in_package(package, file_of(name))}`" for name in left_out}
    rows = readme.splitlines(keepends=True)
    return "".join(row for row in rows if not (row.startswith("|") and row.split("|")[1].strip() in gone))


def _folders(modules: Sequence[str]) -> Iterator[str]:
    """Yield the folders that modules lie in, dotted; there may be an `__init__` in each."""
    above = dict.fromkeys(name.rpartition(".")[0] for name in modules)
    parts = [one.split(".") for one in above if one]
    yield from dict.fromkeys(".".join(one[:i]) for one in parts for i in range(1, len(one) + 1))


def _read(folder: Path, names: Sequence[str]) -> dict[str, str]:
    return {name: (folder / name).read_text("utf-8") for name in names if (folder / name).is_file()}


def _tell_what_nobody_asks(assignment: Assignment, cut: Cut, files: Mapping[str, str], say: Say) -> None:
    """Say what an author's own template leaves to write though no exercise asks for it."""
    for name, path in ((name, in_package(assignment.layout.package, file_of(name))) for name in cut.texts):
        unasked = cutting.unwritten(files.get(path, ""), {part for module, part in cut.asked if module == name})
        if unasked:
            say(f"{path} of the template leaves what no exercise asks for to students: {a_few(unasked, 6)}")


def _hold_no_solution(assignment: Assignment, cut: Cut, files: Mapping[str, str]) -> None:
    """Raise UsageError where the template holds what stands between a solution's markers, and is not given."""
    for name, source in provided.of(assignment).items():
        written = files.get(in_package(assignment.layout.package, file_of(name)), "")
        given = {part for module, part in cut.given if module == name}
        span = cutting.solution_in(written, source, given)
        if span is not None:
            raise UsageError(
                f"the template's {file_of(name)} holds a solution (lines {span.start} to {span.stop - 1} of the "
                "reference); write it anew with `grader template`"
            )


def _hold_nothing_unmarked(assignment: Assignment, files: Mapping[str, str]) -> None:
    """Raise FormError where the template has what an exercise asks for as the reference has it: no marker cut it."""
    package = assignment.layout.package
    texts = {name: files.get(in_package(package, file_of(name)), "") for name in assignment.layout.modules}
    handed = [one for one in unmarked.found(assignment) if unmarked.in_template(one, assignment, texts)]
    if handed:
        raise FormError([one.problem(assignment) for one in handed])
