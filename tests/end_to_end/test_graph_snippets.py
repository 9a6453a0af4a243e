"""Every snippet of a graph that is shown fails again when it is pasted into a file in the student's folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.audit.mutants import machinery
from grader.grading.planning import Plan
from grader.model import Outcome
from grader.sandbox.supervisor import Supervisor
from tests.end_to_end.test_machinery import (  # noqa: F401 - fixtures among them
    exercise,
    graded,
    held,
    module1,
    only,
    prepared,
)
from tests.machinery import REFERENCE, WRONG, replaced

GRAPHS = (
    "scalar-operators",
    "scalar-roles",
    "chain-rule",
    "topological-sort",
    "backpropagate",
    "apply",
    "all-together",
)
"""The exercises that are judged on graphs."""

SHOWN = [name for name, wrong in WRONG.items() if set(wrong.loses) & set(GRAPHS)]


def pasted(folder: Path, sources: dict[str, str], snippet: str) -> subprocess.CompletedProcess[str]:
    """Run a snippet in a folder with these modules."""
    package = folder / "minitorch"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text("")
    for name, text in sources.items():
        (package / f"{name}.py").write_text(text)
    command = [sys.executable, "-c", snippet]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def shows_it(outcome: Outcome, folder: Path, sources: dict[str, str], right: dict[str, str] = REFERENCE) -> None:
    """Run what an outcome shows with the student's files, and with right ones: what is told came of theirs only."""
    shown = outcome.counterexample
    snippet = shown.snippet if shown else outcome.call
    theirs, ours = pasted(folder / "theirs", sources, snippet), pasted(folder / "ours", right, snippet)
    assert ours.returncode == 0, ours.stderr
    if shown is None:
        assert outcome.said.partition(":")[0] in theirs.stderr
    elif shown.returned:
        assert number(theirs.stdout) == pytest.approx(number(shown.returned), rel=1e-5)
        assert number(ours.stdout) == pytest.approx(number(shown.expected), rel=1e-9)
    else:
        assert (theirs.stdout, theirs.returncode) != (ours.stdout, 0)


def number(text: str) -> float:
    return 0.0 if text.strip() == "None" else float(text)


@pytest.mark.parametrize("name", SHOWN)
def test_a_shown_snippet_fails_again_when_it_is_run(
    name: str,
    tmp_path: Path,
    prepared: Plan,  # noqa: F811
    held: Supervisor,  # noqa: F811
) -> None:
    wrong = WRONG[name]
    sources = replaced(wrong.where, wrong.source)
    result = graded(sources, only(prepared, set(wrong.loses) & set(GRAPHS)), held)
    outcomes = [check.outcome for one in result.exercises for check in one.checks]
    shown = [one for one in outcomes if (one.counterexample and one.counterexample.snippet) or one.call]
    for i, one in enumerate(dict.fromkeys(repr(one) for one in shown)):
        outcome = next(each for each in shown if repr(each) == one)
        shows_it(outcome, tmp_path / str(i), sources)


@pytest.mark.parametrize(
    ("where", "source", "loses"),
    [
        ("lecture8.Square.forward", "@staticmethod\ndef forward(ctx, x):\n    return x * x\n", "square-history"),
        ("lecture8.TimesFive.forward", "@staticmethod\ndef forward(ctx, x):\n    return 4.0 * x\n", "square-history"),
        ("lecture8.backpropagate", machinery.WRONG["what arrives overwrites"].code, "queue-backpropagation"),
        ("lecture8.backpropagate", machinery.WRONG["depth first, each node passed once"].code, "queue-backpropagation"),
    ],
)
def test_a_snippet_of_the_lectures_functions_fails_again(
    where: str,
    source: str,
    loses: str,
    tmp_path: Path,
    prepared: Plan,  # noqa: F811
    held: Supervisor,  # noqa: F811
) -> None:
    helper = "from .autodiff import topological_sort\n\n\n" if "topological_sort" in source else ""
    sources = replaced(where, source)
    sources["lecture8"] = sources["lecture8"].replace("import math\n", f"import math\n{helper}", 1)
    check = exercise(graded(sources, only(prepared, {loses}), held), loses).checks[0]
    assert check.outcome.verdict in ("wrong answer", "runtime error")
    shows_it(check.outcome, tmp_path, sources)
