"""Group an assignment's exercises into units: what is asked of one worker, and the provided parts it is loaded with.

A unit that asks alone has the names of its own exercises under test, and all else is provided. Whoever is right all
through would be asked a dozen times over so, their files compiled for each. So units are asked `together` first, by one
worker: among the student's own files, with nothing provided. What is right there is right (decision 13); what is lost
there is asked alone.

Functions that walk through a graph keep a worker apart, in which they are the student's and the variables the course's:
a `Scalar` of the student's could differentiate numerically, and the walk do nothing. Each file's walks have their own:
one file's walk could be the other's, and be paid twice.

What runs through other parts is asked before these. So nothing is right only because something else was called before.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from grader.assignment.exercise import Exercise, Variant
from grader.assignment.kind import Needs
from grader.exercise_kinds.kinds import KINDS
from grader.grading import needs, provided
from grader.grading.config import Assignment

WALKS, OWN = "walks", ("own",)
"""Who asks a worker together: a file's walks through graphs, and all that is asked among the student's own files."""


class Unit(msgspec.Struct, frozen=True):
    """Exercises that one worker is asked, and the provided parts it is loaded with.

    `modules` are the files that they are about: one, but where units are asked together. `among_own`: they are asked
    among the student's own files, with nothing provided. `independent` are those of them, by id, that would run with
    nothing that is under test here if they were asked alone: what they are told here they would be told there.
    """

    modules: tuple[str, ...]
    exercises: tuple[Exercise, ...]
    provided: dict[str, provided.Part]
    variants: tuple[Unit, ...] = ()
    on_paper: bool = False
    among_own: bool = False
    independent: frozenset[str] = frozenset()

    @property
    def module(self) -> str:
        """Return the file that a unit is about which asks alone."""
        return self.modules[0]


def alone(assignment: Assignment) -> tuple[Unit, ...]:
    """Group what may share a worker in any case: the functions of one file, and what has the same names under test."""
    sources = provided.of(assignment)
    asked = needs.asked(assignment.every)
    return tuple(_unit(exercises, sources, asked) for exercises in _groups(assignment))


def together(assignment: Assignment) -> tuple[Unit, ...]:
    """Return what one worker is asked about first: exercises of several units, as far as they may share one."""
    sources = provided.of(assignment)
    asked = needs.asked(assignment.every)
    groups: dict[tuple[str, ...], list[list[Exercise]]] = {}
    for unit in _groups(assignment):
        company = _company(unit[0], sources)
        left = [one for one in unit if one.id not in assignment.unasked]
        if company and left:
            groups.setdefault(company, []).append(left)
    return tuple(
        _own(units, sources, asked) if company == OWN else _joined(units, sources, asked)
        for company, units in groups.items()
        if len(units) > 1
    )


def at(assignment: Assignment, place: int) -> Unit:
    """Return one unit of an assignment, counted through those that ask alone and then those that ask together."""
    groups = _groups(assignment)
    if place >= len(groups):
        return together(assignment)[place - len(groups)]
    return _unit(groups[place], provided.of(assignment), needs.asked(assignment.every))


def held(assignment: Assignment, exercise: Exercise) -> needs.Held:
    """Return what the worker that is asked about an exercise alone holds of names that other exercises ask for."""
    sources = provided.of(assignment)
    unit = next((group for group in _groups(assignment) if exercise in group), [exercise])
    return _holding(unit, sources, needs.asked(assignment.every), {}).held


def _groups(assignment: Assignment) -> list[list[Exercise]]:
    groups: dict[tuple[str, ...], list[Exercise]] = {}
    for exercise in assignment.exercises:
        groups.setdefault(key(exercise), []).append(exercise)
    return list(groups.values())


def key(exercise: Exercise) -> tuple[str, ...]:
    """Return what tells the exercises of one unit from those of another."""
    own = () if KINDS[exercise.kind].shares else exercise.under_test
    return (exercise.module, exercise.kind, *own)


def _company(exercise: Exercise, sources: dict[str, str]) -> tuple[str, ...]:
    """Return which units an exercise's may share a worker with; blank where with none."""
    kind = KINDS[exercise.kind]
    if exercise.on_paper:
        return ()
    if exercise.own_files:
        return OWN
    if kind.together:
        return exercise.module, exercise.kind
    source = sources.get(exercise.module, "")
    walks = kind.walks and all(needs.defines_function(source, name) for name in exercise.under_test)
    return (WALKS, exercise.module) if walks else OWN


