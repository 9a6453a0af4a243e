"""What is the same for every submission, worked out once: inputs, answers, provided parts, the environment."""

from __future__ import annotations

import hashlib
import importlib.util
import platform
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

import grader
from grader import __version__
from grader.assignment.exercise import Exercise, Variant
from grader.assignment.kind import Description, Needs
from grader.errors import UsageError
from grader.exercise_kinds.kinds import KINDS
from grader.grading import needs, provided
from grader.grading.config import RARE_IMPORTS, STANDARD_IMPORTS, Assignment
from grader.grading.drawn import Numbers, PerStudent
from grader.model import Submission
from grader.sandbox.box import Box, Limits
from grader.sandbox.supervisor import preloads


class Unit(msgspec.Struct, frozen=True):
    """The exercises that one file of the student's answers, and the provided parts it is loaded with."""

    module: str
    exercises: tuple[Exercise, ...]
    provided: dict[str, provided.Part]
    variants: tuple[Unit, ...] = ()
    on_paper: bool = False


class Plan(msgspec.Struct, frozen=True):
    """Everything that is the same for every submission, worked out once. `html`: whether each gets a page;
    `staffed`: whether staff get one of each.

    `solutions` is the reference's source, module by module: it never leaves the process that judges. `others` are the
    plans for submissions in the other dialects that are accepted. `together` are exercises that are asked of one worker
    first, all that they have under test being the student's; what is right there is not asked in its own unit.
    `per_student` is there where parameters are drawn: each submission is then graded by a plan of its own, whose
    `numbers` are that student's.
    """

    assignment: Assignment
    units: tuple[Unit, ...]
    public: dict[str, Any]
    private: dict[str, Any]
    faults: dict[str, str]
    environment: dict[str, str]
    solutions: dict[str, str] = {}
    html: bool = False
    staffed: bool = False
    others: tuple[Plan, ...] = ()
    together: tuple[Unit, ...] = ()
    per_student: PerStudent | None = None
    numbers: Numbers = {}


class Asked(msgspec.Struct, frozen=True):
    """An exercise's questions, public and private; or why they cannot be drawn, which is our fault."""

    public: Any = None
    private: Any = None
    fault: str = ""


def questions(assignment: Assignment, exercise: Exercise, seed: str | None = None) -> Asked:
    """Draw the inputs of an exercise and work out the answers."""
    kind, corpus = KINDS[exercise.kind], assignment.corpus
    base = corpus.seed if seed is None else seed
    public = private = None
    try:
        public = kind.prepare(exercise, corpus.public, seed_of(base, exercise, "public"), True)
        if corpus.private:
            private = kind.prepare(exercise, corpus.private, seed_of(base, exercise, "private"), False)
    except ArithmeticError as error:
        return Asked(public, private, f"its formula has no value where it should: {error}")
    except ValueError as error:
        return Asked(public, private, str(error))
    return Asked(public, private)


def prepare(assignment: Assignment, seed: str | None = None) -> Plan:
    """Draw every corpus, work out every answer, compile the provided parts.

    An exercise whose inputs cannot be drawn is our fault: it is in `faults`, and will be withheld.
    Raises JudgeError where the reference itself is broken.
    """
    public: dict[str, Any] = {}
    private: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for exercise in assignment.exercises:
        if exercise.id in assignment.unasked:
            continue
        asked = questions(assignment, exercise, seed)
        for found, made in ((public, asked.public), (private, asked.private), (faults, asked.fault)):
            if made:
                found[exercise.id] = made
    units = _units(assignment)
    faults |= misplaced(assignment)
    solutions = provided.of(assignment)
    others = tuple(prepare(one, seed) for one in assignment.others)
    together = _together(assignment)
    return Plan(assignment, units, public, private, faults, {}, solutions, others=others, together=together)


def misplaced(assignment: Assignment) -> dict[str, str]:
    """Return, for every exercise whose file nobody hands in, that this is so."""
    known = assignment.layout.modules
    lost = [one for one in assignment.exercises if one.module not in known and not one.on_paper]
    return {one.id: f"{one.file} is not in the assignment's layout ({', '.join(known)})" for one in lost}


def seed_of(base: str, exercise: Exercise, half: Literal["public", "private"]) -> str:
    """Return what one half of an exercise's inputs is drawn from."""
    return f"{base}:{exercise.id}:{half}"


