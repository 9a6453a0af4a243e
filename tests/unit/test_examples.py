"""Every example in a docstring of the grader is run, from the repository's folder."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.rooms import texts

WITH_EXAMPLES = [name for name, text in texts().items() if ">>>" in text]

PUBLIC = (
    *("oracle.expressions", "grading.config", "platforms.intake", "reports.audience", "batch.cohort", "model"),
    *("reports.text", "reports.fractions"),
)
"""What docs/reference/python.md lists."""


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_in_docstrings_are_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    module = importlib.import_module(f"grader.{name}")
    found = doctest.testmod(module, extraglobs={"Path": Path})
    assert found.attempted
    assert not found.failed


def test_what_the_reference_lists_has_examples() -> None:
    assert set(PUBLIC) <= set(WITH_EXAMPLES)
