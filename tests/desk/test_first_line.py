"""What is imported before the first line of `grader check`: a list, since a time depends on the machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk import homes
from tests.desk.homes import environment

UNTIL_THE_FIRST_LINE = """
import builtins, sys
printed, ours = builtins.print, []

def noted(*words, **options):
    if not ours and words and str(words[0])[:1] in "·✓✗":
        ours.extend(sorted(sys.modules))
    printed(*words, **options)

builtins.print = noted
sys.argv = ["grader", "check"]
from grader.__main__ import main
main()
printed("---", *ours, sep="\\n")
"""

NEEDLESS = {
    *("hashlib", "random", "traceback", "tempfile", "zipfile", "tarfile", "json", "dataclasses", "inspect"),
    *("socket", "logging", "multiprocessing", "asyncio", "yaml", "jinja2", "numpy", "unittest", "email", "http"),
}
"""Modules that a check needs later, or never."""

OURS_NEEDLESS = {
    *("cli.bundle", "grading.places", "selfcheck.causes", "selfcheck.handing_in", "selfcheck.making"),
    *("submissions.handed_in", "submissions.class_archive", "submissions.told_apart", "submissions.intake"),
    *("exercise_kinds.claims", "exercise_kinds.describing", "exercise_kinds.graph", "exercise_kinds.expression"),
    *("exercise_kinds.asked_through", "reports.feedback", "reports.unfinished", "sandbox.probes.graph"),
    *("diagnosis", "diagnosis.naming", "oracle.graphs", "oracle.array_dual", "sandbox.probes.machine"),
}

MOST_OF_OURS = 95
"""Modules of ours. Each takes a third of a millisecond or more; a new one here wants a reason."""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("handout")
    handout = homes.unpacked(folder)
    homes.fill_in(handout)
    homes.installed(handout, folder / "site-packages")
    return first_line(handout, folder / "site-packages")


def first_line(handout: Path, site: Path) -> set[str]:
    command = [sys.executable, "-S", "-c", UNTIL_THE_FIRST_LINE]
    variables = {**environment(), "PYTHONPATH": str(site)}
    done = subprocess.run(command, cwd=handout, env=variables, capture_output=True, text=True, timeout=60)
    names = done.stdout.partition("---\n")[2].split()
    assert "grader.selfcheck.checking" in names, done.stderr
    return set(names)


def test_nothing_is_imported_for_the_first_line_that_it_does_not_need(imported: set[str]) -> None:
    assert imported & NEEDLESS == set()
    assert {name for name in OURS_NEEDLESS if f"grader.{name}" in imported} == set()


def test_the_first_line_takes_few_modules_of_ours(imported: set[str]) -> None:
    assert len([name for name in imported if name.partition(".")[0] == "grader"]) <= MOST_OF_OURS
