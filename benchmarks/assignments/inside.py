"""Grade a class in this one process, part by part, and print what each part used: a program of its own.

The parts of our own process are told by its clock, the workers' by theirs. What is left of the whole command, which
whoever starts this measures, is the zygotes'.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.assignments.watching import Watching, Work
from grader.batch import cohort, local
from grader.batch.rendering import rendered
from grader.grading import config, planning
from grader.grading.grader import Grader
from grader.platforms import intake
from grader.reports import files, stored


class Inside(msgspec.Struct):
    """CPU seconds of this process for each part, `own` for all it did, and what the submissions' workers did."""

    reading: float = 0.0
    judging: float = 0.0
    rendering: float = 0.0
    writing: float = 0.0
    own: float = 0.0
    work: Work = msgspec.field(default_factory=Work)


def main(folder: Path, configured: Path, out: Path) -> None:
    """Grade the class in `folder` by the assignment at `configured`, and write under `out`."""
    found = Inside()
    assignment = config.load(configured)
    supervisor = Watching(planning.box(assignment))
    with supervisor:
        _, containment = cohort.open_box(assignment, supervisor)
        plan = cohort.plan(assignment, supervisor, containment.tier)
        handed_in = intake.opened(folder, cohort.layout(assignment), reports=out)
        gc.freeze()
        gc.set_threshold(local.GARBAGE)
        grader = Grader(plan, supervisor)
        before = supervisor.work.since(Work())
        for i in range(len(handed_in)):
            with _adding(found, "reading"):
                submission = handed_in[i]
            with _adding(found, "judging"):
                result = grader.grade(submission)
            with _adding(found, "rendering"):
                made = rendered(result)
            with _adding(found, "writing"):
                files.write(out / "feedback" / f"{submission.id}.md", made.feedback)
                files.write(stored.path_of(out, submission.id), made.result)
        found.work = supervisor.work.since(before)
    found.own = time.process_time()
    print(json.dumps(msgspec.to_builtins(found)))


@contextmanager
def _adding(found: Inside, part: str) -> Iterator[None]:
    begin = time.process_time()
    yield
    setattr(found, part, getattr(found, part) + time.process_time() - begin)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
