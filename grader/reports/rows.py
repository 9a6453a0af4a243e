"""What the class's reports say of one submission: a small record, so that a class of any size fits in memory."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from grader.model import CheckResult, ExerciseResult, Outcome, Result, Verdict
from grader.reports.fractions import from_text, to_text
from grader.reports.remembered import remembered
from grader.reports.text import briefly, clip, inert, shortened
from grader.reports.text import verdict as verdict_name

MARKS = {"accepted": "✓", "not attempted": "·", "judge error": "?"}
LONGEST_TROUBLE, LONGEST_NAME = 160, 120
"""Characters: a terminal's line holds fewer, and what a submission says of itself must not fill the memory."""


INTERFACE = "interface"
"""The key, in a result's environment, of the dialect that a submission was graded through, where there are several."""

LIMITS: tuple[Verdict, ...] = ("time limit", "memory limit", "output limit", "forbidden")
NO_NAME = "wrong, and no known mistake explains it"
NOT_FOUND = "nothing has the name that is asked for"
NOTHING_FOUND = "interface not recognised: nothing in the file has a name that is asked for"
LACKING = re.compile(r"there is no \w+ in \w+\.py|\w+\.py gave no answer")
"""Why an exercise was not attempted whose file is there, and what it asks for is not."""

PLACES = (
    re.compile(r"[.;,]? ?\(?did you mean.*", re.IGNORECASE | re.DOTALL),
    re.compile(r",? ?\(?(in |at )?([\w./-]+\.(py|ipynb), )?\bline \d+\)?"),
    re.compile(r"(?<=\b0x)[0-9a-fA-F]+"),
)
"""What differs in the text of an exception from one submission to the next, though the cause is the same."""

CODE = "like-"
"""What the code of a mistake without a name starts with: a word, so that no YAML takes it for a number."""

AT = re.compile(r"(?::|, line )\d+: (.*)", re.DOTALL)
"""The source of a line, behind the place that names it."""

WHOSE = re.compile(r"(?<=: )(type object |module )?'[^']*' (object )?has (?=no attribute)")
"""Whose attribute is missing: a class's name is a student's own, and one mistake would have as many causes as names."""


class ClassRow(msgspec.Struct, frozen=True):
    """One submission in the class's reports.

    `earned`, `marks`, `wrong`, `verdicts`, `named` and `unnamed` hold one entry per exercise: the points, None where
    they are withheld; a mark for the table; whether its verdict is a wrong answer; the verdict; the names of the
    mistakes in it; and what else its points were lost to. `codes` tell causes in `unnamed` from others that read the
    same: one per cause, blank where nothing tells it; empty where there is none. `checks` has a sign per scored check:
    1 for all of its points, 0 for none, h for some. `faults` are empty, or what failed on
    our side, exercise by exercise; `alike` the functions that equal the solution's. `interface`: which of several it
    was graded through.
    """

    submission: str
    total: Fraction
    possible: Fraction
    status: str
    earned: tuple[Fraction | None, ...]
    marks: str
    wrong: tuple[bool, ...]
    trouble: str
    verdicts: tuple[Verdict, ...] = ()
    named: tuple[tuple[str, ...], ...] = ()
    unnamed: tuple[tuple[str, ...], ...] = ()
    codes: tuple[tuple[str, ...], ...] = ()
    checks: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    interface: str = ""

    @property
    def withheld(self) -> bool:
        """Say whether any part of the score is missing through our own fault."""
        return any(one is None for one in self.earned)  # `in` would have every fraction compare itself

    def __reduce__(self) -> Any:
        """Be pickled as bytes: pickle would have every fraction parsed anew."""
        return _named, (_bytes(self), self.submission)

    def codes_of(self, exercise: int) -> tuple[str, ...]:
        """Return the codes of what points of an exercise were lost to, by its place."""
        return tuple(filter(None, self.codes[exercise])) if self.codes else ()

    @property
    def odd(self) -> bool:
        """Say whether somebody should look at it: it could not be used, or not be graded in full."""
        return self.status != "graded"


