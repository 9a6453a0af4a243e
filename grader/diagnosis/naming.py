"""Name the mistake: which transformation of the exact answer is what the student returned?

The exercise's own misconceptions come first, then the table, each tried against every informative public row. A
name is given only when it explains all of them and the right answer does not. Names that are the same for this formula
count once, the simplest; of names that differ two are said, and more are none. Where one name does not explain
all, each argument is tried alone, and then whether a branch splits right from wrong.
Silence is better than a wrong name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from grader.assignment.formulas import Formulas
from grader.diagnosis.misconceptions import (
    COMMON,
    COMMON_VALUES,
    RARER,
    RARER_VALUES,
    factors_and_offsets,
    value_factors_and_offsets,
)
from grader.diagnosis.mistakes import Case, Mistake, case, single
from grader.diagnosis.regions import Sample, regions
from grader.judging.bands import informative
from grader.judging.tolerance import EXACT, MATCH_RTOL, SINGLE_RTOL, SMALLEST_SINGLE
from grader.model import Corpus, Diagnosis
from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression
from grader.oracle.inputs import draw
from grader.sandbox.probes.function import Evaluation

MIN_ROWS = 4
MOST_NAMES = 2
PROBES = 24
BRANCH = "Look at what your code does with the other inputs: at an if, a comparison, or a limit."

SINGLE = Diagnosis(
    "it is computed in single precision",
    "numpy.float32 keeps about 7 digits and Python's float 16: leave numbers as they are, or use numpy.float64.",
)

Rows = Sequence[tuple[Case, tuple[object, ...]]]
"""The evidence: what was asked, and what came back, one thing a slot."""


def gradients(formulas: Formulas, corpus: Corpus, rows: Sequence[Evaluation]) -> tuple[Diagnosis, ...]:
    """Name what is wrong with the gradients, or return nothing."""
    evidence = list(_gradient_rows(formulas, corpus, rows))
    if len(evidence) < MIN_ROWS:
        return ()
    own = _own(formulas, evidence)
    if own:
        return own
    if _is_single_precision(evidence):
        return (SINGLE,)
    wrong = [i for i in range(len(formulas.arguments)) if any(_off(got[i], c, c.wanted[i]) for c, got in evidence)]
    if not wrong:
        return ()
    names = _fitting(evidence, wrong, formulas)
    if names:
        return names if len(names) <= MOST_NAMES else ()
    if len(wrong) > 1:
        each = [_fitting(evidence, [i], formulas) for i in wrong]
        if all(len(names) == 1 for names in each):
            return (_both([names[0] for names in each]),)
    if any(True for _ in _explaining(evidence, wrong, len(formulas.arguments), 1)):
        return ()  # something in the table explains it, only on too few rows: that is no branch
    return _regions(evidence, wrong, formulas.arguments, COMMON)


def values(formulas: Formulas, corpus: Corpus, given: Sequence[object]) -> tuple[Diagnosis, ...]:
    """Name what is wrong with the values, or return nothing."""
    evidence: Rows = [
        (case(formulas.value, one.args, 1.0, answer, True), (value,))
        for one, answer, value in zip(corpus.inputs, corpus.answers, given)
    ]
    if len(evidence) < max(MIN_ROWS, len(corpus.inputs)):
        return ()
    own = [
        Diagnosis(one.say, one.why)
        for one in formulas.misconceptions
        if len(one.returns) == 1
        and "d_out" not in one.returns[0].arguments
        and all(not _off(got[0], c, _value_at(one.returns[0], c.args)) for c, got in evidence)
    ]
    if own:
        return tuple(own[:MOST_NAMES])
    if _is_single_precision(evidence):
        return (SINGLE,)
    evidence = _wrong_first(evidence, [0])
    table = (*COMMON_VALUES, *value_factors_and_offsets(evidence), *RARER_VALUES)
    fitting = [one for one in table if _explains(one, evidence, [0], [0], 1)]
    found = _distinct([one for one in fitting if _explains(one, evidence, [0], [0], MIN_ROWS)], formulas, True, [0])
    if fitting:
        return tuple(_said(one, formulas.arguments, 0) for one in found) if len(found) <= MOST_NAMES else ()
    return _regions(evidence, [0], formulas.arguments, COMMON_VALUES)


def _gradient_rows(
    formulas: Formulas, corpus: Corpus, rows: Sequence[Evaluation]
) -> Iterator[tuple[Case, tuple[object, ...]]]:
    """Yield the informative rows; where no gradients came there is one None a slot, which nothing explains."""
    count = len(formulas.arguments)
    for one, answer, row in zip(corpus.inputs, corpus.answers, rows):
        if informative(one, answer) and all(lo == hi for lo, hi in answer.partials):
            got = row.backward if isinstance(row.backward, tuple) and len(row.backward) == count else (None,) * count
            yield case(formulas.value, one.args, one.d_out, answer, False), got


def _both(each: Sequence[Diagnosis]) -> Diagnosis:
    """Return one diagnosis of a mistake per argument, all of which were made."""
    first, *others = each
    name = "; ".join((first.name, *(f"for {one.of}, {one.name}" for one in others)))
    return Diagnosis(name, " ".join(dict.fromkeys(one.why for one in each)), first.of)


def _own(formulas: Formulas, evidence: Rows) -> tuple[Diagnosis, ...]:
    """Return the exercise's own misconceptions that explain every row."""
    found = [
        Diagnosis(one.say, one.why)
        for one in formulas.misconceptions
        if all(
            not _off(g, row, _value_at(f, (*row.args, row.d_out)))
            for row, got in evidence
            for g, f in zip(got, one.returns)
        )
    ]
    return tuple(found[:MOST_NAMES])


