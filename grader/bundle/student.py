"""The students' handout: template, public exercises and the grader, in one zip that is the same for the same course.

What goes in is listed. The exercises go in as `assignment.prepared`, the public half worked out: no seed, no hidden
check, no mistake to plant. The grader goes in as a wheel of the modules a desk needs, which installs without building.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from grader.assignment import template
from grader.assignment.exercise import ANSWERS, in_package
from grader.bundle import wheel
from grader.errors import UsageError
from grader.grading import provided
from grader.grading.config import Assignment
from grader.reports.zipped import zipped
from grader.sandbox.boundary.protocol import file_of
from grader.selfcheck import making
from grader.selfcheck.prepared import FILE, AssignmentBundle, encode

MAKEFILE = """check: ## what is right, what is not, what comes next
\tgrader check

test: ## the same, one pytest item a check
\tpython -m pytest --submission .

.PHONY: check test
"""

INSTALL = """
## Check your own work

With Python 3.10 or newer, in this folder, once:

    python -m pip install {wheel}

and then, as often as you like:

    grader check

It says what is right, shows an input for what is not, and names the exercise that comes next. `grader check --watch`
goes on and checks whatever you save (`python -m pip install watchfiles`). Your code is judged exactly as it will be in
grading, at the inputs that are public; grading asks more, so a function that only knows these earns nothing there.

Where `grader` is not found after installing it: `python -m grader check`.

## The exercises

| id | exercise | where |
|---|---|---|
{exercises}
"""


def build(assignment: Assignment, folder: Path | None) -> bytes:
    """Return the handout as a zip. `folder` holds the template; it is made from the reference where None.

    Raises UsageError where the template lacks a file or has a solution in it, JudgeError where an exercise cannot be
    prepared.
    """
    prepared = making.prepare(assignment)
    files = {**_template(assignment, prepared, folder), FILE: encode(prepared), "Makefile": MAKEFILE.encode()}
    name, content = wheel.build(on_paper=_on_paper(prepared))
    files[name] = content
    files["README.md"] += INSTALL.format(wheel=name, exercises="\n".join(_rows(prepared))).encode()
    return zipped({f"{assignment.id}/{path}": raw for path, raw in files.items()})


def _on_paper(prepared: AssignmentBundle) -> bool:
    return any(one.on_paper for one in prepared.exercises)


def _rows(prepared: AssignmentBundle) -> Iterator[str]:
    for one in prepared.exercises:
        file = one.file if one.on_paper else in_package(prepared.package, one.file)
        yield f"| {one.id} | {one.title}: {one.statement} | `{file}` |".replace("\n", " ")


def _template(assignment: Assignment, prepared: AssignmentBundle, folder: Path | None) -> dict[str, bytes]:
    """Return the template's files by their path. Raises UsageError."""
    package = assignment.layout.package
    modules = assignment.layout.modules
    other = _of_other_interfaces(assignment)
    asked = [name for name in modules if name not in other]
    names = [in_package(package, file_of(name)) for name in (*["__init__"] * bool(package), *asked)]
    names += ["README.md", *([ANSWERS] if _on_paper(prepared) else [])]
    marks = [in_package(package, file_of(f"{above}.__init__")) for above in _folders(modules)]
    files = template.files(assignment.reference, package) if folder is None else _read(folder, (*names, *marks))
    chosen = {name: files[name].encode() for name in (*names, *marks) if name in files}
    missing = [name for name in names if name not in files]
    if missing:
        raise UsageError(f"{folder or assignment.reference}: the template lacks {', '.join(missing)}")
    _hold_no_solution(assignment, files)
    return chosen


def _of_other_interfaces(assignment: Assignment) -> set[str]:
    """Return the modules that only other accepted interfaces have, and the reference has not."""
    others = {new for one in assignment.through[1:] for _, new in one.modules}
    return {name for name in others if not (assignment.reference / file_of(name)).is_file()}


def _folders(modules: Sequence[str]) -> Iterator[str]:
    """Yield the folders that modules lie in, dotted; there may be an `__init__` in each."""
    above = dict.fromkeys(name.rpartition(".")[0] for name in modules)
    parts = [one.split(".") for one in above if one]
    yield from dict.fromkeys(".".join(one[:i]) for one in parts for i in range(1, len(one) + 1))


def _read(folder: Path, names: Sequence[str]) -> dict[str, str]:
    return {name: (folder / name).read_text("utf-8") for name in names if (folder / name).is_file()}


def _hold_no_solution(assignment: Assignment, files: Mapping[str, str]) -> None:
    """Raise UsageError where the template holds what stands between a solution's markers."""
    sources = provided.read(assignment.reference, assignment.layout.modules)
    for name, source in sources.items():
        written = files.get(in_package(assignment.layout.package, file_of(name)), "")
        lines = source.splitlines()
        for span in template.solutions(source):
            solution = "\n".join(lines[line - 1] for line in span)
            if _is_telling(solution) and solution in written:
                raise UsageError(
                    f"the template's {file_of(name)} holds a solution (lines {span.start} to {span.stop - 1} of the "
                    "reference); write it anew with `grader template`"
                )


def _is_telling(solution: str) -> bool:
    """Say whether a solution is more than a word or two that a template may well have of its own."""
    return len(solution.split()) > 3
