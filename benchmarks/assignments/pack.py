"""What a class is made up from: an assignment, how its files are written, and what may be planted in them."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from benchmarks.assignments.student import Sort
from benchmarks.assignments.written import Part, Planted, parts, planted

ROOT = Path(__file__).parents[2]
Clutter = Callable[[random.Random, str], tuple[str, dict[str, bytes]]]
"""Returns the folder a whole repository stands in, with what lies around there beside what is graded."""


class Pack:
    """One assignment. `files` are what is graded: the name of its forms, and its path in what is handed in.

    `every_path` names the exercises whose right walk takes every path. `given` is what the course lays beside where
    somebody has it not: its path, and where it is kept; nothing for an empty file.
    """

    def __init__(
        self,
        name: str,
        title: str,
        config: str,
        files: dict[str, str],
        sorts: tuple[Sort, ...],
        clutter: Clutter,
        all_peers: bool = False,
        every_path: tuple[str, ...] = (),
        given: dict[str, str] | None = None,
    ) -> None:
        self.name, self.title, self.files, self.sorts, self.clutter = name, title, files, sorts, clutter
        self.config, self.all_peers, self.every_path = ROOT / config, all_peers, every_path
        self.given = given or {}

    @property
    def tests(self) -> str:
        """Return the name of the file of tests that a peer is handed."""
        return f"test_{self.name.replace('-', '_')}.py"

    @property
    def top(self) -> str:
        """Return the folder, above the package, that everything is handed in below; blank for none."""
        path = next(iter(self.files.values()))
        return path.partition("/")[0] + "/" if path.count("/") > 1 else ""

    @property
    def package(self) -> str:
        """Return the package that what is graded stands in."""
        return next(iter(self.files.values())).removeprefix(self.top).partition("/")[0]

    @cached_property
    def parts(self) -> dict[str, tuple[Part, ...]]:
        """Return the parts of every file."""
        return {file: parts(self.name, file) for file in self.files}

    @cached_property
    def wrong(self) -> tuple[Planted, ...]:
        """Return mistakes in one place."""
        return planted(self.name, "wrong")

    @cached_property
    def one_sided(self) -> tuple[Planted, ...]:
        """Return one-sided differences."""
        return planted(self.name, "one-sided")

    @cached_property
    def exponential(self) -> tuple[Planted, ...]:
        """Return walks that take every path."""
        return planted(self.name, "exponential")