class Rows(Collection[ClassRow]):
    """The rows of a class, in its order whatever the order they come in. Those still to come are left out.

    In memory those that came out alike share one record, all but the name: 50,000 submissions are a few MB.
    """

    def __init__(self, exercises: Sequence[str], ids: Sequence[str]) -> None:
        self.exercises, self._ids = tuple(exercises), ids
        self._records: list[bytes | None] = [None] * len(ids)
        self._alike: dict[bytes, bytes] = {}
        self._count = 0

    @classmethod
    def of(cls, exercises: Sequence[str], rows: Mapping[str, ClassRow]) -> Rows:
        """Return rows that are all there, by name."""
        found = cls(exercises, list(rows))
        for i, row in enumerate(rows.values()):
            found.put(i, row)
        return found

    def put(self, index: int, row: ClassRow) -> None:
        """Keep the row of the submission at this place in the class."""
        raw = _bytes(row)
        self._count += self._records[index] is None
        self._records[index] = self._alike.setdefault(raw, raw)

    def missing(self) -> Iterator[int]:
        """Yield the places in the class whose row has not come yet."""
        return (i for i, raw in enumerate(self._records) if raw is None)

    def names(self) -> Iterator[str]:
        """Yield who has a row."""
        return (name for name, raw in zip(self._ids, self._records) if raw is not None)

    def without(self) -> Iterator[str]:
        """Yield who has none yet."""
        return (self._ids[i] for i in self.missing())

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[ClassRow]:
        for identity, raw in zip(self._ids, self._records):
            if raw is not None:
                yield _named(raw, identity)

    def __contains__(self, row: object) -> bool:
        return any(one == row for one in self)


def of(result: Result) -> ClassRow:
    """Return what the class's reports need of a result."""
    exercises = _of_exercises(*result.exercises)
    return msgspec.structs.replace(
        exercises,
        submission=result.submission,
        total=result.earned,
        possible=result.possible,
        status=status(result),
        alike=result.alike,
        interface=result.environment.get(INTERFACE, ""),
        trouble=shortened(trouble(result), LONGEST_TROUBLE) if result.problem else exercises.trouble,
    )


@remembered(500)
def _of_exercises(*exercises: ExerciseResult) -> ClassRow:
    """Return what a row says of the exercises alone."""
    verdicts = [one.verdict for one in exercises]
    causes = _unnamed(exercises)
    return ClassRow(
        submission="",
        total=Fraction(0),
        possible=Fraction(0),
        status="",
        earned=tuple(None if one.withheld else one.earned for one in exercises),
        marks="".join(map(_mark, exercises, verdicts)),
        wrong=tuple(verdict == "wrong answer" for verdict in verdicts),
        trouble=shortened(_lost(exercises), LONGEST_TROUBLE),
        verdicts=tuple(verdicts),
        named=tuple(() if verdict == "accepted" else _names(one) for one, verdict in zip(exercises, verdicts)),
        unnamed=tuple(tuple(cause for cause, _ in found) for found in causes),
        codes=tuple(tuple(code for _, code in found) for found in causes) if any(causes) else (),
        checks=tuple("".join(_sign(check) for check in one.checks if check.possible) for one in exercises),
        faults=tuple(map(_fault, exercises)) if any(one.withheld for one in exercises) else (),
    )


def status(result: Result) -> str:
    """Return `graded`, `withheld`, or what kept the submission from being used."""
    if result.withheld:
        return "withheld"
    return f"unusable: {result.problem}" if result.problem else "graded"


def trouble(result: Result) -> str:
    """Return, in a few words, what cost this submission its points."""
    return inert(result.problem) if result.problem else _lost(result.exercises)


def _lost(exercises: Sequence[ExerciseResult]) -> str:
    """Say what points were lost to, what cost most first; what was not attempted comes last, as a number."""
    lost = [(one, _first_lost(one, verdict)) for one in exercises if (verdict := one.verdict) != "accepted"]
    kinds = {outcome.verdict for _, outcome in lost}
    if len(lost) == len(exercises) > 1 and len(kinds) == 1 and "wrong answer" not in kinds:
        outcome = lost[0][1]
        return f"{verdict_name(outcome.verdict)}: {inert(outcome.said or outcome.reason)}"
    grouped: dict[str, list[ExerciseResult]] = {}
    for one, outcome in lost:
        if outcome.verdict != "not attempted":
            grouped.setdefault(why(outcome), []).append(one)
    dearest = sorted(grouped.items(), key=lambda group: -sum(one.possible - one.earned for one in group[1]))
    dearest.sort(key=lambda group: group[0] == "skipped")  # it follows from what else is there
    said = [f"{', '.join(one.id for one in those)}: {reason}" for reason, those in dearest]
    left = sum(outcome.verdict == "not attempted" for _, outcome in lost)
    return "; ".join([*said, *([f"{left} not attempted"] if left else [])])