def only(plan: Plan, ids: Collection[str]) -> Plan:
    """Return the plan with these exercises alone, each set up as it is among the others."""
    kept = tuple(one for one in plan.assignment.exercises if one.id in ids)

    def unit(whole: Unit) -> Unit:
        exercises = tuple(one for one in whole.exercises if one.id in ids)
        variants = tuple(unit(one) for one in whole.variants if any(inner.id in ids for inner in one.exercises))
        return msgspec.structs.replace(whole, exercises=exercises, variants=variants)

    return msgspec.structs.replace(
        plan,
        assignment=msgspec.structs.replace(plan.assignment, exercises=kept),
        units=tuple(unit(one) for one in plan.units if any(inner.id in ids for inner in one.exercises)),
        others=tuple(only(one, ids) for one in plan.others),
        together=tuple(unit(one) for one in plan.together if any(inner.id in ids for inner in one.exercises)),
    )


def description(plan: Plan, exercise: Exercise) -> Description:
    """Return what an exercise's kind says of it. Raises UsageError where its inputs cannot be drawn."""
    if exercise.id in plan.faults:
        raise UsageError(f"{exercise.written}: {plan.faults[exercise.id]}")
    return KINDS[exercise.kind].describe(exercise, plan.public[exercise.id], plan.private.get(exercise.id))


def _units(assignment: Assignment) -> tuple[Unit, ...]:
    """Group what may share a worker: the functions of one file, and what has the same names under test."""
    sources = provided.of(assignment)
    asked = needs.asked(assignment.every)
    return tuple(_unit(exercises, sources, asked) for exercises in _groups(assignment))


def _groups(assignment: Assignment) -> list[list[Exercise]]:
    groups: dict[tuple[str, ...], list[Exercise]] = {}
    for exercise in assignment.exercises:
        own = () if KINDS[exercise.kind].shares else exercise.under_test
        groups.setdefault((exercise.module, exercise.kind, *own), []).append(exercise)
    return list(groups.values())


def unit_at(assignment: Assignment, place: int) -> Unit:
    """Return one unit of an assignment, counted through those that ask alone and then those that ask together."""
    alone = _groups(assignment)
    if place >= len(alone):
        return _together(assignment)[place - len(alone)]
    return _unit(alone[place], provided.of(assignment), needs.asked(assignment.every))


def _together(assignment: Assignment) -> tuple[Unit, ...]:
    """Return the exercises of a file and kind that one worker is asked about first, where there are several."""
    sources = provided.of(assignment)
    asked = needs.asked(assignment.every)
    groups: dict[tuple[str, str], list[Exercise]] = {}
    for one in assignment.exercises:
        if KINDS[one.kind].together and not one.own_files and one.id not in assignment.unasked:
            groups.setdefault((one.module, one.kind), []).append(one)
    units = [_unit(group, sources, asked) for group in groups.values() if len(group) > 1]
    return tuple(msgspec.structs.replace(one, variants=()) for one in units)


def held(assignment: Assignment, exercise: Exercise) -> needs.Held:
    """Return what the worker that is asked about an exercise holds of names that other exercises ask for."""
    sources = provided.of(assignment)
    unit = next((group for group in _groups(assignment) if exercise in group), [exercise])
    return _holding(unit, sources, needs.asked(assignment.every), {}).held


