"""Name a mistake in a function, and say the name only if it holds on inputs that it was not found on.

A name is a claim about every input. It is found on the exercise's own; then the function is asked about others, drawn
anew and close to where formulas change, and every name that is not borne out there is dropped.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from grader.assignment.formulas import Formulas
from grader.exercise_kinds.function_shown import Asker, Missed
from grader.judging.tolerance import EXACT
from grader.model import Corpus, Diagnosis, Input
from grader.oracle.inputs import draw, inside, usable
from grader.sandbox.boundary.protocol import Fault
from grader.sandbox.probes.function import Evaluation

T = TypeVar("T")
Ask = Callable[[Sequence[Input]], Sequence[T]]
"""Ask the function about some inputs: what came back for each, for fewer where faults end the asking."""

Foreseen = Callable[[tuple[float, ...], float], tuple[float, ...] | None]
"""What a mistake would give, from the arguments and d_out; None where it says nothing."""

FEWEST_ANSWERED = 4
"""Fresh inputs. Of fewer nothing is said: an exception is told instead."""

FRESH, CLOSE_PAIRS, MANY_PAIRS = 24, 48, 600
"""Inputs drawn anew, and pairs of numbers that differ by little: what compares two arguments shows there.

Of what is only 0 or 1 there are many: one step is told from another by the pairs between them alone.
"""


TAKEN_ELSEWHERE = "the derivative is taken at"
"""How names begin that say at which number a derivative was worked out. One that is the same everywhere shows none."""


def left_by(missed: Missed, questions: Asker, foreseen: Iterable[Foreseen]) -> bool:
    """Say whether one thing that is foreseen is what came back at every input, and at fresh ones as well.

    `foreseen` gives the gradients from the arguments and d_out, or None where it says nothing.
    """
    for one in foreseen:
        if _is_left(one, missed.corpus, missed.rows):
            fresh, rows = _answered(missed.formulas, lambda inputs: questions.rows(inputs, True), _has_gradients)
            return _is_left(one, fresh, rows)
    return False


def tells_much(missed: Missed) -> bool:
    """Say whether derivatives that are all 0 say something: most of the right ones are not."""
    nonzero = [any(lo != 0.0 for lo, _ in answer.partials) for answer in missed.corpus.answers]
    return 2 * sum(nonzero) >= len(nonzero)


def _is_one_slope(missed: Missed) -> bool:
    """Say whether the derivative is the same at every input: it may be multiples of d alone."""
    slopes = {
        round(row.backward[0] / one.d_out, 9)
        for one, row in zip(missed.corpus.inputs, missed.rows)
        if one.d_out and isinstance(row.backward, tuple) and isinstance(row.backward[0], float)
    }
    return len(slopes) == 1


def _is_left(foreseen: Foreseen, corpus: Corpus, rows: Sequence[Evaluation]) -> bool:
    told = 0
    for one, row in zip(corpus.inputs, rows):
        wanted = foreseen(one.args, one.d_out)
        if wanted is None or not isinstance(row.backward, tuple):
            continue
        for got, exact in zip(row.backward, wanted):
            if type(got) is not float or abs(got - exact) > EXACT.relative * max(1.0, abs(exact)):
                return False
        told += 1
    return told >= FEWEST_ANSWERED


def gradients(missed: Missed, questions: Asker) -> tuple[Diagnosis, ...]:
    """Return the names that explain every gradient that came back, on the exercise's inputs and on fresh ones."""
    from grader.diagnosis import naming  # its tables are for what is wrong only

    if not naming.gradients(missed.formulas, missed.corpus, missed.rows):
        return ()
    fresh, rows = _answered(missed.formulas, lambda inputs: questions.rows(inputs, True), _has_gradients)
    if _is_unheard(missed.formulas, rows):
        return ()
    named = naming.gradients(missed.formulas, _joined(missed.corpus, fresh), [*missed.rows, *rows])
    if not any(one.name.startswith(TAKEN_ELSEWHERE) for one in named) or not _is_one_slope(missed):
        return named
    return tuple(one for one in named if not one.name.startswith(TAKEN_ELSEWHERE))


def values(formulas: Formulas, corpus: Corpus, given: Sequence[object], ask: Ask[object]) -> tuple[Diagnosis, ...]:
    """Return the names that explain every value that came back, on the exercise's inputs and on fresh ones."""
    from grader.diagnosis import naming

    if not naming.values(formulas, corpus, given):
        return ()
    fresh, more = _answered(formulas, ask, lambda value: not isinstance(value, Fault))
    if _is_unheard(formulas, more):
        return ()
    return naming.values(formulas, _joined(corpus, fresh), [*given, *more])


def is_of_all(named: Sequence[Diagnosis]) -> bool:
    """Say whether a name explains the gradients of all arguments by one mistake."""
    return not any(one.of for one in named)


def _has_gradients(row: Evaluation) -> bool:
    return not isinstance(row.forward, Fault) and not (row.backward is None or isinstance(row.backward, Fault))


def _answered(formulas: Formulas, ask: Ask[T], answers: Callable[[T], bool]) -> tuple[Corpus, list[T]]:
    """Return the fresh inputs that are answered with something else than an exception, and what came back."""
    corpus = _drawn(formulas)
    found = [(i, row) for i, row in enumerate(ask(corpus.inputs)) if answers(row)]
    kept = Corpus(tuple(corpus.inputs[i] for i, _ in found), tuple(corpus.answers[i] for i, _ in found))
    return kept, [row for _, row in found]


def _is_unheard(formulas: Formulas, rows: Sequence[object]) -> bool:
    """Say whether too few fresh inputs were answered for a name to be borne out; a domain asked whole has none."""
    return bool(_drawn(formulas).inputs) and len(rows) < FEWEST_ANSWERED


def _joined(one: Corpus, other: Corpus) -> Corpus:
    return Corpus((*one.inputs, *other.inputs), (*one.answers, *other.answers))


@functools.lru_cache(256)
def _drawn(formulas: Formulas) -> Corpus:
    """Draw fresh inputs, the same for every submission."""
    try:
        corpus = draw(formulas.domains, formulas.value, FRESH, "claims")
    except ValueError:  # a domain that holds so few points was asked whole
        return Corpus((), ())
    found = list(zip(corpus.inputs, corpus.answers))
    if len(formulas.arguments) == 2:
        count = MANY_PAIRS if all(one.value in (0.0, 1.0) for one in corpus.answers) else CLOSE_PAIRS
        found += [
            (one, answer) for one in _pairs(formulas, count) if (answer := usable(formulas.value, one.args)) is not None
        ]
    return Corpus(tuple(one for one, _ in found), tuple(answer for _, answer in found))


def _pairs(formulas: Formulas, count: int) -> list[Input]:
    source = random.Random("pairs")
    made = []
    for _ in range(count):
        x = source.choice((-1, 1)) * source.uniform(0.0, 5.0)
        made.append(Input((x, x + source.choice((-1, 1)) * 10 ** source.uniform(-3, 1)), source.choice((-2.5, 1.7))))
    return [one for one in made if all(map(inside, one.args, formulas.domains))]
