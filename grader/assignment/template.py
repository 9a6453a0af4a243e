"""Make the student template from the reference: solutions out, prompts in."""

from __future__ import annotations

import re
from pathlib import Path

from grader.assignment.exercise import in_package

FOLDER = "student_template"
"""Where the template of a course lies, beside its config."""

START = re.compile(r"(\s*)# solution: (.+)")
END = re.compile(r"\s*# end solution")


def solutions(source: str) -> list[range]:
    """Return the lines of every marked solution, numbered from 1, without its markers; none where none is marked."""
    found, start = [], 0
    for number, line in enumerate(source.splitlines(), 1):
        if START.fullmatch(line):
            start = number + 1
        elif END.fullmatch(line):
            found.append(range(start, number))
    return found


def without_solutions(source: str) -> str:
    """Replace every marked solution with its prompt and a NotImplementedError.

    A solution stands between `# solution: <prompt>` and `# end solution`. One outside of any function is a helper that
    only the solution has, and leaves its prompt. Raises ValueError, with the
    line, on markers that do not pair up.
    """
    kept: list[str] = []
    opened = 0
    for number, line in enumerate(source.splitlines(), 1):
        start, end = START.fullmatch(line), END.fullmatch(line)
        if start:
            if opened:
                raise ValueError(f"line {number}: a solution starts inside the one of line {opened}")
            opened = number
            indent, prompt = start.groups()
            kept.append(f"{indent}# TODO: {prompt}")
            kept += [f'{indent}raise NotImplementedError("{prompt}")'] if indent else []  # a file has to load
        elif end:
            if not opened:
                raise ValueError(f"line {number}: a solution ends that never started")
            opened = 0
        elif not opened:
            kept.append(line)
    if opened:
        raise ValueError(f"line {opened}: this solution never ends")
    return "\n".join(kept) + "\n"


def files(reference: Path, package: str = "minitorch") -> dict[str, str]:
    """Return the template's files: path -> text. Raises ValueError on markers that do not pair up, OSError."""
    made = {}
    for source in sorted(reference.rglob("*.py")):
        inside = source.relative_to(reference)
        if "__pycache__" not in inside.parts:
            made[in_package(package, inside.as_posix())] = _titled(
                source.name, without_solutions(source.read_text("utf-8"))
            )
    solved, readme = reference / "answers.yaml", reference / "README.student.md"
    if solved.is_file():
        made[solved.name] = re.sub(r"(?m)^(  [\w-]+:).*$", r"\1", solved.read_text("utf-8"))
    if readme.is_file():
        made["README.md"] = readme.read_text("utf-8")
    return made


def _titled(name: str, text: str) -> str:
    """The package's own docstring says that it is solved; the template's must not."""
    return text.replace("The homework, solved", "The homework, yours to write") if name == "__init__.py" else text