def _unit(
    exercises: list[Exercise],
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
    return Unit(module, tuple(exercises), {} if on_paper else parts, tuple(variants), on_paper)


def _holding(
    exercises: list[Exercise], sources: dict[str, str], asked: dict[needs.Name, Exercise], added: dict[str, str]
) -> provided.Holding:
    """Work out what a unit's worker may hold, and what lines that are added to it build on."""
    module, kind = exercises[0].module, KINDS[exercises[0].kind]
    tested = frozenset(name for exercise in exercises for name in exercise.under_test)
    others = {name: one for name, one in asked.items() if name[0] != module or name[1] not in tested}
    wanted = [kind.needs(one) for one in exercises]
    names = [name for one in wanted for name in one.names]
    names += [
        (name, word) for one in wanted for word in one.spoken for name in sources if needs.defines(sources[name], word)
    ]
    names += [(name, word) for name, lines in added.items() for word in needs.named_in(lines)]
    need = Needs(tuple(names), walks=any(one.walks for one in wanted), bases=all(one.bases for one in wanted))
    by_module: dict[str, set[str]] = {}
    for name, word in asked:
        by_module.setdefault(name, set()).add(word)
    known = {name: frozenset(words) for name, words in by_module.items()}
    return provided.Holding(module, tested, known, needs.held(exercises, need, others, sources))


def environment(plan: Plan, tier: int) -> Plan:
    """Return the plan with what its results depend on written down."""
    here = facts([name for name in plan.assignment.packages if "." not in name], tier)
    return msgspec.structs.replace(plan, environment={**here, "plan": _plan_digest(plan)})


def facts(packages: Iterable[str], tier: int) -> dict[str, str]:
    """Return what a result depends on that is this machine's, whatever the plan."""
    return {
        "grader": f"{__version__}+{_own_digest()}",
        "python": platform.python_version(),
        "libc": " ".join(platform.libc_ver()) or sys.platform,
        "machine": platform.machine(),
        "tier": str(tier),
        **{f"package {name}": _installed(name) for name in packages},
    }


def _own_digest() -> str:
    """Digest the grader's own source: after a fix, no result of the faulty code is taken for a fresh one."""
    found = hashlib.sha256()
    home = Path(grader.__file__).parent
    for path in sorted(home.rglob("*.py")):
        if path.relative_to(home).parts[0] != "packs":  # in a wheel: other people's code, and no part of it
            found.update(path.read_bytes())
    return found.hexdigest()[:8]


def on_mention(assignment: Assignment) -> tuple[str, ...]:
    """Return what is there only where a submission names it, and what that imports on first use (argparse: shutil)."""
    return (*RARE_IMPORTS, "_strptime", "_sha2", "shutil", *assignment.packages)


def word_for(module: str) -> bytes:
    """Return the word that a source says if it needs a module: who calls strptime needs _strptime."""
    return module.partition(".")[0].lstrip("_").encode()


def words(source: bytes) -> list[bytes]:
    """Return what a source says, word for word: names, keywords and whatever stands in texts and comments."""
    return source.translate(_WORDS_ALONE).split()


_WORDS_ALONE = bytes(
    byte if byte >= 128 or chr(byte).isalnum() or byte == ord("_") else ord(" ") for byte in range(256)
)


def _named_by_reference(assignment: Assignment) -> tuple[str, ...]:
    """Return what of it every worker needs all the same: what is provided names it, or questions are asked with it."""
    texts = list(provided.of(assignment).values())
    texts += [text for one in assignment.exercises for variant in one.variants for text in variant.provide.values()]
    said = {word for text in texts for word in words(text.encode())}
    asked = {name for one in assignment.exercises for name in KINDS[one.kind].imports}
    return tuple(name for name in on_mention(assignment) if word_for(name) in said or name in asked)


def missing(assignment: Assignment) -> tuple[str, ...]:
    """Return the allowed packages that are not installed here."""
    names = dict.fromkeys(name.partition(".")[0] for name in assignment.packages)
    return tuple(name for name in names if importlib.util.find_spec(name) is None)


def _installed(package: str) -> str:
    import importlib.metadata  # slow to import, and few assignments allow a package

    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def digest(plan: Plan, submission: Submission) -> str:
    """Return what identifies a result: this submission, graded by this plan in this environment."""
    per_student = plan.per_student
    numbers = per_student.numbers.get(submission.id, {}) if per_student is not None else plan.numbers
    drawn = (numbers,) if numbers else ()
    return hashlib.sha256(_encode((plan.environment, submission, *drawn))).hexdigest()[:32]


_encode = msgspec.msgpack.Encoder(enc_hook=repr, order="sorted").encode
"""Bytes that differ wherever the records do: a repr of every drawn number takes longer than to draw them."""


def _plan_digest(plan: Plan) -> str:
    assignment = plan.assignment
    parts = (
        [(exercise.digest, exercise.checks) for exercise in assignment.exercises],
        [part.code for unit in (*plan.units, *plan.together) for part in unit.provided.values()],
        (plan.public, plan.private),
        (assignment.limits, assignment.allowed, assignment.stubs, assignment.weights, assignment.layout, plan.faults),
        *([_plan_digest(one) for one in plan.others]),
        *([plan.per_student.fingerprint] if plan.per_student is not None else []),
    )
    return hashlib.sha256(_encode(parts)).hexdigest()[:16]


def box(assignment: Assignment, skip: tuple[str, ...] = ()) -> Box:
    """Return the containment that an assignment's submissions run in."""
    limits = assignment.limits
    return Box(
        Limits(
            exercise_cpu=limits.exercise_cpu_seconds,
            submission_cpu=limits.submission_cpu_seconds,
            memory=limits.memory_mib * 1024 * 1024,
            output=limits.output_kib * 1024,
        ),
        preloads((*STANDARD_IMPORTS, *_named_by_reference(assignment))),
        on_mention(assignment),
        skip,
    )
