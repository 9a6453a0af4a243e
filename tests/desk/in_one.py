"""The desk of a browser without the browser: one process that asks and answers, interrupted by a timer of the system.

Run as a program it reads a `Work` in JSON from standard input, and prints each record on a line; an empty line ends a
check.
"""

from __future__ import annotations

import functools
import json
import signal
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from grader.grading import config
from grader.sandbox.interrupting import Interrupts
from grader.selfcheck import in_browser, making, prepared
from tests.conftest import ROOT
from tests.desk.homes import environment

AGAIN = 0.05

Files = Mapping[str, str]
Stopped = Mapping[int, Any]


class Work(msgspec.Struct, frozen=True):
    """An assignment, and what a page asks, one check after the other: each an `Asked` in JSON.

    `without`: packages that are not there.
    """

    config: str
    asked: list[str]
    without: tuple[str, ...] = ()


def asked(files: Mapping[str, bytes], stopped: Stopped | None = None) -> str:
    """Return what a page asks."""
    return json.dumps(
        {
            "files": {name: b64encode(raw).decode() for name, raw in files.items()},
            "stopped": stopped or {},
            "document": True,
        }
    )


def checked(
    works: Sequence[str], name: str = "config.yaml", without: tuple[str, ...] = ()
) -> list[list[dict[str, Any]]]:
    """Return the records of each check, all of them made by one process."""
    done = _run(Work(str(ROOT / name), list(works), without))
    done.check_returncode()
    *rounds, rest = done.stdout.decode().split("\n\n")
    assert rest == ""
    return [[json.loads(line) for line in one.splitlines()] for one in rounds]


def checked_as_a_page_does(files: Mapping[str, bytes], name: str = "config.yaml") -> tuple[list[dict[str, Any]], int]:
    """Return the records of a check, begun anew whenever a process ends; and how often that was."""
    stopped: dict[int, Any] = {}
    while True:
        done = _run(Work(str(ROOT / name), [asked(files, stopped)]))
        records = [json.loads(line) for line in done.stdout.decode().splitlines() if line]
        if done.returncode == 0:
            return records, len(stopped)
        number = [one["number"] for one in records if one["type"] == "question"][-1]
        assert number not in stopped
        stopped[number] = {"reason": "crash"}


def _run(work: Work) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tests.desk.in_one"]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment(),
        input=msgspec.json.encode(work),
        capture_output=True,
        timeout=120,
        check=False,
    )


def handed_in(folder: Path) -> dict[str, bytes]:
    """Return a submission's files."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@functools.cache
def encoded(name: str) -> bytes:
    """Return an assignment as a page has it."""
    return prepared.encode(making.prepare(config.load(ROOT / name)))


def main() -> None:
    """Do the work."""
    work = msgspec.json.decode(sys.stdin.buffer.read(), type=Work)
    clock = Interrupts(lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN), signal.SIGALRM)
    in_browser.ready()
    sys.modules.update(dict.fromkeys(work.without))  # type: ignore[arg-type]  # None: as if it were not installed
    out = sys.stdout
    with tempfile.TemporaryDirectory() as folder:
        desk = in_browser.Desk(encoded(work.config), clock, Path(folder) / "homework")
        for one in work.asked:
            desk.check(one, lambda line: print(msgspec.json.format(line, indent=-1), file=out, flush=True))
            print(file=out)


if __name__ == "__main__":
    main()
