"""Hold what came back of a formula on arrays to what is right: the value, the gradients, and the contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from grader.assignment.array_shapes import ArrayFormulas
from grader.assignment.dialects import Dialect
from grader.assignment.exercise import Exercise
from grader.assignment.kind import Call, Fresh, Outcomes
from grader.exercise_kinds import array_shown as shown
from grader.exercise_kinds import blame, frames
from grader.exercise_kinds.array_asking import ArrayAsker
from grader.exercise_kinds.array_writing import ArrayWriting
from grader.exercise_kinds.asked_through import in_its_words
from grader.exercise_kinds.frames import Frame
from grader.judging import array_bands as bands
from grader.judging import array_second_look as second_look
from grader.judging.array_bands import ArrayJudgement, ArrayTargets
from grader.model import Diagnosis, Outcome, Verdict
from grader.oracle.array_inputs import ArrayCorpus, ArrayInput
from grader.sandbox.boundary.protocol import ArrayTold, Fault, NonNumeric
from grader.sandbox.probes.arrays import (
    COTANGENT,
    NOT_SENT,
    ArrayRow,
    ArraysReply,
    ArraysRequest,
    AskedArrays,
    RowAsked,
)

RowsOf = Callable[[ArrayFormulas], tuple[RowAsked, ...]]
"""How rows of shapes are asked, for when others than the exercise's are."""

UNASKED = ArrayRow(NonNumeric("nothing"))
"""In place of a row that a worker did not come to. It is never right."""

MISSING_RETURN = Diagnosis(
    "a `return` is missing", "An operation without one gives None, and nothing can be built on it."
)


class ArraysSpec(msgspec.Struct, frozen=True):
    """A formula on arrays, or a function of variables with the formula that it is to compute."""

    function: str
    formulas: ArrayFormulas

    @property
    def name(self) -> str:
        """Return what is asked about: the function, or the formula."""
        return self.function or self.formulas.text


class ArrayQuestions(msgspec.Struct, frozen=True):
    """One half's question, and what is expected; `frame` says what in the question is which."""

    ask: ArraysRequest
    public: bool
    corpus: ArrayCorpus
    accepted: tuple[ArrayTargets, ...]
    frame: Frame


def asked(frame: Frame, inputs: Sequence[ArrayInput]) -> tuple[AskedArrays, ...]:
    """Return what is asked, in order, of these inputs."""
    return tuple(
        (inputs[i].row, inputs[i].args, tuple(one * factor for one in inputs[i].cotangent)) for i, factor in frame.asked
    )


def judge(exercise: Exercise, half: ArrayQuestions, call: Call, rows_of: RowsOf) -> Outcomes:
    """Return an outcome for every check of the exercise on this half."""
    found = _Asked(exercise, half, call, rows_of)
    names = [check.name for check in exercise.checks]
    if found.told.absent:
        return dict.fromkeys(names, found.absent())
    outcomes = {"value": found.value()}
    if half.ask.backward:
        outcomes["gradient"] = found.gradient()
        outcomes["contract"] = found.contract(outcomes["gradient"])
    return in_its_words(exercise, {name: outcomes[name] for name in names})


