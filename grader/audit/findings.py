"""What verdicts say of the exercises: pure, from what submissions got to what is proved and what is not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from grader.assignment.exercise import Exercise
from grader.audit.mutants import Mutant
from grader.audit.mutants.records import CodeAudit, ExerciseAudit, Mistake, Verdicts
from grader.audit.plants import MutationSet, Target
from grader.model import Result
from grader.reports import failures
from grader.reports.text import points
from grader.sandbox.boundary.protocol import file_of

NO_CATCH = ("accepted", "skipped", "not attempted", "judge error")
"""Verdicts that catch nothing: what is skipped loses its points for a reason that another check has found."""


def verdicts(result: Result) -> Verdicts:
    """Keep of a result what an audit looks at."""
    checks = [check for exercise in result.exercises for check in exercise.checks]
    return Verdicts(
        {one.id: {check.name: check.outcome.verdict for check in one.checks} for one in result.exercises},
        tuple(one.name for check in checks for one in check.outcome.diagnosis),
        {one.id: failures.of_reference(one) for one in result.exercises},
        {one.id: (one.earned, one.possible) for one in result.exercises},
    )


def lost(got: Verdicts, points: Collection[tuple[str, str]]) -> tuple[str, ...]:
    """Return which of the checks (exercise, check) in `points` were not accepted, as `exercise.check`."""
    return tuple(
        f"{exercise}.{check}"
        for exercise, checks in got.of.items()
        for check, verdict in checks.items()
        if verdict != "accepted" and (exercise, check) in points
    )


def caught_by(planted: Mutant, got: Verdicts) -> tuple[str, ...]:
    """Return which of the checks that are meant to catch a mistake did, as `exercise.check`."""
    return tuple(
        f"{exercise}.{check}"
        for exercise, checks in got.of.items()
        for check, verdict in checks.items()
        if verdict not in NO_CATCH and (not planted.meant or check in planted.meant)
    )


def of_exercise(exercise: Exercise, solved: Mapping[str, Verdicts], empty: Verdicts) -> ExerciseAudit:
    """Say under which seeds the reference lost points, and which checks the template won."""
    scored = [check.name for check in exercise.checks if check.points]
    lost = {
        seed: got.lost.get(exercise.id, "")
        for seed, got in solved.items()
        if any(got.of[exercise.id][name] != "accepted" for name in scored)
    }
    return ExerciseAudit(
        id=exercise.id,
        reference_lost=tuple(lost),
        because=next(iter(lost.values()), ""),
        template_earned=tuple(name for name in scored if empty.of[exercise.id][name] == "accepted"),
        safe=(),
        milliseconds={},
    )


def of_code(held: MutationSet, wrong: Sequence[Sequence[Verdicts]], right: Sequence[Sequence[Verdicts]]) -> CodeAudit:
    """Say what became of every mistake in a piece of code, and what its right styles lost."""
    code = held.code
    return CodeAudit(
        code.module,
        code.name,
        code.ids(),
        tuple(_fate(code, planted, under) for (planted, _), under in zip(held.wrong, wrong)),
        {
            planted.what: tuple(dict.fromkeys(name for got in under for name in _lost(code, got)))
            for (planted, _), under in zip(held.right, right)
        },
    )


def _fate(code: Target, planted: Mutant, under: Sequence[Verdicts]) -> Mistake:
    by = [caught_by(planted, got) for got in under]
    if all(by):
        every = _in_all(by)
        lost = _in_all([caught_by(msgspec.structs.replace(planted, meant=()), got) for got in under])
        return Mistake(planted.name, "caught", every or by[0], named=_named(planted, under), lost=lost)
    reason = code.lists(planted.name)
    if reason and not any(by):
        return Mistake(planted.name, "equivalent", because=reason)
    sometimes = tuple(dict.fromkeys(name for one in by for name in one))
    because = "under some seeds only" if sometimes else ""
    return Mistake(planted.name, "missed", sometimes, because, line=planted.line, gets=_gets(under))


def _in_all(found: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(name for name in found[0] if all(name in one for one in found))


def _gets(under: Sequence[Verdicts]) -> str:
    """Return the most points that a submission with a mistake gets under one of the seeds, exercise by exercise."""
    most = {id: max((one.points[id] for one in under), key=lambda pair: pair[0]) for id in under[0].points}
    return ", ".join(
        f"{points(earned)} of {points(possible)} points for {id}" for id, (earned, possible) in most.items()
    )


def _named(planted: Mutant, under: Sequence[Verdicts]) -> str:
    if not planted.named:
        return ""
    said = [got.diagnosis for got in under]
    if all(any(planted.named in text for text in one) for one in said):
        return "right"
    return "other" if any(said) else "none"


def _lost(code: Target, got: Verdicts) -> Iterator[str]:
    for exercise in code.exercises:
        for check in exercise.checks:
            if check.points and got.of[exercise.id][check.name] != "accepted":
                yield f"{exercise.id}.{check.name}"


def with_safe(found: ExerciseAudit, exercise: Exercise, codes: Sequence[CodeAudit]) -> ExerciseAudit:
    """Say which checks with points no planted mistake loses."""
    lost = {name for code in codes for mistake in code.mistakes for name in (*mistake.by, *mistake.lost)}
    safe = [check.name for check in exercise.checks if check.points and f"{exercise.id}.{check.name}" not in lost]
    return msgspec.structs.replace(found, safe=tuple(safe))


def problems(
    exercises: Sequence[Exercise], codes: Sequence[CodeAudit], found: Sequence[ExerciseAudit]
) -> Iterator[str]:
    """Yield, in words, everything that keeps an exercise from being proved."""
    for one in found:
        if one.reference_lost:
            seeds = f"{len(one.reference_lost)} seed{'s' * (len(one.reference_lost) != 1)}"
            yield f"{one.id}: the reference itself loses points under {seeds}: {one.because}"
        if one.template_earned:
            yield f"{one.id}: the untouched template earns {', '.join(one.template_earned)}"
        for check in one.safe:
            yield f"{one.id}: no mistake was planted that loses the points of {check}"
    for code in codes:
        for mistake in code.mistakes:
            if mistake.fate == "missed":
                sometimes = f" ({mistake.because})" if mistake.because else ""
                place = f"{file_of(code.module)}{f':{mistake.line}' if mistake.line else ''}"
                gets = f"; a submission with it gets {mistake.gets}" if mistake.gets else ""
                yield f"{place}, {mistake.name}: not caught{sometimes}{gets}"
        for style, lost in code.styles.items():
            if lost:
                yield f"{file_of(code.module)}, {code.name}: right code loses points ({style}: {', '.join(lost)})"
    yield from _stale(exercises, codes)


def _stale(exercises: Sequence[Exercise], codes: Sequence[CodeAudit]) -> Iterator[str]:
    for exercise in exercises:
        names = [
            one.name
            for code in codes
            if exercise.id in code.exercises
            for one in code.mistakes
            if one.fate == "equivalent"
        ]
        for entry in exercise.equivalent:
            if not any(entry.is_about(name) for name in names):
                said = f"{entry.mistake!r} is listed as equivalent, and no such mistake goes uncaught"
                yield f"{exercise.written}: {said}"
