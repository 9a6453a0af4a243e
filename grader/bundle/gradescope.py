"""The zip that Gradescope builds an autograder from.

At its root are `setup.sh` and `run_autograder`, as Gradescope asks, and `start`, which both go through; beside them the
grader, the assignment with its answers, and the pinned wheels as they were published. `setup.sh` unpacks those to a
private folder; nothing is installed, and the system's Python keeps its own packages.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import msgspec

from grader.bundle import contents, requirements, wheels
from grader.bundle.requirements import Target
from grader.errors import UsageError
from grader.grading import drawing
from grader.grading.config import Assignment
from grader.grading.session import WALL_PER_CPU
from grader.platforms.gradescope import container
from grader.reports.zipped import zipped

SCRIPTS = Path(__file__).with_name("gradescope_files")
STOCK_PYTHON = "3.10"
"""What Gradescope's own image, Ubuntu 22.04, has."""

SECONDS_AROUND = 60
"""What everything but the submission may take, on a slow and shared half of a CPU. We saw 7."""


class Bundle(msgspec.Struct, frozen=True):
    """A bundle: its bytes, and what is in it, for whoever made it."""

    raw: bytes
    files: int
    wheels: tuple[str, ...]
    assignment: Assignment


def bundle(path: Path, lock: Path, target: Target, cache: Path) -> Bundle:
    """Return the bundle of the assignment at `path`. The same input makes the same bytes.

    Raises UsageError for what cannot be bundled, JudgeError for an exercise that could not be asked.
    """
    assignment = contents.loaded(path)
    drawing.refuse_nobodys(
        assignment,
        "the roster and the secret stay with you, so Gradescope cannot grade it; "
        "download the submissions and run `grader grade`",
    )
    _refuse_too_little_time(assignment, path.name)
    pinned = requirements.read(requirements.text_of(lock), target)
    packages = wheels.fetched(requirements.wanted(pinned, assignment.packages), target, cache)
    files, configuration = contents.assignment(path)
    files |= contents.package()
    files |= {f"wheels/{name}": raw for name, raw in packages.items()}
    scripts = _scripts(target, configuration)
    files |= scripts
    return Bundle(zipped(files, frozenset(scripts), compressed=False), len(files), tuple(packages), assignment)


def _refuse_too_little_time(assignment: Assignment, shown: str) -> None:
    """Refuse a wall limit that a submission could use up alone: its score would be withheld, and not lost."""
    longest = assignment.limits.submission_cpu_seconds * WALL_PER_CPU * container.TRIES
    wall = assignment.gradescope.wall_seconds
    if wall < longest + SECONDS_AROUND:
        raise UsageError(
            f"{shown}: gradescope.wall_seconds should be at least {longest + SECONDS_AROUND:g}, not {wall}: one "
            f"submission may take {longest:g} s by the clock with limits.submission_cpu_seconds as it is"
        )


def _scripts(target: Target, configuration: str) -> dict[str, bytes]:
    """Return the scripts with what they are to be told written in, and Unix line ends wherever this was checked out."""
    told = {"@PYTHON@": f"python{target.python}", "@CONFIG@": shlex.quote(configuration)}
    found = {}
    for path in sorted(SCRIPTS.iterdir()):
        text = path.read_bytes().replace(b"\r\n", b"\n").decode()
        for word, value in told.items():
            text = text.replace(word, value)
        found[path.name] = text.encode()
    return found
