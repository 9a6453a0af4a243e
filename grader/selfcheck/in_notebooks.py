"""Say of a module that is a notebook what is true of one: it has another name, and nothing can be imported from it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from grader.model import Counterexample, Outcome, Submission
from grader.sandbox.boundary.protocol import dotted, file_of
from grader.submissions.entries import NOTEBOOK


def retold(outcomes: dict[str, Outcome], submission: Submission, package: str) -> dict[str, Outcome]:
    """Return outcomes that name a student's notebooks, and try in a cell of one what is defined there."""
    notebooks = {name: path for name, (path, _) in submission.modules.items() if path.lower().endswith(NOTEBOOK)}
    if not notebooks:
        return outcomes
    return {check: _retold(outcome, notebooks, package) for check, outcome in outcomes.items()}


def _retold(outcome: Outcome, notebooks: Mapping[str, str], package: str) -> Outcome:
    reason, call = outcome.reason, outcome.call
    for module, path in notebooks.items():
        reason = re.sub(rf"(?<![\w/]){re.escape(file_of(module))}\b", path.rpartition("/")[2], reason)
        call = in_a_cell(call, module, path, package)
    return msgspec.structs.replace(
        outcome,
        reason=reason,
        call=call,
        counterexample=_example(outcome.counterexample, notebooks, package),
        second=_example(outcome.second, notebooks, package),
    )


def _example(one: Counterexample | None, notebooks: Mapping[str, str], package: str) -> Counterexample | None:
    if one is None:
        return None
    snippet = one.snippet
    for module, path in notebooks.items():
        snippet = in_a_cell(snippet, module, path, package)
    return msgspec.structs.replace(one, snippet=snippet)


def in_a_cell(snippet: str, module: str, path: str, package: str) -> str:
    """Return code to try with the import from a notebook taken out, to be run in a cell of it.

    >>> in_a_cell("from minitorch.lecture8 import h; print(h(1.0))", "lecture8", "lecture8.ipynb", "minitorch")
    '# in a new cell of lecture8.ipynb; print(h(1.0))'
    """
    start = f"from {dotted(package, module)} import "
    statements = snippet.split("; ")
    kept = [one for one in statements if not one.startswith(start)]
    return snippet if len(kept) == len(statements) else "; ".join([f"# in a new cell of {path}", *kept])
