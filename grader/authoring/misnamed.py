"""Mistakes that an exercise names and that are none: what they return is right wherever it was tried."""

from __future__ import annotations

from collections.abc import Iterator

from grader.assignment.exercise import Exercise
from grader.assignment.forms import Places
from grader.assignment.formulas import Formulas, Misconception
from grader.judging import bands
from grader.model import Corpus
from grader.oracle.dual import Undefined
from grader.oracle.inputs import draw

INPUTS, SEED = 40, "misnamed"


def right(exercise: Exercise, places: Places) -> Iterator[tuple[str, str]]:
    """Yield (key, what is wrong) of every misconception that returns the right answer."""
    formulas = getattr(exercise.spec, "formulas", None)
    keys = [
        key
        for i in range(len(getattr(formulas, "misconceptions", ())))
        if (key := f"misconceptions.{i}.returns") in places
    ]
    if not isinstance(formulas, Formulas) or not keys:
        return
    try:
        corpus = draw(formulas.domains, formulas.value, INPUTS, SEED)
    except ValueError:  # that is told elsewhere
        return
    for key, one in zip(keys, formulas.misconceptions):  # a kind's own come after the author's
        if _is_right(one, corpus, exercise.kind == "values"):
            said = "returns is the right answer at every input that was tried; write what is returned by mistake"
            yield key, said


def _is_right(mistake: Misconception, corpus: Corpus, value: bool) -> bool:
    for one, answer in zip(corpus.inputs, corpus.answers):
        wanted = [bands.value_band(answer)] if value else bands.gradient_bands(one, answer)
        point = one.args if value else (*one.args, one.d_out)
        try:
            got = [each.value(point) for each in mistake.returns]
        except Undefined:
            return False
        if not all(bands.within(each, band) for each, band in zip(got, wanted)):
            return False
    return True