def why(outcome: Outcome) -> str:
    """Return, in a few words, what one outcome was lost to."""
    if outcome.verdict != "wrong answer":
        return verdict_name(outcome.verdict)
    private = f" ({outcome.private} there)" if outcome.private not in ("", "wrong answer") else ""
    if not outcome.diagnosis:
        return inert(outcome.reason) + private
    return inert(briefly(outcome.diagnosis[0])) + private


def _first_lost(one: ExerciseResult, verdict: Verdict) -> Outcome:
    return next(check.outcome for check in one.checks if check.outcome.verdict == verdict)


def _names(one: ExerciseResult) -> tuple[str, ...]:
    """Return the mistakes that scored checks were lost to, by name alone, whichever argument they were made in.

    Of two names that fit as well nobody knows which it is, so they are one: `this; or that`.
    """
    lost = [check.outcome.diagnosis for check in one.checks if check.possible and check.outcome.diagnosis]
    return tuple(dict.fromkeys("; or ".join(clip(inert(one.name), LONGEST_NAME) for one in found) for found in lost))


def _unnamed(exercises: Sequence[ExerciseResult]) -> list[tuple[tuple[str, str], ...]]:
    """Return, exercise by exercise, what scored checks were lost to that has no name, with codes: (cause, code).

    Where nothing at all was found by the name it is asked by, that is said instead.
    """
    causes = [_first_codes(_causes(one)) for one in exercises]
    asked = [found for one, found in zip(exercises, causes) if found or one.verdict != "not attempted"]
    if asked and all(found == ((NOT_FOUND, ""),) for found in asked):
        return [((NOTHING_FOUND, ""),) if found else () for found in causes]
    return causes


def _first_codes(causes: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return each cause once, with the first code that it has."""
    found: dict[str, str] = {}
    for cause, code in causes:
        found[cause] = found.get(cause) or code
    return tuple(found.items())


def _causes(one: ExerciseResult) -> Iterator[tuple[str, str]]:
    """Yield (cause, code). An exception's code stands for what it says and the source of its line."""
    lost = [check.outcome for check in one.checks if check.possible and check.outcome.verdict != "accepted"]
    named = any(outcome.diagnosis for outcome in lost)
    for outcome in lost:
        if outcome.verdict == "wrong answer" and not named:
            yield NO_NAME, _code(outcome.like)
        elif outcome.verdict == "runtime error":
            cause = _cause(outcome)
            yield cause, _code(_digest(cause, outcome.place))
        elif outcome.verdict in LIMITS:
            yield verdict_name(outcome.verdict), ""
        elif outcome.verdict == "not attempted" and LACKING.fullmatch(outcome.reason):
            yield NOT_FOUND, ""


def _code(digest: str) -> str:
    return f"{CODE}{digest}" if digest else ""


def _digest(cause: str, place: str) -> str:
    """Return what tells an exception of one line from that of another, wherever in a file the line stands."""
    line = AT.search(place)
    return hashlib.blake2b(f"{cause}\0{line[1].strip() if line else ''}".encode(), digest_size=4).hexdigest()


def _cause(outcome: Outcome) -> str:
    """Return what ended code, without its place, so that the same cause reads the same for everyone."""
    said = outcome.said or outcome.reason
    for place in PLACES:
        said = place.sub("", said)
    return clip(inert(WHOSE.sub("", said)).strip(), LONGEST_NAME)


def _fault(one: ExerciseResult) -> str:
    found = (check.outcome.reason for check in one.checks if check.outcome.verdict == "judge error")
    return clip(inert(next(found, "")), LONGEST_TROUBLE)


def _mark(one: ExerciseResult, verdict: Verdict) -> str:
    if one.withheld:
        return "?"
    if verdict == "accepted":
        return "✓"
    if one.earned > 0:
        return "½"
    return MARKS.get(verdict, "✗")


def _sign(check: CheckResult) -> str:
    return "1" if check.earned >= check.possible else "h" if check.earned > 0 else "0"


def _bytes(row: ClassRow) -> bytes:
    """Return a row without its name: those that came out alike are alike."""
    return _encoder.encode(msgspec.structs.replace(row, submission=""))


def _named(raw: bytes, name: str) -> ClassRow:
    return msgspec.structs.replace(_nameless(raw), submission=name)


@functools.lru_cache(1 << 10)
def _nameless(raw: bytes) -> ClassRow:
    return _decoder.decode(raw)


_encoder = msgspec.msgpack.Encoder(enc_hook=to_text)
_decoder = msgspec.msgpack.Decoder(ClassRow, dec_hook=from_text)
