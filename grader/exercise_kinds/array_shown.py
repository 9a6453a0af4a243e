"""What a student is shown of wrong arrays: the smallest input, what came back beside what is right, and why."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from grader.assignment.array_shapes import ArrayFormulas
from grader.exercise_kinds import snippets
from grader.exercise_kinds.array_asking import ArrayAsker
from grader.exercise_kinds.array_smallest import Wrong, smallest
from grader.exercise_kinds.array_writing import ArrayWriting, entries, told, wanted
from grader.judging import array_bands as bands
from grader.judging.array_bands import ArrayJudgement
from grader.model import Counterexample, Diagnosis
from grader.oracle.array_inputs import ArrayCorpus, ArrayExpected, ArrayInput, drawn, usable
from grader.oracle.shapes import Shape
from grader.oracle.shapes import shown as shape_text
from grader.sandbox.boundary.protocol import ArrayTold, Fault
from grader.sandbox.probes.arrays import ArrayRow

FRESH_PER_ROW = 2
STEP = 2.0**-17
"""A central difference's, near the cube root of a float's precision."""


class ArrayMissed(msgspec.Struct, frozen=True):
    """What was wrong: at which inputs, and what came back there."""

    writing: ArrayWriting
    formulas: ArrayFormulas
    corpus: ArrayCorpus
    rows: Sequence[ArrayRow]
    judgement: ArrayJudgement

    def first(self) -> list[int]:
        """Return the rows that missed, those with the fewest entries first."""
        inputs = self.corpus.inputs
        return sorted(self.judgement.misses, key=lambda i: (sum(map(len, inputs[i].args)), i))

    def expected(self, formulas: ArrayFormulas, one: ArrayInput) -> list[tuple[ArrayExpected, tuple[Shape, ...]]]:
        """Return what each accepted formula expects at an input, the one that was come closest to first."""
        texts = dict.fromkeys((self.judgement.against.formula, formulas.text, *formulas.also_accept))
        found = []
        for text in texts:
            formula = formulas.in_row(one.row, text)
            answer = usable(formula, one.args, one.cotangent)
            if answer is not None:
                found.append((answer, (formula.shape, *(shape for _, shape in formula.arguments))))
        return found


def wrong_value(missed: ArrayMissed, asker: ArrayAsker) -> tuple[Counterexample, str]:
    """Return the smallest input at which the value is wrong, and a sentence on shapes where those differ."""

    def wrong(formulas: ArrayFormulas, inputs: Sequence[ArrayInput]) -> list[ArrayRow | None]:
        return [
            row if not isinstance(row.value, Fault) and _is_off(missed, formulas, one, row) else None
            for one, row in zip(inputs, asker.rows(formulas, inputs, False))
        ]

    def _is_off(missed: ArrayMissed, formulas: ArrayFormulas, one: ArrayInput, row: ArrayRow) -> bool:
        accepted = missed.expected(formulas, one)
        return bool(accepted) and all(
            bands.plainly_wrong(row.value, shapes[0], [(x, x) for x in answer.value]) for answer, shapes in accepted
        )

    formulas, at, row = _found(missed, wrong)
    answer, shapes = missed.expected(formulas, at)[0]
    right = tuple((x, x) for x in answer.value)
    example = Counterexample(
        args=_args(formulas, at),
        d_out=None,
        argument="",
        returned=told(row.value, right),
        expected=wanted(right, shapes[0]),
        what="value",
        snippet=snippets.of(missed.writing.snippet(formulas, at, False), told(row.value, right)),
    )
    return example, _of_shape("the value", row.value, shapes[0], "")


def wrong_gradient(missed: ArrayMissed, asker: ArrayAsker) -> tuple[Counterexample, str]:
    """Return the smallest input at which a gradient is wrong, and a sentence on shapes where those differ."""

    def wrong(formulas: ArrayFormulas, inputs: Sequence[ArrayInput]) -> list[ArrayRow | None]:
        return [
            row if _answered(row) and _off(missed, formulas, one, row) is not None else None
            for one, row in zip(inputs, asker.rows(formulas, inputs))
        ]

    formulas, at, row = _found(missed, wrong)
    answer, shapes = missed.expected(formulas, at)[0]
    argument = _off(missed, formulas, at, row) or 0
    name = formulas.arguments[argument]
    given = row.gradients[argument] if isinstance(row.gradients, tuple) else row.gradients
    right, shape = answer.gradients[argument], shapes[argument + 1]
    value_right = bands.right_value(row, answer, shapes)
    example = Counterexample(
        args={**_args(formulas, at), missed.writing.sent: entries(at.cotangent, shapes[0])},
        d_out=None,
        argument=name if len(formulas.arguments) > 1 else "",
        returned=told(given, right),
        expected=wanted(right, shape),
        estimate=_estimate(asker, formulas, at, argument) if value_right else "",
        what="gradient",
        snippet=snippets.of(missed.writing.snippet(formulas, at, True), told(given, right), gradient=True),
    )
    return example, _of_shape(f"the gradient by {name}", given, shape, name)


def smallest_raising(
    formulas: ArrayFormulas, at: ArrayInput, fault: Fault, asker: ArrayAsker, backward: bool
) -> tuple[ArrayFormulas, ArrayInput, Fault]:
    """Return the smallest input that raises the same kind of exception, the one at hand where none is smaller."""

    def raised(others: ArrayFormulas, inputs: Sequence[ArrayInput]) -> list[Fault | None]:
        came = [row.gradients if backward else row.value for row in asker.rows(others, inputs, backward)]
        same = [one if isinstance(one, Fault) and one.error == fault.error else None for one in came]
        return same if others is not formulas else [fault]

    return smallest(formulas, [at], raised) or (formulas, at, fault)


def _answered(row: ArrayRow) -> bool:
    return not isinstance(row.value, Fault) and not isinstance(row.gradients, Fault) and row.gradients is not None


def _off(missed: ArrayMissed, formulas: ArrayFormulas, one: ArrayInput, row: ArrayRow) -> int | None:
    """Return the first argument whose gradient is plainly wrong whatever is accepted; None where none is."""
    accepted = missed.expected(formulas, one)
    if not isinstance(row.gradients, tuple):
        return 0 if accepted else None
    firsts = []
    for answer, shapes in accepted:
        each = enumerate(zip(row.gradients, shapes[1:], answer.gradients))
        first = next((k for k, (got, shape, right) in each if bands.plainly_wrong(got, shape, right)), None)
        if first is None:
            return None
        firsts.append(first)
    return firsts[0] if firsts else None


def _found(missed: ArrayMissed, wrong: Wrong[ArrayRow]) -> tuple[ArrayFormulas, ArrayInput, ArrayRow]:
    inputs = [missed.corpus.inputs[i] for i in missed.first()]
    found = smallest(missed.formulas, inputs, wrong)
    return found or (missed.formulas, inputs[0], missed.rows[missed.first()[0]])


def _args(formulas: ArrayFormulas, at: ArrayInput) -> dict[str, float | str]:
    row = formulas.rows[at.row]
    given: dict[str, float | str] = {
        name: entries(flat, shape) for name, flat, shape in zip(formulas.arguments, at.args, row.shapes)
    }
    return {**given, **{name: str(value) for name, value in row.parameters}}


def _of_shape(what: str, got: object, shape: Shape, name: str) -> str:
    """Say which shape came and which should have; blank where they are the same."""
    if not isinstance(got, ArrayTold) or bands.same_shape(got.shape, shape):
        return ""
    wanted = f"{name} has {shape_text(shape)}" if name else f"it should have {shape_text(shape)}"
    return f"{what} has shape {shape_text(got.shape)}, and {wanted}"


def _estimate(asker: ArrayAsker, formulas: ArrayFormulas, at: ArrayInput, argument: int) -> str:
    """Return the gradient by central differences of the student's own value, where that is kept in full precision."""
    count = len(at.args[argument])
    moved = [_moved(at, argument, entry, by) for entry in range(count) for by in (STEP, -STEP)]
    rows = asker.rows(formulas, moved, False)
    values = [row.value for row in rows]
    if len(values) < len(moved) or not all(
        isinstance(one, ArrayTold) and one.dtype == "float64" and len(one.data) == len(at.cotangent) for one in values
    ):
        return ""
    sent = [sum(c * x for c, x in zip(at.cotangent, one.data)) for one in values if isinstance(one, ArrayTold)]
    slopes = [(up - down) / (2 * STEP) for up, down in zip(sent[::2], sent[1::2])]
    shape = formulas.rows[at.row].shapes[argument]
    return entries(tuple(float(f"{one:.5g}") for one in slopes), shape)


