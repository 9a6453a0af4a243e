"""Plan an assignment whose parameters are drawn per student: the work per set of numbers, not per student.

What differs between two students are the exercises with parameters: their records and their questions, which are
prepared once for each set of numbers. What a unit provides is built anew only for numbers that are in it, as where
another exercise's function is made from its formula; mostly all students share it, and the branches built with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from grader.assignment import exercises
from grader.assignment.exercise import Exercise
from grader.errors import JudgeError, UsageError
from grader.exercise_kinds.kinds import KINDS
from grader.grading import drawing, planning, units
from grader.grading.config import Assignment
from grader.grading.drawn import Key, Numbers, PerStudent, Piece
from grader.grading.planning import Plan
from grader.grading.units import Unit

SENTINEL = 982_451_653
"""No exercise's number. Where it changes what a unit provides, so may any other."""


class Whose(msgspec.Struct, frozen=True):
    """The numbers of each submission, by exercise; why nobody knows those of others; and which secret they are of."""

    numbers: dict[str, Numbers]
    unknown: dict[str, str]
    fingerprint: str


def planned(plan: Plan, whose: Whose, seed: str | None) -> Plan:
    """Return a plan that grades each submission with its own numbers. All that the class needs is worked out.

    What is wrong with the usual numbers, which are nobody's, is wrong for nobody.
    """
    others = tuple(planned(one, whose, seed) for one in plan.others)
    drawn = [one.id for one in drawing.with_parameters(plan.assignment)]
    faults = {id: fault for id, fault in plan.faults.items() if id not in drawn} | planning.misplaced(plan.assignment)
    per_student = PerStudent(whose.numbers, whose.unknown, seed, whose.fingerprint, _matter(plan), {}, {})
    made = msgspec.structs.replace(plan, per_student=per_student, others=others, faults=faults)
    for numbers in _distinct(whose.numbers.values()):
        with_numbers(made, numbers)
    return made


def _distinct(those: Iterable[Numbers]) -> Sequence[Numbers]:
    return list({tuple(one.items()): one for one in those}.values())


def of_submission(plan: Plan, submission: str) -> Plan:
    """Return the plan that a submission is graded by. Raises JudgeError where nobody knows its numbers."""
    per_student = plan.per_student
    assert per_student is not None
    if submission not in per_student.numbers:
        raise JudgeError(per_student.unknown.get(submission, "nobody knows whose it is, nor its parameters"))
    return with_numbers(plan, per_student.numbers[submission])


def with_numbers(plan: Plan, numbers: Numbers) -> Plan:
    """Return a plan as it is for whoever has these numbers. What is not there yet is worked out and kept."""
    pieces = {id: _piece(plan, (id, those)) for id, those in numbers.items()}
    assignment = msgspec.structs.replace(
        plan.assignment,
        exercises=tuple(pieces[one.id].exercise if one.id in pieces else one for one in plan.assignment.exercises),
        every=tuple(pieces[one.id].plain if one.id in pieces else one for one in plan.assignment.every),
    )
    asked = {one.exercise.id: one.exercise for one in pieces.values()}
    every = tuple(
        _asking(_unit(plan, assignment, i, numbers), asked) for i in range(len(plan.units) + len(plan.together))
    )
    return msgspec.structs.replace(
        plan,
        assignment=assignment,
        units=every[: len(plan.units)],
        together=every[len(plan.units) :],
        public={**plan.public, **{id: one.public for id, one in pieces.items() if one.public is not None}},
        private={**plan.private, **{id: one.private for id, one in pieces.items() if one.private is not None}},
        faults={**{id: one.fault for id, one in pieces.items() if one.fault}, **plan.faults},
        others=tuple(with_numbers(one, numbers) for one in plan.others),
        per_student=None,
        numbers=numbers,
    )


def rounds(plan: Plan) -> Sequence[Numbers]:
    """Return few sets of numbers in which each exercise has each of its own that is drawn: to try the solution with."""
    assert plan.per_student is not None
    drawn: dict[str, list[tuple[int, ...]]] = {}
    for numbers in plan.per_student.numbers.values():
        for id, those in numbers.items():
            drawn.setdefault(id, [])
            if those not in drawn[id]:
                drawn[id].append(those)
    most = max(map(len, drawn.values()), default=0)
    return [{id: those[min(k, len(those) - 1)] for id, those in drawn.items()} for k in range(most)]


