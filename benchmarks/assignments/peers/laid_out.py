"""Lay out a submission for a peer: its package alone, with what the course gives."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.assignments.pack import ROOT, Pack
from benchmarks.assignments.student import Student

CPU_LIMIT = 30
"""Seconds that a peer may take for one submission."""


def lay_out(student: Student, folder: Path, pack: Pack) -> None:
    """Write a student's package under `folder`, with what the course gives beside."""
    inside = f"{student.root}{pack.top}{pack.package}/"
    files = {name: (ROOT / kept).read_bytes() if kept else b"" for name, kept in pack.given.items()}
    for name, content in student.files.items():
        if name.startswith(inside):
            files[name.removeprefix(f"{student.root}{pack.top}")] = content
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@contextlib.contextmanager
def laid_out(student: Student, folder: Path, pack: Pack) -> Iterator[Path]:
    """Lay out one submission in a folder of its own, for as long as it is tested."""
    place = folder / student.name
    lay_out(student, place, pack)
    try:
        yield place
    finally:
        shutil.rmtree(place)


def limited(command: Sequence[str], seconds: int = CPU_LIMIT) -> list[str]:
    """Return a command that is ended once it has used so many seconds of CPU."""
    return ["/bin/sh", "-c", f'ulimit -t {seconds}; exec "$@"', "sh", *command]
