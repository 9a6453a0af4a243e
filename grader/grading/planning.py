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
from grader.assignment.exercise import Exercise
from grader.assignment.kind import Description
from grader.errors import UsageError
from grader.exercise_kinds.kinds import KINDS
from grader.grading import provided, units
from grader.grading.config import RARE_IMPORTS, STANDARD_IMPORTS, Assignment
from grader.grading.drawn import Numbers, PerStudent
from grader.grading.units import Unit
from grader.model import Outcome, Submission
from grader.sandbox.box import Box, Limits
from grader.sandbox.supervisor import preloads


class Plan(msgspec.Struct, frozen=True):
    """Everything that is the same for every submission, worked out once. `html`: whether each gets a page;
    `staffed`: whether staff get one of each.

    `solutions` is the reference's source, module by module: it never leaves the process that judges. `others` are the
    plans for submissions in the other dialects that are accepted. `together` are the units that one worker is
    asked about first; what is right there is not asked in its own unit. `solution_told` is
    what the solution itself is told, exercise by exercise, of checks that it does not pass and that are worth nothing.
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
    solution_told: dict[str, dict[str, Outcome]] = {}
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
    faults |= misplaced(assignment)
    solutions = provided.of(assignment)
    others = tuple(prepare(one, seed) for one in assignment.others)
    return Plan(
        assignment,
        units.alone(assignment),
        public,
        private,
        faults,
        {},
        solutions,
        others=others,
        together=units.together(assignment),
    )


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
