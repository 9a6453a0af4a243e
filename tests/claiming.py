"""A claim of feedback: one outcome, with the files of the student it is said to."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from grader.assignment.exercise import Exercise
from grader.assignment.formulas import Formulas
from grader.model import CheckResult, Domain, ExerciseResult, Input, Outcome
from grader.oracle.dual import Undefined
from tests import homes
from tests.mistakes import Formula


class Claim(msgspec.Struct, frozen=True):
    """One outcome, with the student's files at hand. `shown` and `private`: the inputs it was judged at.

    `right`: right files, where they are not the course's.
    """

    load: Callable[[str], Any]
    sources: Mapping[str, str]
    exercise: Exercise
    check: CheckResult
    result: ExerciseResult
    shown: Sequence[Input] = ()
    private: Sequence[Input] = ()
    right: Mapping[str, str] = {}

    @property
    def outcome(self) -> Outcome:
        return self.check.outcome

    def under_test(self) -> Any:
        """Return the student's function or class."""
        return getattr(self.load(self.exercise.module), self.exercise.spec.name)

    def value(self, *args: float) -> Any:
        """Return what forward, or the plain function, gives for numbers; of a function of Scalars, the number in it."""
        found = self.under_test()
        if isinstance(found, type):
            return found.forward(homes.Box(), *args)
        if self.exercise.kind == "scalars":
            return getattr(self.on_scalars(*args)[1], "data", None)
        return found(*args)

    def on_scalars(self, *args: float) -> tuple[list[Any], Any]:
        """Return new Scalars, and what the function gives for them."""
        scalars = [self.load("scalar").Scalar(one) for one in args]
        return scalars, self.under_test()(*scalars)

    def other(self, check: str) -> Outcome:
        """Return the outcome of another check of the exercise."""
        return next(one.outcome for one in self.result.checks if one.name == check)

    def formula(self) -> Formula:
        """Return the exercise's formula as plain functions. They raise ValueError where it has no value or no slope."""
        formulas: Formulas = self.exercise.spec.formulas

        def value(*args: float) -> float:
            with _plainly():
                return formulas.value.value(args)

        def partial(i: int) -> Callable[..., float]:
            def by(*args: float) -> float:
                with _plainly():
                    lo, hi = formulas.value.answer(args).partials[i]
                if lo != hi:
                    raise ValueError("a kink")
                return lo

            return by

        partials = tuple(partial(i) for i in range(len(formulas.arguments)))
        return Named(formulas.value.text, value, partials, _narrow(formulas.domains), formulas.arguments)


class Named(Formula, frozen=True):
    """A formula whose arguments have the exercise's own names."""

    names: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.names


def _narrow(domains: Sequence[Domain]) -> Domain:
    """Return a domain that lies in all of several."""
    return Domain(max(one.lo for one in domains), min(one.hi for one in domains), any(one.nonzero for one in domains))


@contextlib.contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except Undefined as error:
        raise ValueError(str(error)) from None


Rule = Callable[[Claim, re.Match[str]], bool]
"""Say whether a sentence is so."""