def _is_single_precision(evidence: Rows) -> bool:
    """Say whether every number that came back is one of single precision, near the right one, which is none."""
    told = 0
    for row, got in evidence:
        for one, wanted in zip(got, row.wanted):
            if isinstance(one, float) and math.isinf(one) and math.isinf(single(wanted)):
                continue  # too large for it
            if (
                not isinstance(one, float)
                or one != single(one)
                or not abs(one - wanted) <= SINGLE_RTOL * abs(wanted) + SMALLEST_SINGLE
            ):
                return False
            told += wanted != single(wanted) and _off(one, row, wanted)
    return told >= MIN_ROWS


def _fitting(evidence: Rows, wrong: Sequence[int], formulas: Formulas) -> tuple[Diagnosis, ...]:
    """Return the names of the table that explain what is wrong, each once, simplest first."""
    arguments = formulas.arguments
    return tuple(
        _said(
            one,
            arguments,
            wrong[0],
            "" if one.scope != "each" or len(wrong) == len(arguments) else ", ".join(arguments[i] for i in wrong),
        )
        for one in _distinct(list(_explaining(evidence, wrong, len(arguments), MIN_ROWS)), formulas, False, wrong)
    )


def _explaining(evidence: Rows, wrong: Sequence[int], count: int, fewest: int) -> Iterator[Mistake]:
    """Yield what explains the wrong slots of all there are, each in at least `fewest` rows that are wrong."""
    every = range(count)
    evidence = _wrong_first(evidence, wrong)
    right = not any(_off(got[i], row, row.wanted[i]) for row, got in evidence for i in every if i not in wrong)
    for one in (*COMMON, *factors_and_offsets(evidence, wrong), *RARER):
        if (one.scope != "each" and not right) or (one.scope == "one" and not len(wrong) == 1 < count):
            continue
        slots: Sequence[int] = every if one.scope == "all" else wrong
        if _explains(one, evidence, slots, wrong, fewest):
            yield one


def _wrong_first(evidence: Rows, slots: Sequence[int]) -> list[tuple[Case, tuple[object, ...]]]:
    """Return the rows in an order in which a candidate that is mostly the right answer fails at once."""
    return sorted(evidence, key=lambda one: not any(_off(one[1][i], one[0], one[0].wanted[i]) for i in slots))


def _said(one: Mistake, arguments: Sequence[str], slot: int, of: str = "") -> Diagnosis:
    other = arguments[1 - slot] if len(arguments) == 2 else ""
    words = {"x": arguments[0], "y": arguments[-1], "own": arguments[slot], "other": other}
    return Diagnosis(one.name.format(**words), one.why.format(**words), of)


