"""Name a mistake in a function, and say the name only if it holds on inputs that it was not found on.

A name is a claim about every input. It is found on the exercise's own; then the function is asked about others, drawn
anew and close to where formulas change, and every name that is not borne out there is dropped.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence

from grader.assignment.formulas import Formulas
from grader.exercise_kinds.function_shown import Asker, Missed
from grader.model import Corpus, Diagnosis, Expected, Input
from grader.oracle.inputs import draw, inside, usable
from grader.sandbox.boundary.protocol import Fault
from grader.sandbox.probes.function import Evaluation

FRESH, CLOSE_PAIRS = 24, 48
"""Inputs drawn anew, and pairs of numbers that differ by little: what compares two arguments shows there."""


def gradients(missed: Missed, questions: Asker) -> tuple[Diagnosis, ...]:
    """Return the names that explain every gradient that came back, on the exercise's inputs and on fresh ones."""
    from grader.diagnosis import naming  # its tables are for what is wrong only

    if not naming.gradients(missed.formulas, missed.corpus, missed.rows):
        return ()
    more, rows = _fresh(missed, questions, backward=True)
    return naming.gradients(missed.formulas, more, rows)


def values(missed: Missed, questions: Asker) -> tuple[Diagnosis, ...]:
    """Return the names that explain every value that came back, on the exercise's inputs and on fresh ones."""
    from grader.diagnosis import naming

    if not naming.values(missed.formulas, missed.corpus, [row.forward for row in missed.rows]):
        return ()
    more, rows = _fresh(missed, questions, backward=False)
    return naming.values(missed.formulas, more, [row.forward for row in rows])


def is_of_all(named: Sequence[Diagnosis]) -> bool:
    """Say whether a name explains the gradients of all arguments by one mistake."""
    return not any(one.of for one in named)


def _fresh(missed: Missed, questions: Asker, backward: bool) -> tuple[Corpus, list[Evaluation]]:
    """Return the inputs and answers there were, with fresh ones behind them."""
    inputs, answers = _drawn(missed.formulas)
    asked = questions.rows(inputs, backward)
    rows, kept = [*missed.rows], []
    for i, row in enumerate(asked):
        answered = not isinstance(row.forward, Fault) and not (backward and isinstance(row.backward, Fault))
        if answered:
            kept.append(i)
            rows.append(row)
    corpus = missed.corpus
    return (
        Corpus(
            (*corpus.inputs, *(inputs[i] for i in kept)),
            (*corpus.answers, *(answers[i] for i in kept)),
        ),
        rows,
    )


@functools.lru_cache(256)
def _drawn(formulas: Formulas) -> tuple[tuple[Input, ...], tuple[Expected, ...]]:
    """Draw fresh inputs, the same for every submission."""
    try:
        corpus = draw(formulas.domains, formulas.value, FRESH, "claims")
    except ValueError:  # a domain that holds so few points was asked whole
        return (), ()
    found = list(zip(corpus.inputs, corpus.answers))
    if len(formulas.arguments) == 2:
        found += [(one, answer) for one in _pairs(formulas) if (answer := usable(formulas.value, one.args)) is not None]
    return tuple(one for one, _ in found), tuple(answer for _, answer in found)


def _pairs(formulas: Formulas) -> list[Input]:
    source = random.Random("pairs")
    made = []
    for _ in range(CLOSE_PAIRS):
        x = source.choice((-1, 1)) * source.uniform(0.0, 5.0)
        made.append(Input((x, x + source.choice((-1, 1)) * 10 ** source.uniform(-3, 1)), source.choice((-2.5, 1.7))))
    return [one for one in made if all(map(inside, one.args, formulas.domains))]
