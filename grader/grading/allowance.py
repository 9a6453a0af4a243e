"""How much of what a worker says is shown of one submission: enough to find a mistake, too little to carry code out.

A worker holds parts of the solution, and its words reach the student. So they share an allowance, whichever exercise
they come from. What is the student's own anyway (a line of their files, a name or a text that stands in them) and what
Python itself says in its own words is shown as it is, up to a number no honest submission comes to. Any other text is
counted in bytes. What was shown once may be shown again.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Mapping

from grader.exercise_kinds import quoting
from grader.grading.python_messages import BUILTIN, is_pythons_own
from grader.model import Outcome
from grader.sandbox.boundary.protocol import NOT_LOADED

TEXT_BYTES = 150
"""Of text that is nobody's: neither Python's nor the student's."""

MOST_MESSAGES = 28
"""Different messages of Python's, names and texts of the student's own: a choice among what there is, of five bytes."""

MOST_WORDS = 4096
"""In files with more different words a word is a text like any other: it would choose among too many."""

MOST_LINES, LONGEST_FILE = 120, 4096
"""Different lines of their files, and the longest file whose lines are told: twelve bits each."""

LEFT_OUT = "…"
NOTE = (
    "some words of your code's own are left out (…): grading shows so much of them and no more; a check at your desk "
    "shows them all"
)

PLACE = re.compile(
    r"(?P<file>.*?)(?P<cell>, code cell \d{1,3})?(?:(?:, line |:)(?P<line>\d{1,4})(?:: (?P<source>.*))?)?",
    re.DOTALL,
)
TEXT_CAP = 300
BROKEN = re.compile(rf"(?P<file>.*?) {NOT_LOADED} [A-Za-z]{{1,40}}: (?P<said>.*), line \d{{1,4}}", re.DOTALL)
WORD = re.compile(r"\w+")
NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?")


class Allowance:
    """What one submission may still show. `files`: path -> source, all that was handed in."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._shown: dict[str, str] = {}
        self._lines_in: dict[str, tuple[str, ...]] = {}
        self._bytes, self._messages, self._lines = TEXT_BYTES, MOST_MESSAGES, MOST_LINES
        self.left_out = False

    def __call__(self, words: str) -> str:
        """Return words of a worker's as they are shown."""
        if words not in self._shown:
            self._shown[words] = words if self._affords(words) else LEFT_OUT
            self.left_out |= self._shown[words] != words
        return self._shown[words]

    def _affords(self, words: str) -> bool:
        if words in BUILTIN:
            return True
        if self._lines and self._is_place(words):
            self._lines -= 1
            return True
        if self._messages and self._is_theirs_or_pythons(words):
            self._messages -= 1
            return True
        cost = len(words.encode())
        if cost > self._bytes:
            return False
        self._bytes -= cost
        return True

    def _is_place(self, words: str) -> bool:
        """Say whether words name a file of theirs, and a line that stands there."""
        found = PLACE.fullmatch(words)
        if found is None or found["file"] not in self._files:
            return False
        lines, number, source = self._lines_of(found["file"]), int(found["line"] or 0), found["source"] or ""
        if found["cell"]:  # counted from the top of the cell
            return number <= len(lines) and (not source or source in lines)
        return number <= len(lines) and (not source or (number > 0 and lines[number - 1] == source))

    def _is_theirs_or_pythons(self, words: str) -> bool:
        if NAME.fullmatch(words):
            return all(map(self._is_word, WORD.findall(words)))
        return is_pythons_own(words, self._is_word) or words in self._texts or self._is_of_a_broken_file(words)

    def _is_of_a_broken_file(self, words: str) -> bool:
        """Say whether words tell a file of theirs that did not load, in Python's own words."""
        found = BROKEN.fullmatch(words)
        return found is not None and found["file"] in self._files and is_pythons_own(found["said"], self._is_word)

    def _is_word(self, word: str) -> bool:
        return word in self._words

    def _lines_of(self, path: str) -> tuple[str, ...]:
        """Return the lines of a file as they are told, without the blanks around them; none of one that is too long."""
        if path not in self._lines_in:
            lines = self._files[path].decode("utf-8", "replace").splitlines()
            told = (one[:TEXT_CAP].strip() for one in lines)
            self._lines_in[path] = tuple(told if len(lines) <= LONGEST_FILE else ())
        return self._lines_in[path]

    @functools.cached_property
    def _words(self) -> frozenset[str]:
        found = {word for source in self._files.values() for word in WORD.findall(source.decode("utf-8", "replace"))}
        return frozenset(found) if len(found) <= MOST_WORDS else frozenset()

    @functools.cached_property
    def _texts(self) -> frozenset[str]:
        """The texts that stand in their files as they are, as in `raise ValueError("x should be positive")`."""
        found = {text for source in self._files.values() for text in _texts_in(source)}
        return frozenset(found) if len(found) <= MOST_WORDS else frozenset()


def _texts_in(source: bytes) -> Iterable[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.strip()[:TEXT_CAP].strip()


Checks = dict[str, Outcome]


def shown(
    outcomes: Mapping[str, Checks], notes: Iterable[str], files: Mapping[str, bytes]
) -> tuple[dict[str, Checks], tuple[str, ...]]:
    """Return outcomes and notes with a worker's words in them as they are shown; a note more where some are not.

    Outcomes without any are the same records as before.
    """
    allowance = Allowance(files)
    told = {id: _told(checks, allowance) for id, checks in outcomes.items()}
    said = tuple(quoting.unquoted(note, allowance) for note in notes)
    return told, (*said, NOTE) if allowance.left_out else said


def _told(checks: Checks, allow: quoting.Allow) -> Checks:
    if all(one.verdict == "accepted" and not one.reason for one in checks.values()):
        return checks
    return {name: quoting.of_outcome(one, allow) for name, one in checks.items()}