class _Asked:
    """A formula that was asked, and what came back; `rows` are those of the exercise's own inputs."""

    def __init__(self, exercise: Exercise, half: ArrayQuestions, call: Call, rows_of: RowsOf) -> None:
        self._exercise, self._half, self._call = exercise, half, call
        self._spec: ArraysSpec = exercise.spec
        self.told: ArraysReply = call(half.ask)
        self._rows = _at(half.frame.plain, self.told.rows)
        self._writing = writing(exercise)
        self._asker = ArrayAsker(half.ask, call, rows_of)

    def absent(self) -> Outcome:
        """Return the outcome of a name that is not there."""
        exercise, ask = self._exercise, self._half.ask
        if self.told.missing is not None:
            return blame.of_fault(self.told.missing, f"loading {exercise.file}")
        wanted = " or ".join(ask.needed) or ask.function or " or ".join(exercise.under_test) or "such name"
        return Outcome("not attempted", f"there is no {wanted} in {exercise.file}")

    def value(self) -> Outcome:
        """Judge the values."""
        count, half = len(self._half.corpus.inputs), self._half
        judgement = bands.values(self._rows, half.accepted)
        if not judgement.misses:
            return Outcome("accepted", judged=count)
        missed = self._answered(judgement, backward=False)
        fault = self._faulty(backward=False)
        if fault is not None and missed is None:
            return fault
        off = [self._rows[i].value for i in judgement.misses]
        says = f"the value of {self._spec.name} {'has the wrong shape' if self._all_shapes(judgement) else 'is wrong'}"
        if missed is None or not half.public:
            return Outcome("wrong answer", says, judged=count)
        named = (MISSING_RETURN,) if all(map(bands.is_none, off)) else ()
        example, detail = shown.wrong_value(missed, self._asker)
        details = "; ".join(filter(None, (detail, blame.besides(fault))))
        return Outcome("wrong answer", says, counterexample=example, diagnosis=named, judged=count, detail=details)

    def gradient(self) -> Outcome:
        """Judge the gradients, one per argument."""
        count, half = len(self._half.corpus.inputs), self._half
        judgement = bands.gradients(self._rows, half.accepted)
        if judgement.misses:
            note = second_look.reason(self._rows, half.corpus, judgement, self._again)
            if note:
                return Outcome("accepted", note, judged=count)
        if not judgement.misses:
            return Outcome("accepted", judged=count)
        missed = self._answered(judgement, backward=True)
        raised = next((one for row in self._rows for one in (row.value, row.gradients) if isinstance(one, Fault)), None)
        untold = "value" not in {check.name for check in self._exercise.checks}
        if untold and missed is None and (value := self.value()).verdict != "accepted":
            return value  # no other check tells why nothing could be sent back
        if raised is not None and missed is None:
            return self._not_reached(raised)
        if missed is None and any(map(_is_not_sent, self._rows)):
            return Outcome("skipped", "the value has the wrong shape, so nothing could be sent back through it")
        says = self._says(judgement)
        if missed is None or not half.public:
            return Outcome("wrong answer", says, judged=count)
        if half.ask.mode != "pullback" and all(isinstance(row.value, NonNumeric) for row in missed.rows):
            detail = "what comes out is no array of yours, so it has no gradient"
            return Outcome("wrong answer", says, judged=count, detail=detail)
        named = shown.named(missed, self._asker)
        example, detail = shown.wrong_gradient(missed, self._asker)
        return Outcome(
            "wrong answer",
            says,
            counterexample=example,
            diagnosis=tuple(map(self._writing.named, named)),
            judged=count,
            detail="; ".join(filter(None, (detail, blame.besides(self._faulty(backward=True))))),
        )

    def contract(self, gradient: Outcome) -> Outcome:
        """Judge that nothing is shared or changed, the same comes twice, and gradients go with what is sent."""
        if gradient.verdict != "accepted":
            attempted: Verdict = "not attempted" if gradient.verdict == "not attempted" else "skipped"
            return Outcome(attempted, "it is judged once the gradients are right")
        changed = next((row.changed for row in self.told.rows if row.changed), ())
        if changed:
            return self._changed(changed[0])
        if not self._half.public:
            return Outcome("accepted")
        frame = self._half.frame
        again, times, together = (_at(one, self.told.rows) for one in (frame.again, frame.scaled, frame.together))
        first, count = self._rows[: len(again)], len(again)
        if not bands.same(first, again):
            return Outcome("wrong answer", "worked out twice, it gives two different answers", judged=count)
        if not bands.same(first, together):
            return Outcome(
                "wrong answer",
                "with several expressions built before the first is sent back through, the gradients change: one "
                "reads what another left behind",
                judged=count,
            )
        if not bands.scaled(first, times, frames.SCALE):
            return Outcome("wrong answer", f"the gradients are not proportional to {self._writing.sent}", judged=count)
        return Outcome("accepted", judged=count)

    def _changed(self, which: int) -> Outcome:
        arguments = self._spec.formulas.arguments
        what = f"what is sent back ({self._writing.sent})" if which == COTANGENT else f"the array {arguments[which]}"
        help_ = "Make a new array: `a = a + b`, not `a += b`, and `np.copy` before entries are set."
        return Outcome("wrong answer", f"it changes {what}, which others may still need", help=help_)

    def _answered(self, judgement: ArrayJudgement, backward: bool) -> shown.ArrayMissed | None:
        """Return what was wrong where something was answered; None where there is only an exception."""
        rows, misses = self._rows, []
        for i in judgement.misses:
            row = rows[i]
            raised = isinstance(row.value, Fault) or (backward and isinstance(row.gradients, Fault))
            if row != UNASKED and not raised and not (backward and (row.gradients is None or _is_not_sent(row))):
                misses.append(i)
        if not misses:
            return None
        judged = msgspec.structs.replace(judgement, misses=tuple(misses))
        return shown.ArrayMissed(self._writing, self._spec.formulas, self._half.corpus, rows, judged)

    def _all_shapes(self, judgement: ArrayJudgement) -> bool:
        """Say whether every value that missed is an array of the wrong shape."""
        came = [(self._rows[i].value, judgement.against.shapes[i][0]) for i in judgement.misses]
        return all(isinstance(one, ArrayTold) and not bands.same_shape(one.shape, shape) for one, shape in came)

    def _says(self, judgement: ArrayJudgement) -> str:
        """Say whose gradient is wrong, and whether it is by its shape already."""
        name, arguments = self._spec.name, self._spec.formulas.arguments
        of = f"the gradient that {name} returns" if self._half.ask.mode == "pullback" else f"the gradient of {name}"
        given = [(self._rows[i].gradients, i) for i in judgement.misses]
        if any(isinstance(one, NonNumeric) for one, _ in given) and self._half.ask.mode == "pullback":
            return f"{name} does not return one gradient per argument"
        came = [(one, i) for one, i in given if isinstance(one, tuple)]
        off = [
            (k, one[k], judgement.against.shapes[i][k + 1])
            for one, i in came
            if (expected := judgement.against.expected[i]) is not None
            for k in bands.off_arguments(one, expected, judgement.against.shapes[i])
        ]
        which = {k for k, _, _ in off}
        by = f" by {arguments[next(iter(which))]}" if len(which) == 1 and len(arguments) > 1 else ""
        if off and all(bands.is_none(one) for _, one, _ in off):
            return f"{of}{by} is None"
        if off and all(isinstance(one, ArrayTold) and not bands.same_shape(one.shape, shape) for _, one, shape in off):
            return f"{of}{by} has the wrong shape"
        return f"{of}{by} is wrong"

    def _faulty(self, backward: bool) -> Outcome | None:
        """Return the outcome of an exception, on the smallest input that brought one; None where none did."""
        inputs = self._half.corpus.inputs
        found = [
            (sum(map(len, one.args)), i, fault)
            for i, (one, row) in enumerate(zip(inputs, self._rows))
            if isinstance(fault := row.gradients if backward else row.value, Fault)
        ]
        if not found:
            return None
        _, i, fault = min(found, key=lambda one: one[:2])
        if not self._half.public:
            return blame.of_fault(fault, self._writing.doing(backward))
        formulas, at, told = shown.smallest_raising(self._spec.formulas, inputs[i], fault, self._asker, backward)
        return blame.of_fault(told, self._writing.doing(backward), self._writing.snippet(formulas, at, backward))

    def _not_reached(self, raised: Fault) -> Outcome:
        behind = self._faulty(backward=True)
        if behind is not None and not any(row.value is raised for row in self._rows):
            return behind
        if raised.kind == "not implemented":
            return Outcome("not attempted", f"{self._writing.doing(False)} is not written yet, and gradients need it")
        return Outcome("skipped", f"{self._writing.doing(False)} failed, so no gradient could be asked")

    def _again(self, inputs: Sequence[ArrayInput]) -> Sequence[ArrayRow]:
        """Ask a fresh worker about other inputs, by a question that looks like the one that is judged."""
        moved = msgspec.structs.replace(self._half.ask, inputs=asked(self._half.frame, inputs))
        fresh: ArraysReply | None = self._call(Fresh(moved, self._half.ask))
        return _at(self._half.frame.plain, fresh.rows) if fresh and len(fresh.rows) == len(moved.inputs) else ()


def writing(exercise: Exercise) -> ArrayWriting:
    """Return how an exercise's formula is written down."""
    spec: ArraysSpec = exercise.spec
    dialect = exercise.dialect or Dialect("")
    taken = [name for name in exercise.under_test if name in dialect.names or name == spec.function]
    return ArrayWriting(
        package=exercise.package,
        dialect=dialect,
        imports=tuple((exercise.module, name) for name in taken),
        function=spec.function,
    )


def _is_not_sent(row: ArrayRow) -> bool:
    return isinstance(row.gradients, NonNumeric) and row.gradients.was == NOT_SENT


def _at(places: Sequence[int], rows: Sequence[ArrayRow]) -> tuple[ArrayRow, ...]:
    return tuple(rows[i] if i < len(rows) else UNASKED for i in places)
