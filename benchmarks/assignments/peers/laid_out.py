"""Lay out a submission for a peer: its package alone, with a course's `__init__.py` where it has none."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.assignments.student import Student

CPU_LIMIT = 30
"""Seconds that a peer may take for one submission."""


def lay_out(student: Student, folder: Path, packages: Sequence[str]) -> None:
    """Write a student's packages under `folder`."""
    for name, content in student.files.items():
        path = Path(name.removeprefix(student.root))
        if path.parts[0] in packages:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    for package in packages:
        (folder / package / "__init__.py").touch()


@contextlib.contextmanager
def laid_out(student: Student, folder: Path, packages: Sequence[str]) -> Iterator[Path]:
    """Lay out one submission in a folder of its own, for as long as it is tested."""
    place = folder / student.name
    lay_out(student, place, packages)
    try:
        yield place
    finally:
        shutil.rmtree(place)


def limited(command: Sequence[str], seconds: int = CPU_LIMIT) -> list[str]:
    """Return a command that is ended once it has used so many seconds of CPU."""
    return ["/bin/sh", "-c", f'ulimit -t {seconds}; exec "$@"', "sh", *command]
