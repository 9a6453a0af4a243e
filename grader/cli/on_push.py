"""Tell a self-check where a push is checked: annotations and a summary for GitHub, reports for GitLab and others."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from grader.cli.common import say
from grader.model import Submission
from grader.reports import files
from grader.selfcheck import handing_in, on_push
from grader.selfcheck.checking import Checked
from grader.selfcheck.finding import Place

ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Where GitHub and GitLab say that the repository is."""

SUMMARY = "GITHUB_STEP_SUMMARY"
MOST_SHOWN = 10
"""Errors of one step that GitHub shows. The summary has all."""


def tell(options: argparse.Namespace, place: Place, submission: Submission, found: Sequence[Checked]) -> None:
    """Print annotations, and write the summary and the reports that were asked for."""
    folder = _in_repository(place.home)
    made = on_push.marks(found, place.assignment, folder)
    if options.github:
        for line in on_push.commands(made[:MOST_SHOWN]):
            print(line, flush=True)
        _add_summary(on_push.summary(found, place.assignment, handing_in.sentence(place.assignment, submission)))
    if options.junit:
        files.write(options.junit, on_push.junit(found, place.assignment, folder))
    if options.code_quality:
        files.write(options.code_quality, on_push.code_quality(made))


def _in_repository(home: Path) -> PurePosixPath:
    """Return where the homework lies below the repository; nowhere below it where no root is said."""
    inside = home.resolve()
    for name in ROOTS:
        root = os.environ.get(name, "")
        if root and inside.is_relative_to(Path(root).resolve()):
            return PurePosixPath(inside.relative_to(Path(root).resolve()).as_posix())
    return PurePosixPath()


def _add_summary(text: str) -> None:
    path = os.environ.get(SUMMARY, "")
    if not path:
        say(f"--github: there is no {SUMMARY} here, so no summary was written; is this a workflow of GitHub's?")
        return
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(text)
