"""The records that cross a module's boundary. Frozen, and free of behaviour beyond what they mean."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import msgspec

Interval = tuple[float, float]
"""A closed interval (lo, hi). A point is (a, a); (-inf, inf) says that any finite number will do."""


class Expected(msgspec.Struct, frozen=True):
    """What the exercise's formula gives at one point: the oracle's word, exact to rounding.

    `partials` holds one interval an argument: a point where the formula is differentiable, the
    subdifferential at a kink, the whole line at a jump. `gap` is the smallest |left - right| of
    any comparison met on the way (inf where there was none).
    """

    value: float
    partials: tuple[Interval, ...]
    gap: float


class Input(msgspec.Struct, frozen=True):
    """One question put to a student's function: its arguments, and the d_out to send back through it."""

    args: tuple[float, ...]
    d_out: float


class Corpus(msgspec.Struct, frozen=True):
    """The inputs of one exercise and their answers, drawn once and the same for every submission."""

    inputs: tuple[Input, ...]
    answers: tuple[Expected, ...]


class Domain(msgspec.Struct, frozen=True):
    """Where one argument may lie: lo <= x <= hi, and x != 0 where `nonzero`.

    `lo_open`, `hi_open`: that end does not belong to it. `whole`: whole numbers only. `ends`: the ends that do belong
    to it are always asked.
    """

    lo: float
    hi: float
    nonzero: bool = False
    lo_open: bool = False
    hi_open: bool = False
    whole: bool = False
    ends: bool = False


Verdict = Literal[
    "accepted",
    "wrong answer",
    "runtime error",
    "not attempted",
    "time limit",
    "memory limit",
    "output limit",
    "forbidden",
    "skipped",
    "judge error",
]
"""How a check came out. `judge error` is our fault and withholds its points; `skipped` was not judged."""


Visibility = Literal["visible", "hidden"]
"""Whether students read of a check before the results are published."""

Feedback = Literal["full", "hint", "verdict", "none"]
"""How much they read: all of it; what is wrong without an input or an answer; how it came out; nothing."""


class Hint(msgspec.Struct, frozen=True):
    """What an author says to whoever loses a check, from the attempt after the first `after` on."""

    say: str
    after: int = 0


class Node(msgspec.Struct, frozen=True, array_like=True):
    """A node: `leaf`, `constant` (a scalar) or `number` (a bare float) with a value, or a function of earlier nodes."""

    op: str
    inputs: tuple[int, ...] = ()
    value: float = 0.0


class Graph(msgspec.Struct, frozen=True, array_like=True):
    """Nodes in an order in which they can be computed, and (node, d) to be sent back, one after the other."""

    nodes: tuple[Node, ...]
    sends: tuple[tuple[int, float], ...] = ()


class PictureNode(msgspec.Struct, frozen=True):
    """One node of a graph as a student reads it: `x`, `a = x * x`; what came back for it, and what should have."""

    name: str
    formula: str
    value: str
    inputs: tuple[int, ...] = ()
    returned: str = ""
    expected: str = ""


class Picture(msgspec.Struct, frozen=True, omit_defaults=True):
    """A graph that shows the mistake: its nodes, and what was done with it (`out.backward(2.0)`).

    `read` is how a node's derivative is read, with `{}` for its name; blank: `.derivative`. `asked` is the graph as a
    worker is asked for it, for staff's side to ask once more.
    """

    nodes: tuple[PictureNode, ...]
    done: tuple[str, ...]
    read: str = ""
    asked: bytes = b""


class Slope(msgspec.Struct, frozen=True):
    """One central difference of a student's own forward: the step h, and (f(x + h) - f(x - h)) / 2h, as text."""

    step: str
    slope: str


class Plot(msgspec.Struct, frozen=True):
    """A curve of a student's beside the right one, over one argument. Where either has no value there is none."""

    argument: str
    what: str
    at: tuple[float, ...]
    returned: tuple[float | None, ...]
    expected: tuple[float | None, ...]


