"""An assignment as the desk needs it: questions and answers worked out, what students are not to know left out.

It is one MessagePack file; a handout's has a line before it that names its grader, for the launcher. Each exercise is
sealed, bytes in a record, and opened when its turn comes: the first result does not wait for the last exercise. What is
in it is the public half; no seed, no hidden check, no solution.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal, cast

import msgspec

from grader import __version__
from grader.assignment.exercise import CheckSpec, Exercise, in_package
from grader.assignment.kind import Kind
from grader.errors import UsageError
from grader.exercise_kinds.kinds import KINDS
from grader.model import Visibility
from grader.oracle.expressions import Expression, parse
from grader.reports.fractions import from_text, to_text
from grader.selfcheck.parts import Runs

FILE = "assignment.prepared"
"""What a handout calls it."""

LABEL = b"autodiff-desk "
"""What starts the line that names a handout's grader; the name ends it."""


class EncodedExercise(msgspec.Struct, frozen=True):
    """One exercise: what is shown of it before it is opened, and the rest as bytes.

    `machinery`: it runs with the student's `Scalar` and what belongs to it. `runs` says what it runs through.
    """

    id: str
    kind: str
    title: str
    statement: str
    module: str
    under_test: tuple[str, ...]
    checks: tuple[str, ...]
    weight: Fraction
    file: str
    on_paper: bool
    machinery: bool
    runs: Runs
    exercise: bytes
    spec: bytes
    half: bytes


class AssignmentBundle(msgspec.Struct, frozen=True):
    """An assignment's exercises and the few facts of it that a desk needs.

    `entries` and `stamp` tell what a copy was made of that is made when it is needed; a handout's has none. Limits: CPU
    seconds for an exercise and in all, characters of output. `dialects`: the text of each that questions name.
    `own`: the folders, from a config's own, in which nobody but its author writes.
    `hand_in`: the author's sentence on what to hand in, blank where there is none.
    """

    format: Literal[1]
    version: str
    entries: tuple[str, ...]
    stamp: str
    id: str
    title: str
    package: str
    modules: tuple[str, ...]
    allowed: tuple[str, ...]
    stubs: tuple[str, ...]
    exercise_cpu: float
    submission_cpu: float
    output: int
    exercises: tuple[EncodedExercise, ...]
    dialects: dict[str, str] = {}
    own: tuple[str, ...] = ()
    hand_in: str = ""

    @property
    def targets(self) -> tuple[str, ...]:
        """Return the modules with something to write in them."""
        return tuple(dict.fromkeys(one.module for one in self.exercises if not one.on_paper))

    def path(self, one: EncodedExercise) -> str:
        """Return the path of an exercise's file: in the package, or beside it where it is on paper."""
        return one.file if one.on_paper else in_package(self.package, one.file)


class DecodedExercise(msgspec.Struct, frozen=True):
    """An exercise ready to be judged."""

    kind: Kind
    exercise: Exercise
    half: Any


def sealed(kind: Kind, exercise: Exercise, weight: Fraction, half: Any, runs: Runs | None = None) -> EncodedExercise:
    """Seal an exercise. What only authors and graders need of it is left out."""
    dialect = exercise.dialect and msgspec.structs.replace(exercise.dialect, source="")  # once, for all of them
    plain = msgspec.structs.replace(
        exercise,
        spec=None,
        source="",
        place=(0, 0),
        digest="",
        variants=(),
        equivalent=(),
        dialect=dialect,
        figure="",
        parameters=(),
        drawn=(),
        form=None,
    )
    return EncodedExercise(
        id=exercise.id,
        kind=kind.name,
        title=exercise.title,
        statement=exercise.statement,
        module=exercise.module,
        under_test=exercise.under_test,
        checks=tuple(check.name for check in exercise.checks),
        weight=weight,
        file=exercise.file,
        on_paper=exercise.on_paper,
        machinery=kind.machinery,
        runs=runs or Runs(),
        exercise=_encode(plain),
        spec=_encode(exercise.spec),
        half=_encode(half),
    )


def opened(one: EncodedExercise) -> DecodedExercise:
    """Open an exercise; only its own kind is imported."""
    kind = KINDS[one.kind]
    spec, half = kind.records
    exercise = _decode(one.exercise, Exercise)
    return DecodedExercise(
        kind, msgspec.structs.replace(exercise, spec=_decode(one.spec, spec)), _decode(one.half, half)
    )


def public(exercise: Exercise, kind: Kind) -> Exercise | None:
    """Return an exercise with the checks and hints that students know of from the start, or None where none is."""
    shown: Visibility = "visible"
    known = (one for one in exercise.checks if one.visibility == shown and one.feedback != "none")
    checks = tuple(_unstaged(one) for one in known)
    if kind.whole and len(checks) < len(exercise.checks):
        return None  # its judges are one text, which would tell of the hidden ones
    return msgspec.structs.replace(exercise, checks=checks) if checks else None


def _unstaged(check: CheckSpec) -> CheckSpec:
    return msgspec.structs.replace(check, hints=tuple(hint for hint in check.hints if not hint.after))


def encode(prepared: AssignmentBundle) -> bytes:
    """Return a prepared assignment as the bytes of its file."""
    return _encode(prepared)


def labelled(raw: bytes, edition: str) -> bytes:
    """Return an encoded assignment as a handout has it, with the name of its grader."""
    return LABEL + edition.encode() + b"\n" + raw


def decode(raw: bytes, shown: str) -> AssignmentBundle:
    """Read a prepared assignment. Raises UsageError where it is none, or another version's."""
    if raw.startswith(LABEL):
        raw = raw[raw.find(b"\n") + 1 :]
    try:
        version = msgspec.msgpack.decode(raw, type=_Version).version
        if version == __version__:
            return cast(AssignmentBundle, _decode(raw, AssignmentBundle))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise UsageError(f"{shown}: is damaged; unpack your course's handout again") from None
    raise UsageError(
        f"{shown}: was made for version {version} of the grader, and this is {__version__}; install the one that came "
        "with it"
    )


class _Version(msgspec.Struct, frozen=True):
    version: str


def _encode(value: Any) -> bytes:
    return msgspec.msgpack.encode(value, enc_hook=_out)


def _decode(raw: bytes, kind: Any) -> Any:
    return msgspec.msgpack.decode(raw, type=kind, dec_hook=_in)


def _out(value: Any) -> Any:
    if isinstance(value, Expression):
        conditions = [one.text for one in value.conditions]
        return {"text": value.text, "arguments": value.arguments, "is": [value.constants, conditions]}
    return to_text(value)


def _in(kind: Any, value: Any) -> Any:
    if kind is Expression and isinstance(value, Mapping):
        return parse(value["text"], tuple(value["arguments"]), *value["is"])
    return from_text(kind, value)
