"""The self-check where there is a page instead of a terminal: files come and results go as JSON, one line at a time.

The page has everything that is not Python's: the editor, the clock, and the means to end this interpreter. What is said
of the student's work is made by the same modules as at a desk.
"""

from __future__ import annotations

import codecs
import importlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from grader.errors import JudgeError, UsageError
from grader.exercise_kinds.kinds import NAMES
from grader.model import Stopped, Whereabouts
from grader.sandbox.inline import Inline
from grader.sandbox.interrupting import Interrupts
from grader.selfcheck import handing_in, lacking, page, prepared, report, rounds, showing, words
from grader.selfcheck.checking import Checked, SelfCheck, Status
from grader.selfcheck.finding import Place
from grader.selfcheck.prepared import EncodedExercise

Say = Callable[[str], None]

HOME = Path("/homework")
LATE = (
    *("diagnosis.naming", "exercise_kinds.curves", "grading.places", "selfcheck.causes", "selfcheck.tracing"),
    *("reports.outcome_html", "reports.trace_view", "submissions.homes"),
)
"""What is imported once something is wrong: a page that is ready has it already."""


class Asked(msgspec.Struct, frozen=True):
    """What the page wants to be checked: path -> content, in base64, and the questions that ended an interpreter.

    `document`: the JSON document of `grader check --json` is wanted as well.
    """

    files: dict[str, bytes]
    stopped: dict[int, Stopped | None] = {}
    document: bool = False


class Question(msgspec.Struct, frozen=True, tag="question"):
    """A question that is put to the student's code now: its number, its exercise (blank for a picture), its seconds.

    Once more with `where` the code is when these are over, and with 0 seconds once it is answered.
    """

    number: int
    exercise: str
    seconds: float
    where: Whereabouts | None = None


class Row(msgspec.Struct, frozen=True, tag="row"):
    """How one exercise came out, in a few words."""

    exercise: str
    status: Status
    mark: str
    said: str


class Done(msgspec.Struct, frozen=True, tag="done"):
    """All that was found, as the HTML of a page's body, and as a JSON document where that is wanted."""

    html: str
    progress: str
    right: int
    of: int
    complete: bool
    json: msgspec.Raw | None


class Problem(msgspec.Struct, frozen=True, tag="problem"):
    """Nothing could be checked, and why: what the student can mend, or `ours`."""

    said: str
    ours: bool = False


class Desk:
    """Checks files of one assignment, again and again. `home` is a folder of its own to put them in."""

    def __init__(self, assignment: bytes, clock: Interrupts, home: Path) -> None:
        self._assignment = prepared.decode(assignment, prepared.FILE)
        self._exercises = {one.id: one for one in self._assignment.exercises}
        self._clock, self._home = clock, home

    def check(self, asked: str, say: Say, top: int = 0, size: int = 0) -> bool:
        """Check the files of an `Asked` in JSON; `say` is given what comes of it, a record in JSON at a time.

        Return whether this interpreter is spoilt: another should be asked next. `top` and `size` are the stack's, where
        there is one to keep to.
        """
        if size:
            _keep_to_stack(top, size)
        told = msgspec.json.decode(asked, type=Asked)

        def send(record: Question | Row | Done | Problem) -> None:
            say(msgspec.json.encode(record).decode())

        try:
            put(self._home, told.files)
            return self._check(told, send)
        except UsageError as error:
            send(Problem(str(error)))
            return False
        except JudgeError as error:
            send(Problem(str(error), ours=True))
            return True

    def _check(self, told: Asked, send: Callable[[Question | Row | Done], None]) -> bool:
        place = Place(self._assignment, self._home)
        submission = rounds.read(place)
        at = ""

        def in_turn() -> Iterator[EncodedExercise]:
            nonlocal at
            for one in self._assignment.exercises:
                at = one.id
                yield one
            at = ""

        def tell(number: int, seconds: float, where: Whereabouts | None) -> None:
            send(Question(number, at, seconds, where))

        workers = Inline(self._clock, told.stopped, tell)
        checker = SelfCheck(self._assignment, workers)
        found: dict[str, Checked] = {}
        for checked in checker.check(submission, in_turn()):
            one = self._exercises[checked.exercise.id]
            found[one.id] = lacking.judged(checked, self._assignment, submission, one, workers.ran_out)
            workers.ran_out = False
            send(_row(found[one.id]))
        found = checker.explained(submission, found)
        hand_in = handing_in.sentence(self._assignment, submission)
        notes, loading = (*submission.notes, *checker.notes), workers.printing.while_loading
        in_order = [found[one.id] for one in self._assignment.exercises]
        seen = page.Seen(self._assignment, in_order, notes, loading, hand_in, commands=False)
        html = page.body(showing.with_pictures(checker, submission, seen))
        right = sum(one.status == "done" for one in in_order)
        complete = words.is_complete(found, self._assignment)
        document = None
        if told.document:
            document = msgspec.Raw(report.as_json(in_order, self._assignment, hand_in, notes, loading))
        send(Done(html, words.progress(found), right, len(in_order), complete, document))
        return workers.spoilt


def _row(checked: Checked) -> Row:
    said = words.short(checked) or ("right" if checked.status == "done" else checked.status)
    return Row(checked.exercise.id, checked.status, words.MARKS[checked.status], said)


def put(home: Path, files: Mapping[str, bytes]) -> None:
    """Have these files in a folder, and nothing else."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    for name, content in files.items():
        path = home / name
        if not path.resolve().is_relative_to(home.resolve()):
            raise UsageError(f"{name}: a file has to lie in the folder of the homework")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except (FileExistsError, IsADirectoryError, NotADirectoryError):
            raise UsageError(f"{name}: a file and a folder have the same name; remove one of them") from None
        except OSError as error:
            raise UsageError(f"{name}: this file cannot be kept here: {error.strerror or error}") from None


def ready() -> None:
    """Import all that may be needed later."""
    for name in (*(f"exercise_kinds.{kind}" for kind in NAMES), *LATE):
        importlib.import_module(f"grader.{name}")
    codecs.lookup("utf-8-sig")


def _keep_to_stack(top: int, size: int) -> None:
    """Have Python raise RecursionError before the browser's stack is used up.

    Python on its own knows only of the stack that it keeps in its memory, from `top` (an address) down, in bytes.
    """
    import ctypes  # nowhere else is it needed

    api = ctypes.pythonapi
    api.PyThreadState_Get.restype = ctypes.c_void_p
    protect = api.PyUnstable_ThreadState_SetStackProtection
    protect.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
    if protect(api.PyThreadState_Get(), top - size, size):
        raise MemoryError


def opened(assignment: bytes, arm: Callable[[float], object]) -> Desk:
    """Return a desk for a handout's assignment, with all imported. `arm` is as `Interrupts` wants it."""
    ready()
    return Desk(bytes(assignment), Interrupts(arm), HOME)
