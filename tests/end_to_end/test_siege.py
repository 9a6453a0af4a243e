"""A class with hostile submissions all through it: every honest grade is what it would be without them, to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import siege


@pytest.mark.prove
def test_a_hundred_attacks_among_five_hundred_change_no_honest_grade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(siege.PAGE.resolve().parents[1])
    laid = siege.lay(tmp_path, 400, 100, 2)
    assert len(laid.alone.results) == 400
    assert len(laid.besieged.results) == 500
    assert laid.changed() == []
    assert sorted(path.name for path in (tmp_path / "besieged").iterdir()) == [f"s{i:04}" for i in range(500)]
