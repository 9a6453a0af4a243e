"""How arrays, and expressions on them, are written down for a student, in the words of the course's dialect."""

from __future__ import annotations

import msgspec

from grader.assignment.array_shapes import ArrayFormulas
from grader.assignment.dialects import Dialect
from grader.exercise_kinds import blame, snippets, wording
from grader.model import Diagnosis, Interval
from grader.oracle.array_inputs import ArrayInput
from grader.oracle.array_spelling import written
from grader.oracle.shapes import Shape, size
from grader.oracle.shapes import shown as shape_text
from grader.sandbox.boundary.protocol import ArrayTold, Fault, NonNumeric

MOST_ENTRIES = 24
"""Entries of an array that is written out; of a larger one only its shape is."""


class ArrayWriting(msgspec.Struct, frozen=True):
    """One formula on arrays, or one function of the student's, as a student of the course types it."""

    package: str
    dialect: Dialect
    imports: tuple[tuple[str, str], ...]
    function: str = ""

    @property
    def sent(self) -> str:
        """Return what the course calls what is sent back."""
        return self.dialect.words.sent_name

    def doing(self, backward: bool) -> str:
        """Return what was being done when something was raised."""
        if self.dialect.mode == "pullback":
            return self.function
        if backward:
            return f"sending a gradient back through {self.function or 'it'}"
        return self.function or "working it out"

    def named(self, one: Diagnosis) -> Diagnosis:
        """Return the name of a mistake in the course's words."""
        return msgspec.structs.replace(
            one, name=one.name.replace("d_out", self.sent), why=one.why.replace("d_out", self.sent)
        )

    def snippet(self, formulas: ArrayFormulas, one: ArrayInput, backward: bool) -> str:
        """Return the expression, and its gradients where they are asked for, to paste and run."""
        row, words = formulas.rows[one.row], self.dialect.words
        names, formula = formulas.arguments, formulas.in_row(one.row)
        arrays = [entries(flat, shape) for flat, shape in zip(one.args, row.shapes)]
        sent = entries(one.cotangent, formula.shape)
        if self.dialect.mode == "pullback":
            given = [*(f"np.array({text})" for text in arrays), *(repr(value) for _, value in row.parameters)]
            called = words.pullback.format(self.function, d=f"np.array({sent})", args=", ".join(given))
            first = [] if "import numpy as np" in words.first else ["import numpy as np"]
            return "; ".join([*first, self._joined([f"print({called})"])])
        lines = [f"{name} = {words.leaf.format(text, d='')}" for name, text in zip(names, arrays)]
        lines.append(f"out = {self._expression(formulas, one.row)}")
        if not backward:
            return self._joined([*lines, f"print({words.value.format('out')})"])
        read = ", ".join(words.gradient.format(name) for name in names)
        return self._joined([*lines, words.backward.format("out", d=sent), f"print({read})"])

    def _expression(self, formulas: ArrayFormulas, row: int) -> str:
        parameters = dict(formulas.rows[row].parameters)
        if self.function:
            return f"{self.function}({', '.join((*formulas.arguments, *map(repr, parameters.values())))})"
        said = {op: f".{method}" for op, method in self.dialect.operations.items() if method}
        methods = {
            op: f".{op}" for op in formulas.in_row(row).used if op not in self.dialect.operations and op not in SIGNED
        }
        return written(formulas.text, {}, parameters, {**methods, **said, **self.dialect.shown})

    def _joined(self, lines: list[str]) -> str:
        imported = [snippets.imports(self.package, *self.imports)] if self.imports else []
        first = [self.dialect.words.first] if self.dialect.words.first else []
        return "; ".join([*first, *imported, *lines])


SIGNED = ("add", "sub", "mul", "div", "neg", "pow", "matmul", "getitem", "lt", "le", "gt", "ge", "eq", "ne")
"""Operations that are written with a sign."""


def entries(flat: tuple[float, ...], shape: Shape) -> str:
    """Return an array as nested lists.

    >>> entries((1.0, 2.0, 3.0, 4.0), (2, 2)), entries((0.5,), ())
    ('[[1.0, 2.0], [3.0, 4.0]]', '0.5')
    """
    return nested([wording.plain(one) for one in flat], shape)


def nested(texts: list[str], shape: Shape) -> str:
    """Return texts of entries in the brackets of a shape."""
    if not shape:
        return texts[0] if texts else "[]"
    step = size(shape[1:])
    return f"[{', '.join(nested(texts[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0]))}]"


def told(value: ArrayTold | NonNumeric | Fault | None, beside: tuple[Interval, ...] = ()) -> str:
    """Return what came back as text, entries where they are few, with the digits that tell them from the right ones."""
    if isinstance(value, ArrayTold):
        if len(value.data) > MOST_ENTRIES or not value.is_whole() or len(value.data) != size(value.shape):
            return f"an array of shape {shape_text(value.shape)}"
        compared = [lo for lo, _ in beside] if len(beside) == len(value.data) else [None] * len(value.data)
        return nested([_entry(one, other) for one, other in zip(value.data, compared)], value.shape)
    return blame.of_odd(value) if isinstance(value, NonNumeric) else "nothing"


def _entry(one: float, other: float | None) -> str:
    """Return an entry with the digits that tell it from the right one; where none do, as the right one is written."""
    return wording.shown(one, None if other is not None and abs(one - other) <= 1e-9 * abs(other) else other)


def wanted(right: tuple[Interval, ...], shape: Shape) -> str:
    """Return what is right as text; where an entry may be several numbers, from which to which."""
    if len(right) > MOST_ENTRIES:
        return f"an array of shape {shape_text(shape)}"
    texts = [wording.shown(lo) if lo == hi else f"{wording.shown(lo)} to {wording.shown(hi)}" for lo, hi in right]
    return nested(texts, shape)
