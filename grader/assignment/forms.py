"""Read YAML into frozen records by their type annotations, and point at every mistake at once.

YAML's own guesses are not used: a scalar is text until a type asks for it, so `1e-6` is a number,
`0755` an id and `no` a word. Anchors, tags and merge keys are refused, and so is a file over the cap.
An unknown key or word names the nearest one that would do.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from grader.errors import UsageError

FILE_CAP = 256 * 1024
DEPTH_CAP = 50
"""Brackets and indents inside each other. The YAML library takes minutes over fifty thousand."""

T = TypeVar("T")


class Problem(msgspec.Struct, frozen=True):
    """One mistake: where it is (1-based line and column; 0 for the whole file) and what to do about it."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        """Return `file:line:column: message`."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}"


class FormError(UsageError):
    """What was read is not what it should be; carries every problem that was found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


Places = dict[str, tuple[int, int]]
"""Where each value stands, as dotted path -> (line, column); `path#key` is where a mapping's key stands."""


def read(path: Path, kind: type[T], shown: str) -> tuple[T, Places]:
    """Decode the course's own YAML file at `path` as `kind`, with the places of its values for checks that come later.

    `shown` is what messages call the file. Raises FormError with every problem.
    """
    return decode(content(path, shown), kind, shown, trusted=True)


def content(path: Path, shown: str) -> bytes:
    """Return a file's bytes. Raises FormError where it cannot be read or is no file of ours by its size."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FormError([Problem(shown, 0, 0, f"cannot be read: {error.strerror or error}")]) from None
    if len(raw) > FILE_CAP:
        raise FormError([Problem(shown, 0, 0, f"is over {FILE_CAP // 1024} KiB; is it the right file?")])
    return raw


def decode(raw: bytes, kind: type[T], shown: str, trusted: bool = False) -> tuple[T, Places]:
    """Decode YAML text, anybody's unless it is `trusted`; see `read`."""
    from grader.assignment import nodes  # YAML is slow to import, and not needed where nothing is read

    return nodes.decoded(nodes.composed(raw, shown, trusted), kind, shown)


def near(word: str, words: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the nearest of `words`, or nothing where none is near."""
    import difflib  # for mistakes only

    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""