def with_faults(plan: Plan, numbers: Numbers, faults: dict[str, str]) -> None:
    """Keep what went wrong with the solution at some numbers: those are withheld, for whoever has them."""
    assert plan.per_student is not None
    known = plan.per_student.pieces
    for id, fault in faults.items():
        if id in numbers and not known[id, numbers[id]].fault:
            known[id, numbers[id]] = msgspec.structs.replace(known[id, numbers[id]], fault=fault)


def faults(plan: Plan) -> list[str]:
    """Return a sentence for each set of numbers with which an exercise is withheld."""
    if plan.per_student is None:
        return []
    return [
        f"{id} with {_said(one.exercise)}: {one.fault}; it is withheld from every student with these numbers"
        for (id, _), one in plan.per_student.pieces.items()
        if one.fault
    ]


def note(plan: Plan) -> tuple[str, ...]:
    """Return a sentence that says which numbers a submission was graded with; none where none are drawn."""
    said = [f"{one.id} with {_said(one)}" for one in plan.assignment.exercises if one.id in plan.numbers]
    return (f"drawn for this student: {'; '.join(said)}",) if said else ()


def _said(exercise: Exercise) -> str:
    return ", ".join(f"{name} = {value}" for name, value in exercise.values.items())


def _piece(plan: Plan, key: Key) -> Piece:
    assert plan.per_student is not None
    known = plan.per_student.pieces
    if key not in known:
        known[key] = _prepared(plan, key)
    return known[key]


def _prepared(plan: Plan, key: Key) -> Piece:
    """Work out an exercise with some numbers. Where it cannot be asked so, that is our fault, and is said."""
    id, those = key
    assert plan.per_student is not None
    plain = next(one for one in plan.assignment.every if one.id == id)
    chosen = next((one for one in plan.assignment.exercises if one.id == id), None)
    values = dict(zip((one.name for one in plain.parameters), those))
    try:
        with_them, plain = (exercises.with_values(one, values, KINDS) for one in (chosen or plain, plain))
    except UsageError as error:
        return Piece(chosen or plain, plain, fault=str(error))
    if chosen is None or id in plan.assignment.unasked or id in plan.faults:
        return Piece(with_them, plain)
    asked = planning.questions(plan.assignment, with_them, plan.per_student.seed)
    return Piece(with_them, plain, asked.public, asked.private, asked.fault)


def _asking(unit: Unit, asked: dict[str, Exercise]) -> Unit:
    """Return a unit that asks exercises with their numbers."""
    return msgspec.structs.replace(
        unit,
        exercises=tuple(asked.get(one.id, one) for one in unit.exercises),
        variants=tuple(_asking(one, asked) for one in unit.variants),
    )


def _unit(plan: Plan, assignment: Assignment, place: int, numbers: Numbers) -> Unit:
    """Return a unit with what it provides to whoever has these numbers."""
    per_student = plan.per_student
    assert per_student is not None
    keys = frozenset((id, numbers[id]) for id in per_student.matter[place] if id in numbers)
    if not keys:
        return (*plan.units, *plan.together)[place]
    known: dict[tuple[int, frozenset[Key]], Unit] = per_student.units
    if (place, keys) not in known:
        known[place, keys] = units.at(assignment, place)
    return known[place, keys]


def _matter(plan: Plan) -> tuple[frozenset[str], ...]:
    """Return, for each unit, the exercises whose numbers are in what it provides: it is another with another number."""
    before = (*plan.units, *plan.together)
    found: list[set[str]] = [set() for _ in before]
    for one in drawing.with_parameters(plan.assignment):
        values = {**drawing.numbers(plan.assignment), one.id: {each.name: SENTINEL for each in one.parameters}}
        try:
            changed = drawing.bound(msgspec.structs.replace(plan.assignment, others=()), values)
        except UsageError:  # as where an author's input is no good with it: it may be anywhere then
            after: list[Unit | None] = [None for _ in before]
        else:
            after = [units.at(changed, i) for i in range(len(before))]
        for those, unit, other in zip(found, before, after):
            if other is None or _provided(unit) != _provided(other):
                those.add(one.id)
    return tuple(map(frozenset, found))


def _provided(unit: Unit) -> object:
    return unit.provided, [_provided(one) for one in unit.variants]
