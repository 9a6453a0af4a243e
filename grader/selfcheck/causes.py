"""Say which other part of a student's own an exercise fails because of: one that it runs through and that fails alone.

Which exercise may be blamed on which is the table in `parts`. Whether an exercise really runs through a part is read
off the student's source. A part fails on its own where its exercise is wrong and nothing below it is.

An exception says more. Its line may stand in a part that another exercise has found wrong at that very line: it is that
one's, whatever the layers. And no exception but those of arithmetic is put down to a part that gives a wrong number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from grader.model import CheckResult, Outcome, Submission
from grader.selfcheck import own_files
from grader.selfcheck.checking import Because, Checked
from grader.selfcheck.parts import BELOW, NUMBERS, SCALAR
from grader.selfcheck.prepared import AssignmentBundle, EncodedExercise
from grader.selfcheck.references import Name, References

PLACE = re.compile(r"([^:]+\.py):(\d+)(?::|$)")
"""A line of a file, as feedback tells it."""

LOCAL = ("NameError", "UnboundLocalError", "IndentationError", "SyntaxError")
"""Exceptions that come of the file that raised them, whatever another part returned."""

MADE_AN_OBJECT = re.compile(r"TypeError: \w+\(\) takes no arguments")
"""A class is called where its `apply` was meant."""

WITHOUT_NUMBERS = ("order", "leaves")
"""Layers where no wrong number makes an answer wrong."""

NO_SCALAR = "not a Scalar"
"""What came back is no number and no variable: as little due to a number as an exception."""

OF_A_NUMBER = ("ValueError: math domain error", "ValueError: expected a", "OverflowError", "ZeroDivisionError")
"""Exceptions that a wrong number may bring."""

UNUSED = {"no_grad"}
"""Checks of what no graph runs through."""


class Causes:
    """The causes of one submission's wrong exercises. `found` is asked how an exercise came out."""

    def __init__(
        self, assignment: AssignmentBundle, submission: Submission, found: Callable[[EncodedExercise], Checked]
    ) -> None:
        self._exercises = [one for one in assignment.exercises if one.under_test]
        self._found = found
        self._references = References(submission)
        self._sources = dict(submission.modules.values())
        self._paths = {name: path for name, (path, _) in submission.modules.items()}
        self._functions = {name for one in self._exercises if one.runs.layer == "function" for name in _names(one)}
        self._reached: dict[str, frozenset[Name]] = {}
        self._known: dict[str, tuple[Because, ...]] = {}

    def of(self, exercise: EncodedExercise) -> tuple[Because, ...]:
        """Return the parts that an exercise runs through and that fail on their own; none where it is not wrong."""
        if exercise.id not in self._known:
            self._known[exercise.id] = ()  # in a circle nobody is blamed
            self._known[exercise.id] = self._of(exercise)
        return self._known[exercise.id]

    def _of(self, exercise: EncodedExercise) -> tuple[Because, ...]:
        checked = self._found(exercise)
        if checked.status != "wrong" or exercise.on_paper:
            return ()
        found = [
            Because(other.id, part, other.file, other.title)
            for other in self._exercises
            if (part := self._raised_in(exercise, checked, other))
        ]
        if found:
            return tuple(found)
        for other in self._exercises:
            part = self._part(exercise, other)
            if part and self._fails_alone(exercise, checked, other):
                found.append(Because(other.id, part, other.file, other.title))
        return tuple(found)

    def _part(self, exercise: EncodedExercise, other: EncodedExercise) -> str:
        """Return the names that one exercise runs through and another asks for; blank where there is none."""
        layer = exercise.runs.layer
        if other.id == exercise.id or other.runs.layer not in BELOW[layer]:
            return ""
        if other.runs.by_operators and not exercise.runs.by_operators:
            return ""
        parts = [name for name in _names(other) if name in self._through(exercise)]
        if not parts or (other.runs.layer == layer and not self._through(other).isdisjoint(_names(exercise))):
            return ""
        return " or ".join(part for _, part in parts)  # which of several it is, nobody has seen

    def _fails_alone(self, exercise: EncodedExercise, checked: Checked, other: EncodedExercise) -> bool:
        cause = self._found(other)
        if cause.status != "wrong" or self.of(other):
            return False
        if {one.name for one in _lost(cause)} <= UNUSED or not _may_come_of(checked, cause, other):
            return False
        lost = [one for one in _outcomes(cause) if one.verdict != "accepted"]
        if any(
            one in lost and one.reason.startswith("loading ") for one in _outcomes(checked)
        ):  # a file that both are in
            return False
        if exercise.runs.layer in WITHOUT_NUMBERS and other.runs.layer in NUMBERS:
            return any(one.verdict not in ("accepted", "wrong answer") for one in _outcomes(checked))
        return True

    def _raised_in(self, exercise: EncodedExercise, checked: Checked, other: EncodedExercise) -> str:
        """Return the function that all of an exercise's exceptions came out of, where it is the other's; else blank.

        The other exercise is lost at the same line, and is about what stands around it; this one is not.
        """
        places = {one.outcome.place for one in _lost(checked)}
        if len(places) != 1 or other.id == exercise.id:
            return ""
        (place,) = places
        at = PLACE.match(place)
        if at is None or place not in {one.outcome.place for one in _lost(self._found(other)) if _raised(one.outcome)}:
            return ""
        around = own_files.around(self._sources.get(at[1], b""), int(at[2]))
        top = around.partition(".")[0]
        if top not in other.under_test or (exercise.module == other.module and top in exercise.under_test):
            return ""
        return around if self._paths.get(other.module) == at[1] else ""

    def _through(self, exercise: EncodedExercise) -> frozenset[Name]:
        if exercise.id not in self._reached:
            self._reached[exercise.id] = self._all_through(exercise)
        return self._reached[exercise.id]

    def _all_through(self, exercise: EncodedExercise) -> frozenset[Name]:
        """Return the names that an exercise runs through. Of functions only those that its graphs have in them."""
        own, runs = list(_names(exercise)), exercise.runs
        starts = [*own, *runs.starts]
        if runs.layer == "of scalars":
            starts += self._references.reached(own, lambda name: name == SCALAR)
            starts += [(runs.functions, made) for name in own for made in self._references.operations(name)]
        return self._references.reached(starts, self._functions.__contains__, bases=runs.layer not in NUMBERS)


