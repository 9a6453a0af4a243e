"""Make up a class: right in many styles, one in five wrong, no two files alike, all from one seed."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.forms import MISTAKES, RIGHT, Form

WRONG_EVERY = 5
"""About one complete solution in five is wrong."""

ARGUMENTS = (("x", "y"), ("a", "b"), ("t1", "t2"), ("u", "v"), ("first", "second"))
INCOMING = ("d_out", "d", "grad", "d_output", "upstream")
REMARKS = (
    "checked by hand",
    "see the slide on the chain rule",
    "TODO tidy up",
    "from the lecture",
    "derivative of the box, then what comes after",
    "raise NotImplementedError",
    "took me a while",
    "same as in the quiz",
)


class Student(msgspec.Struct, frozen=True):
    """One submission: a name, a lecture8.py, and the mistake in it; no mistake where it is right."""

    name: str
    source: str
    mistake: str = ""


class Style(msgspec.Struct, frozen=True):
    """How someone writes: nothing here changes a value."""

    arguments: tuple[str, str]
    incoming: str
    annotated: bool
    documented: bool
    indexed: bool
    plain_imports: bool
    remarks: float


def cohort(count: int, seed: str) -> list[Student]:
    """Return `count` students, the same for the same seed. Every fifth is wrong, in one place."""
    source = random.Random(seed)
    students: list[Student] = []
    seen: set[str] = set()
    while len(students) < count:
        number = len(students)
        name = f"s{number + 1:04d}"
        wrong = number % WRONG_EVERY == WRONG_EVERY - 1
        student = _student(name, MISTAKES[number // WRONG_EVERY % len(MISTAKES)] if wrong else None, source)
        if student.source not in seen:
            seen.add(student.source)
            students.append(student)
    return students


def write(students: Sequence[Student], folder: Path) -> None:
    """Write every student's file under `folder`, the way a learning platform hands them out."""
    for student in students:
        package = folder / student.name / "minitorch"
        package.mkdir(parents=True)
        (package / "lecture8.py").write_text(student.source, "utf-8")


def _student(name: str, mistake: tuple[str, str, Form] | None, source: random.Random) -> Student:
    style = Style(
        arguments=source.choice(ARGUMENTS),
        incoming=source.choice(INCOMING),
        annotated=source.random() < 0.5,
        documented=source.random() < 0.5,
        indexed=source.random() < 0.5,
        plain_imports=source.random() < 0.5,
        remarks=source.choice((0.0, 0.1, 0.4)),
    )
    forms = {box: source.choice(choices) for box, choices in RIGHT.items()}
    if mistake is not None:
        forms[mistake[0]] = mistake[2]
    boxes = [_box(box, form, style, source) for box, form in forms.items()]
    return Student(name, "\n\n\n".join([_head(style), *boxes]) + "\n", f"{mistake[0]}: {mistake[1]}" if mistake else "")


def _head(style: Style) -> str:
    package = "minitorch." if style.plain_imports else "."
    return (
        f'"""Lecture 8, homework."""\n\nimport math\n\nfrom {package}autodiff import Context\n'
        f"from {package}scalar_functions import ScalarFunction"
    )


def _box(box: str, form: Form, style: Style, source: random.Random) -> str:
    gradients = f"return {', '.join(form.gradients)}"
    hint = " -> float" if len(form.gradients) == 1 else " -> tuple[float, float]"
    forward = [*form.before, *_saving(form), f"return {form.value}"]
    backward = [*_unpacking(form, style), *form.between, gradients]
    number = ": float" if style.annotated else ""
    context = "ctx: Context" if style.annotated else "ctx"
    arguments = ", ".join(f"{name}{number}" for name in form.arguments)
    lines = [
        f"class {box}(ScalarFunction):",
        *([f'    """{box}: {form.value}."""', ""] if style.documented else []),
        "    @staticmethod",
        f"    def forward({context}, {arguments}){' -> float' if style.annotated else ''}:",
        *_remarked(forward, style, source),
        "",
        "    @staticmethod",
        f"    def backward({context}, d_out{number}){hint if style.annotated else ''}:",
        *_remarked(backward, style, source),
    ]
    return _renamed("\n".join(lines), style)


def _saving(form: Form) -> list[str]:
    return [f"ctx.save_for_backward({', '.join(form.saved)})"] if form.saved else []


def _unpacking(form: Form, style: Style) -> list[str]:
    if style.indexed:
        return [f"{name} = ctx.saved_values[{i}]" for i, name in enumerate(form.saved)]
    if len(form.saved) == 1:
        return [f"({form.saved[0]},) = ctx.saved_values"]
    return [f"{', '.join(form.saved)} = ctx.saved_values"] if form.saved else []


def _remarked(statements: list[str], style: Style, source: random.Random) -> list[str]:
    lines = []
    for statement in statements:
        remark = f"  # {source.choice(REMARKS)}" if source.random() < style.remarks else ""
        lines.append(f"        {statement}{remark}")
    return lines


def _renamed(text: str, style: Style) -> str:
    names = {"x": style.arguments[0], "y": style.arguments[1], "d_out": style.incoming}
    return re.sub(r"\b(x|y|d_out)\b", lambda found: names[found[0]], text)