def _moved(at: ArrayInput, argument: int, entry: int, by: float) -> ArrayInput:
    flat = at.args[argument]
    changed = (*flat[:entry], flat[entry] + by, *flat[entry + 1 :])
    return msgspec.structs.replace(at, args=(*at.args[:argument], changed, *at.args[argument + 1 :]))


def named(missed: ArrayMissed, asker: ArrayAsker) -> tuple[Diagnosis, ...]:
    """Return the names that explain every wrong gradient, at the exercise's own inputs and at fresh ones."""
    from grader.diagnosis import array_naming  # its tables are for what is wrong only

    formulas = missed.formulas
    if missed.judgement.against.formula != formulas.text:
        formulas = msgspec.structs.replace(formulas, text=missed.judgement.against.formula)
    own = [(missed.corpus.inputs[i], missed.rows[i]) for i in range(len(missed.corpus.inputs)) if i < len(missed.rows)]
    if not array_naming.gradients(formulas, own):
        return ()
    fresh = _fresh(formulas)
    rows = asker.rows(missed.formulas, fresh)
    return array_naming.gradients(formulas, [*own, *zip(fresh, rows)])


def _fresh(formulas: ArrayFormulas) -> list[ArrayInput]:
    """Draw other inputs, the same for every submission: a name is a claim about every one."""
    import random

    source = random.Random("claims")
    return [
        drawn(formulas.in_row(row), row, formulas.domains, "ordinary", source)[0]
        for _ in range(FRESH_PER_ROW)
        for row in range(len(formulas.rows))
    ]