class Counterexample(msgspec.Struct, frozen=True):
    """One input that shows the mistake, as simple as can be. `argument` names whose gradient; blank for a value.

    `args` are numbers, or arrays as text. `returned` and `expected` are text as a student should read them; `estimate`
    is the central difference of their own forward with its bound, times d_out, where there is one, and `slopes` how it
    comes about, step by step in the argument `slopes_of`; `snippet` is the same thing to paste and run. `what` is the
    function of theirs that returned it.
    """

    args: dict[str, float | str]
    d_out: float | None
    argument: str
    returned: str
    expected: str
    estimate: str = ""
    snippet: str = ""
    what: str = ""
    picture: Picture | None = None
    slopes: tuple[Slope, ...] = ()
    slopes_of: str = ""
    plot: Plot | None = None


class Diagnosis(msgspec.Struct, frozen=True):
    """What a mistake looks like: its name, one sentence of why it is a mistake, and whose gradient it is made in.

    `of` is blank where it is made in all of them.
    """

    name: str
    why: str = ""
    of: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """How one check was decided, and what shows it.

    `reason` is one sentence of ours for the student, without an input or an answer in it; those are in `detail` and
    in the counterexample, and `call` is what was called when an exception came. `said`, `place` and `callers`
    are the student's own text (an exception, lines of source): renderers keep them inert. Of several in `diagnosis`
    each explains what came back as well as the others. `private` is for staff alone:
    how the inputs that are not shown came out. `help` is one sentence of ours on what to do, without an answer in it.
    `second` shows another mistake in the same check, where there is one. `like` is for staff alone: a code that wrong
    answers without a name share where the very same came back for every question.
    """

    verdict: Verdict
    reason: str = ""
    said: str = ""
    counterexample: Counterexample | None = None
    diagnosis: tuple[Diagnosis, ...] = ()
    place: str = ""
    judged: int = 0
    detail: str = ""
    callers: tuple[str, ...] = ()
    call: str = ""
    private: str = ""
    help: str = ""
    second: Counterexample | None = None
    like: str = ""


class CheckResult(msgspec.Struct, frozen=True):
    """A check's outcome with the points it earned, and what of it students are to read: see `reports.audience`.

    `name_after` and `why_after`: after how many attempts they read the name of a mistake, and why it is one.
    """

    name: str
    earned: Fraction
    possible: Fraction
    visibility: Visibility
    outcome: Outcome
    feedback: Feedback = "full"
    hints: tuple[Hint, ...] = ()
    name_after: int = 0
    why_after: int = 0


class ExerciseResult(msgspec.Struct, frozen=True):
    """One exercise's checks. `withheld`: our fault, so no points are stated for it.

    `unshown`: there is more to it than this copy of the record holds.
    """

    id: str
    title: str
    earned: Fraction
    possible: Fraction
    checks: tuple[CheckResult, ...]
    withheld: bool = False
    unshown: bool = False

    @property
    def verdict(self) -> Verdict:
        """Return the first verdict that is not `accepted`, or `accepted`; a check worth nothing only advises."""
        counted = [check for check in self.checks if check.possible] or self.checks
        return next((c.outcome.verdict for c in counted if c.outcome.verdict != "accepted"), "accepted")


class Result(msgspec.Struct, frozen=True):
    """One submission, graded. It carries no clock: the same submission in the same environment, the same bytes.

    `attempt` counts a student's submissions from 1; `unshown` as in `ExerciseResult`. `alike` is for staff alone: the
    functions that equal the solution's, but for comments and the names of locals. `called` is what the submission
    was called where it was handed in, if that is not its name here.
    """

    format: Literal[1]
    submission: str
    assignment: str
    digest: str
    environment: dict[str, str]
    earned: Fraction
    possible: Fraction
    exercises: tuple[ExerciseResult, ...]
    notes: tuple[str, ...] = ()
    problem: str = ""
    attempt: int = 1
    unshown: bool = False
    alike: tuple[str, ...] = ()
    called: str = ""

    @property
    def withheld(self) -> bool:
        """Say whether any part of the score is missing through our own fault."""
        return any(exercise.withheld for exercise in self.exercises)


Reason = Literal["time limit", "wall limit", "crash", "protocol violation"]
"""Why a worker gave no answer."""


class Whereabouts(msgspec.Struct, frozen=True):
    """Where a student's code was when its time was up.

    `what`: a loop, a function that calls itself, or just a line. `places`: (file, line, source) of it and of what
    called it, the nearest first.
    `row`: how many of the question's inputs had been answered, -1 where that is not known.
    """

    what: Literal["loop", "recursion", "line", ""]
    places: tuple[tuple[str, int, str], ...]
    row: int