def _explains(one: Mistake, evidence: Rows, slots: Sequence[int], wrong: Sequence[int], fewest: int) -> bool:
    """Say whether a mistake gives every row's number, is defined on nearly all, and right on none too few."""
    tried = 0
    told = dict.fromkeys(wrong, 0)
    for row, got in evidence:
        if min(told.values()) < fewest and not any(_off(got[i], row, row.wanted[i]) for i in told):
            return False  # the wrong rows come first: there are no more of them
        defined = True
        for i in slots:
            try:
                predicted, noise = one.predict(row, i), one.noise(row, i)
            except (Undefined, ArithmeticError, ValueError):
                defined = False
                continue
            if _off(got[i], row, predicted, noise):
                return False
            if i in told and _off(got[i], row, row.wanted[i], noise, 10.0):
                told[i] += 1
        tried += defined
    return 2 * tried >= len(evidence) and min(told.values()) >= fewest


def _distinct(found: Sequence[Mistake], formulas: Formulas, of_value: bool, slots: Sequence[int]) -> list[Mistake]:
    """Leave out what is the same as a simpler one for this formula, tried all over the domain on inputs of its own."""
    if len(found) < 2:
        return list(found)
    probes = list(_probes(formulas, of_value))
    kept: list[Mistake] = []
    for one in found:
        if not any(_same(one, other, probes, slots) for other in kept):
            kept.append(one)
    return kept


def _probes(formulas: Formulas, of_value: bool) -> Iterator[Case]:
    try:
        corpus = draw(formulas.domains, formulas.value, PROBES, "diagnosis")
    except ValueError:  # a domain that holds so few points was asked whole
        return
    for one, answer in zip(corpus.inputs, corpus.answers):
        if all(lo == hi for lo, hi in answer.partials):
            yield case(formulas.value, one.args, 1.0 if of_value else one.d_out, answer, of_value)


def _same(one: Mistake, other: Mistake, probes: Sequence[Case], slots: Sequence[int]) -> bool:
    compared = 0
    for row in probes:
        for i in slots:
            try:
                mine, theirs = one.predict(row, i), other.predict(row, i)
                noise = one.noise(row, i) + other.noise(row, i)
            except (Undefined, ArithmeticError, ValueError):
                continue
            if _off(mine, row, theirs, noise):
                return False
            compared += 1
    return compared > 0


def _regions(
    evidence: Rows, slots: Sequence[int], arguments: Sequence[str], table: Sequence[Mistake]
) -> tuple[Diagnosis, ...]:
    """Name the branch that splits right from wrong, and what happens beyond it where that has a name."""
    spots = [
        Sample(
            row.args,
            None if row.of_value else row.d_out,
            max(_error(got[i], row, i) for i in slots),
            row.of_value or any(_off(0.0, row, row.wanted[i], wider=1e3) for i in slots),
        )
        for row, got in evidence
    ]
    found = regions(spots, arguments)
    if not found or len(found) > MOST_NAMES:
        return ()
    bad = [row for row, spot in zip(evidence, spots) if spot.error > 0.0]
    beyond = next((one for one in table if one.scope == "each" and _explains(one, bad, slots, slots, MIN_ROWS)), None)
    tail = "" if beyond is None else f"; elsewhere {_said(beyond, arguments, slots[0]).name}"
    of = "" if len(slots) == len(arguments) or table is COMMON_VALUES else ", ".join(arguments[i] for i in slots)
    return tuple(Diagnosis(f"it is right only where {where}{tail}", BRANCH, of) for where in found)


def _error(got: object, row: Case, slot: int) -> float:
    """Return the relative error, 0 where rounding explains it, infinity where no number came."""
    wanted = row.wanted[slot]
    if not isinstance(got, float) or not math.isfinite(got):
        return math.inf
    if not _off(got, row, wanted, 0.0, 0.1):
        return 0.0
    return abs(got - wanted) / max(abs(got), abs(wanted))


def _value_at(formula: Expression, point: Sequence[float]) -> float:
    try:
        return formula.value(tuple(point))
    except Undefined:
        return math.nan


def _off(got: object, row: Case, wanted: float, noise: float = 0.0, wider: float = 1.0) -> bool:
    """Say whether what came is clearly another number; a NaN on either side always is."""
    if not isinstance(got, float):
        return True
    scale = abs(row.d_out) * max(1.0, abs(row.value))
    allowed = MATCH_RTOL * abs(wanted) + EXACT.absolute * scale + noise
    return not abs(got - wanted) <= wider * allowed
