"""A student of a made-up class: what they hand in, and what was planted in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

Sort = Literal["right", "wrong", "one-sided", "exponential", "both"]
"""What is planted: nothing, a mistake in one place, a one-sided difference, a walk of every path, or the last two."""


class Student(msgspec.Struct, frozen=True):
    """One submission: its files by path, the folder among them that everything stands in, and what is planted."""

    name: str
    sort: Sort
    root: str
    files: dict[str, bytes]
    planted: tuple[str, ...] = ()
    costs: bool = False
    named: bool = False
    """Something of what is planted costs marks, or is named at least. Some assignments do not mark the cost of a walk,
    and some do not ask for it."""

    @property
    def mistake(self) -> str:
        """Return everything that is planted, in words; blank where nothing is that an assignment asks for."""
        return "; ".join(self.planted) if self.named else ""

    @property
    def whole(self) -> bool:
        """Say whether a whole repository is handed in."""
        return bool(self.root)

    def files_of(self, name: str) -> bytes:
        """Return what is handed in under a file name, wherever that stands."""
        return b"".join(content for path, content in self.files.items() if path.rpartition("/")[2] == name)


def write(students: Sequence[Student], folder: Path) -> None:
    """Write every student's files under `folder`, the way a learning platform hands them out."""
    for student in students:
        for name, content in student.files.items():
            path = folder / student.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
