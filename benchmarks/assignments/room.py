"""What a class takes: the parent's memory, and files on the disk."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import msgspec

from benchmarks.assignments.made_up import each_made_up
from benchmarks.assignments.pack import ROOT, Pack
from benchmarks.assignments.student import write
from benchmarks.measure import measure

PLACES = ("results", "feedback", "code", "staff")


class Room(msgspec.Struct, frozen=True):
    """A class of so many: the most memory of the command's own process, and files and bytes, by folder, in all.

    `rest` is what stands beside the folders: the class's own pages and tables. `handed_in` is what students gave.
    """

    count: int
    peak: int
    cpu: float
    wall: float
    files: dict[str, int]
    sizes: dict[str, int]
    rest: int
    handed_in: int

    @property
    def files_each(self) -> float:
        """Return the files written per submission."""
        return sum(self.files.values()) / self.count

    @property
    def bytes_each(self) -> float:
        """Return the bytes written per submission."""
        return (sum(self.sizes.values()) + self.rest) / self.count


def room(pack: Pack, count: int, seed: str, folder: Path, jobs: int) -> Room:
    """Make up a class, grade it and look at what it took. Raises RuntimeError where grading fails."""
    place = Path(tempfile.mkdtemp(prefix="room-", dir=folder))
    for student in each_made_up(pack, count, seed):
        write([student], place / "class")
    out = place / "out"
    command = [sys.executable, "-m", "grader", "grade", str(place / "class"), "--config", str(pack.config)]
    measured = measure([*command, "--out", str(out), "--fresh", "--jobs", str(jobs)], ROOT)
    if measured.status != 0:
        raise RuntimeError(f"grading {count} ended with status {measured.status}:\n{measured.output[-2000:]}")
    within = {name: [path.stat().st_size for path in (out / name).iterdir()] for name in PLACES}
    return Room(
        count,
        measured.peak,
        measured.cpu,
        measured.wall,
        {name: len(sizes) for name, sizes in within.items()},
        {name: sum(sizes) for name, sizes in within.items()},
        sum(path.stat().st_size for path in out.iterdir() if path.is_file()),
        sum(path.stat().st_size for path in (place / "class").rglob("*") if path.is_file()),
    )
