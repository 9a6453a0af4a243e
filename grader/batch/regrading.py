"""Grade some exercises again into results that hold others too: those stay as they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from grader.batch.rendering import Done, Engine, rendered
from grader.errors import UsageError
from grader.grading.grader import same_for_all
from grader.grading.planning import Plan
from grader.model import Outcome, Result, Submission
from grader.reports import stored
from grader.reports.fractions import total
from grader.sandbox.box import Box

NEITHER = "grade all exercises with --fresh, or name another folder with --out"


def exercises_after(out: Path, submissions: Sequence[str], again: Collection[str], known: Sequence[str]) -> list[str]:
    """Return the exercises that results under `out` will hold once those `again` are graded, in the order `known`.

    Empty where there are no others to keep. Raises UsageError where something would be lost: a submission that has no
    earlier result, or one of other exercises than the rest, or of exercises nobody knows any more.
    """
    earlier = {name: _ids(out, name) for name in stored.names(out)}
    others = {one for ids in earlier.values() for one in ids if one not in again}
    if not others:
        return []
    if strange := sorted(others - set(known)):
        raise UsageError(
            f"{out}: the results there are of an exercise that is not in the config, {strange[0]}; {NEITHER}"
        )
    for name in submissions:
        if not others <= set(earlier.get(name, ())):
            raise UsageError(f"{out}: holds no earlier result of {name} to add to; {NEITHER}")
    return [one for one in known if one in others or one in again]


def keeping(engine: Engine, out: Path, names: Sequence[str], order: Sequence[str]) -> Engine:
    """Return an engine that puts what it grades into the results that are there, exercise by exercise."""

    def grade(
        plan: Plan, box: Box, handed_in: Sequence[Submission], indexes: Iterable[int], jobs: int
    ) -> Iterator[Done]:
        for done in engine(plan, box, handed_in, indexes, jobs):
            name = names[done.index]
            earlier = stored.read(stored.path_of(out, name))
            if earlier is None:
                yield msgspec.structs.replace(done, made=None, fault=done.fault or "its earlier result has gone")
                continue
            nothing = Submission(name, attempt=earlier.attempt, called=earlier.called)
            lost = same_for_all(plan, nothing, Outcome("judge error", done.fault))
            now = stored.decode(done.made.result) if done.made else lost
            yield msgspec.structs.replace(done, made=rendered(merged(earlier, now, order), plan.html))

    return grade


def merged(earlier: Result, now: Result, order: Sequence[str]) -> Result:
    """Return a result with what was graded `now` in place of what was earlier, and the rest as it was.

    Its digest is blank: it is of no one grading, so that the next of everything does it anew.
    """
    known = {one.id: one for one in (*earlier.exercises, *now.exercises)}
    exercises = tuple(known[one] for one in order)
    return msgspec.structs.replace(
        now,
        digest="",
        exercises=exercises,
        earned=total(one.earned for one in exercises),
        possible=total(one.possible for one in exercises),
    )


def _ids(out: Path, name: str) -> tuple[str, ...]:
    earlier = stored.read(stored.path_of(out, name))
    return tuple(one.id for one in earlier.exercises) if earlier else ()
