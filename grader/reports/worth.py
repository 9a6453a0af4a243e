"""What exercises and checks are worth in two gradings: a new worth is said once, and changes nobody's verdict."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import msgspec

from grader.model import CheckResult, ExerciseResult, Result
from grader.reports.text import inert, points


class Worth(msgspec.Struct, frozen=True):
    """An exercise, or one check of it, that is worth something else; None where one of the gradings has it not."""

    exercise: str
    check: str
    old: Fraction | None
    new: Fraction | None

    def sentence(self) -> str:
        """Return what is said of it once for the class.

        >>> Worth("log", "", Fraction(4), Fraction(8)).sentence()
        'exercise log: worth 4 → 8 points'
        """
        what = f"exercise {inert(self.exercise)}" + (f", check {inert(self.check)}" if self.check else "")
        if self.old is None or self.new is None:
            kept = self.new if self.old is None else self.old
            assert kept is not None
            return f"{what}: in the {'new' if self.old is None else 'old'} grading only, worth {_so_many(kept)}"
        return f"{what}: worth {points(self.old)} → {_so_many(self.new)}"


def _so_many(value: Fraction) -> str:
    return f"{points(value)} point{'' if value == 1 else 's'}"


def changed(old: Result, new: Result) -> Iterator[Worth]:
    """Yield what is worth something else of what both results have: whole exercises, or else single checks."""
    before = {one.id: one for one in old.exercises}
    for now in new.exercises:
        was = before.get(now.id)
        if was is None:
            continue
        if was.possible != now.possible:
            yield Worth(now.id, "", was.possible, now.possible)
            continue
        each = {check.name: check.possible for check in was.checks}
        for check in now.checks:
            if each.get(check.name, check.possible) != check.possible:
                yield Worth(now.id, check.name, each[check.name], check.possible)


def same_share(old: CheckResult, new: CheckResult) -> bool:
    """Say whether two results of a check differ in nothing but its worth.

    A check that was worth nothing has no share: it is the same where its verdict is.
    """
    if old.outcome.verdict != new.outcome.verdict:
        return False
    return not (old.possible and new.possible) or old.earned * new.possible == new.earned * old.possible


def by_worth(old: Result, new: Result) -> Iterator[str]:
    """Yield what a student's exercises gained or lost without any check that came out otherwise."""
    before = {one.id: one for one in old.exercises}
    after = {one.id: one for one in new.exercises}
    for name in dict.fromkeys([*after, *before]):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            only = now or was
            assert only is not None
            if only.earned and not only.withheld:
                yield f"{name} is {'new' if was is None else 'gone'}: {_so_many(only.earned)}"
        elif was.earned != now.earned and not was.withheld and not now.withheld and _same_answers(was, now):
            yield f"{name}: its worth changed, {points(was.earned)} → {_so_many(now.earned)}"


def _same_answers(old: ExerciseResult, new: ExerciseResult) -> bool:
    each = {check.name: check for check in old.checks}
    return {check.name for check in new.checks} == set(each) and all(
        same_share(each[check.name], check) for check in new.checks
    )