def _unit(
    exercises: Sequence[Exercise],
    sources: dict[str, str],
    asked: dict[needs.Name, Exercise],
    variant: Variant | None = None,
) -> Unit:
    module = exercises[0].module
    variants = [] if variant else [_unit([one], sources, asked, other) for one in exercises for other in one.variants]
    own, added = (set(variant.own), variant.provide) if variant else (set(), {})
    holding = _holding(exercises, sources, asked, added)
    parts = {name: provided.part(source, name, holding, own, added.get(name, "")) for name, source in sources.items()}
    if exercises[0].own_files:
        parts = {}
    on_paper = exercises[0].on_paper
    return Unit((module,), tuple(exercises), {} if on_paper else parts, tuple(variants), on_paper)


def _own(units: Sequence[Sequence[Exercise]], sources: dict[str, str], asked: dict[needs.Name, Exercise]) -> Unit:
    """Return several units as one that is asked among the student's own files."""
    each = [_holding(unit, sources, asked, {}).held for unit in units]
    beside = _beside(units, each)
    exercises = _in_turn(units, beside)
    return Unit(_modules(exercises), exercises, {}, among_own=True, independent=_independent(units, beside))


def _joined(units: Sequence[Sequence[Exercise]], sources: dict[str, str], asked: dict[needs.Name, Exercise]) -> Unit:
    """Return several units as one. It holds what each of them holds, but for what any of them has under test."""
    each = [_holding(unit, sources, asked, {}).held for unit in units]
    beside = _beside(units, each)
    exercises = _in_turn(units, beside)
    tested = _tested(exercises)
    whole = frozenset(name for one in each for name in one.whole) - tested
    made = {name: exercise for one in each for name, exercise in one.made.items() if name not in tested}
    reached = frozenset(name for one in each for name in one.modules)
    holding = provided.Holding(tested, _names(asked), needs.Held(whole, made, reached), beside=True)
    parts = {name: provided.part(source, name, holding) for name, source in sources.items()}
    return Unit(_modules(exercises), exercises, parts, independent=_independent(units, beside))


Beside = Sequence[frozenset[needs.Name]]
"""For each of several units, what it would hold alone of names that another of them has under test."""


def _beside(units: Sequence[Sequence[Exercise]], each: Sequence[needs.Held]) -> Beside:
    tested = _tested([one for unit in units for one in unit])
    return [tested & (held.whole | held.made.keys()) for held in each]


def _in_turn(units: Sequence[Sequence[Exercise]], beside: Beside) -> tuple[Exercise, ...]:
    """Return the exercises in the order in which they are asked: what runs through most of the others first."""
    places = sorted(range(len(units)), key=lambda i: (units[i][0].own_files, len(beside[i])), reverse=True)
    return tuple(one for i in places for one in units[i])


def _independent(units: Sequence[Sequence[Exercise]], beside: Beside) -> frozenset[str]:
    """Return the exercises whose unit holds nothing that another of these units has under test."""
    alone = [unit for unit, names in zip(units, beside) if not names and not unit[0].own_files]
    return frozenset(one.id for unit in alone for one in unit)


def _modules(exercises: Sequence[Exercise]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.module for one in exercises))


def _tested(exercises: Sequence[Exercise]) -> frozenset[needs.Name]:
    return frozenset((one.module, name) for one in exercises for name in one.under_test)


def _holding(
    exercises: Sequence[Exercise],
    sources: dict[str, str],
    asked: dict[needs.Name, Exercise],
    added: dict[str, str],
) -> provided.Holding:
    """Work out what a unit's worker may hold, and what lines that are added to it build on."""
    kind, tested = KINDS[exercises[0].kind], _tested(exercises)
    others = {name: one for name, one in asked.items() if name not in tested}
    wanted = [kind.needs(one) for one in exercises]
    names = [name for one in wanted for name in one.names]
    names += [
        (name, word) for one in wanted for word in one.spoken for name in sources if needs.defines(sources[name], word)
    ]
    names += [(name, word) for name, lines in added.items() for word in needs.named_in(lines)]
    need = Needs(tuple(names), walks=any(one.walks for one in wanted), bases=all(one.bases for one in wanted))
    return provided.Holding(tested, _names(asked), needs.held(exercises, need, others, sources))


def _names(asked: dict[needs.Name, Exercise]) -> dict[str, frozenset[str]]:
    """Return the names that are asked for, module by module."""
    found: dict[str, set[str]] = {}
    for module, name in asked:
        found.setdefault(module, set()).add(name)
    return {module: frozenset(names) for module, names in found.items()}