class Stopped(msgspec.Struct, frozen=True):
    """A worker that did not answer, and why. `cpu` in seconds, as far as it was seen.

    `waited`: it hardly used its processor over its last question. `where` it was, if it could tell.
    """

    reason: Reason
    cpu: float = 0.0
    waited: bool = False
    where: Whereabouts | None = None


class Submission(msgspec.Struct, frozen=True):
    """What one student handed in: module name -> (path as they named it, source).

    A path is as they named it, but for an ending too many; sources are UTF-8, or say in which encoding they are.
    `extras` are their helper modules, loaded only when imported, by dotted name from the package on: `utils` is
    utils.py or utils/__init__.py, `utils.ops` is utils/ops.py, and `__init__` the package's own. `data` are files that
    their code may read, by path. `answers` is what answers.yaml holds, and `unread` why it could not be read. `notes`
    say what was chosen or left out; `problem` says why the submission could not be read. `called` as in `Result`.
    """

    id: str
    modules: dict[str, tuple[str, bytes]] = {}
    extras: dict[str, tuple[str, bytes]] = {}
    data: dict[str, bytes] = {}
    answers: dict[str, str] = {}
    unread: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""
    attempt: int = 1
    called: str = ""


class Tolerance(msgspec.Struct, frozen=True):
    """How far off a right number may be: a share of its size, and a share of the size of what it was made from.

    >>> Tolerance(relative=1e-3, absolute=0.0).allowed(size=2.0)
    0.002
    """

    relative: float
    absolute: float

    def allowed(self, size: float, scale: float = 1.0) -> float:
        """Return how far off a number of this size may be, made from terms of size `scale`."""
        return self.relative * abs(size) + self.absolute * scale

    def words(self, scale: str) -> str:
        """Say it as authors read it; `scale` is what the terms are that it is made from."""
        return f"{self.relative:g} of its size, plus {self.absolute:g} of {scale} or 1, whichever is more"


class TraceNode(msgspec.Struct, frozen=True, omit_defaults=True):
    """A variable of a traced run: what it is called, how it came about (blank for a leaf), of which nodes, its value.

    `name` is `x`, `z`, or the formula itself where it has no name, as `log(z)`. `value` is the student's own as text,
    and `expected` the exact one where theirs is another. `total` is the exact derivative of the output by it, times
    d_out, as text; blank where it is not known. `extra`: the student's code made it, and the expression does not name
    it.
    """

    name: str
    formula: str
    inputs: tuple[int, ...]
    value: str
    expected: str = ""
    total: str = ""
    extra: bool = False


class TraceStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened in a traced run. Numbers are text, as a reader sees them.

    `forward`: `node` got its value. `send`: `d_out` is sent back from `node`. `call`: the backward of `node` was called
    with `d_out`; `returned` has a node's index, or -1, and a number for each gradient. `write`: the derivative of
    `node` went from `before` to `after`. `order`: a sort returned the nodes in `listed`. `raised` and `stopped` end the
    run, with why in `said`. `place` is the student's file and line. `wrong` says why this is the first wrong step; it
    is blank for every other.
    """

    kind: Literal["forward", "send", "call", "write", "order", "raised", "stopped"]
    node: int = -1
    function: str = ""
    d_out: str = ""
    returned: tuple[tuple[int, str], ...] = ()
    before: str = ""
    after: str = ""
    listed: tuple[int, ...] = ()
    said: str = ""
    place: str = ""
    wrong: str = ""


class TraceEnd(msgspec.Struct, frozen=True):
    """A leaf at the end: its derivative, the exact one, and the central difference of the student's own forward."""

    node: int
    derivative: str
    expected: str
    difference: str
    right: bool


class Trace(msgspec.Struct, frozen=True):
    """A student's own backpropagation, step by step: `sent` went back from `nodes[output]`.

    `notes` say what could not be shown, a sentence each.
    """

    title: str
    nodes: tuple[TraceNode, ...]
    output: int
    sent: str
    steps: tuple[TraceStep, ...]
    ends: tuple[TraceEnd, ...]
    notes: tuple[str, ...] = ()