def _may_come_of(checked: Checked, cause: Checked, other: EncodedExercise) -> bool:
    """Say whether what an exercise lost may be due to what another lost: few exceptions are due to a number."""
    lost = [one.outcome for one in _lost(checked)]
    if not all(_raised(one) or NO_SCALAR in one.reason for one in lost):
        return True
    if all(one.said.startswith(LOCAL) or MADE_AN_OBJECT.match(one.said) for one in lost):
        return False
    if other.runs.layer not in NUMBERS or any(one.said.startswith(OF_A_NUMBER) for one in lost):
        return True
    return not all(_is_a_number(one.outcome) for one in _lost(cause))


def _raised(outcome: Outcome) -> bool:
    return outcome.verdict == "runtime error" and bool(outcome.said)


def _is_a_number(outcome: Outcome) -> bool:
    """Say whether a wrong answer was a number that is finite: it is passed on as a right one would be."""
    example = outcome.counterexample
    if outcome.verdict != "wrong answer" or example is None:
        return False
    try:
        return math.isfinite(float(example.returned))
    except ValueError:
        return False


def _lost(checked: Checked) -> list[CheckResult]:
    return [one for one in checked.exercise.checks if one.outcome.verdict not in ("accepted", "skipped")]


def _outcomes(checked: Checked) -> list[Outcome]:
    return [check.outcome for check in checked.exercise.checks]


def _names(exercise: EncodedExercise) -> tuple[Name, ...]:
    return tuple((exercise.module, name) for name in exercise.under_test)
