"""Which seeds can be guessed: words, years and the sample's; and not what chance made."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest

from grader import cli
from grader.assignment import seeds
from tests.conftest import ROOT

GUESSED = [
    "",
    "1",
    "42",
    "2026",
    "secret",
    "Autumn 2026",
    "lecture8-2026",
    "hunter2",
    "the final one",
    "MAT3007-hw2-2026",
    "deadbeefdeadbeefdead",
]


@pytest.mark.parametrize("seed", GUESSED)
def test_words_years_and_short_ones_can_be_guessed(seed: str) -> None:
    assert "whoever has it knows the private inputs" in seeds.concern(seed)


def test_what_chance_made_cannot_and_is_what_is_offered() -> None:
    for _ in range(500):
        assert seeds.concern(secrets.token_hex(seeds.BYTES)) == ""
        assert seeds.concern(secrets.token_urlsafe(24)) == ""
    for unlikely in ("2396e5efddaccfdaaf4b0109", "eaffcebf1286a62beececbe9", "ddddca4761a2bebdecdd4236"):
        assert seeds.concern(unlikely) == "", "its letters spell something, and chance made it all the same"
    offered = {re.search(r'seed: "(\w{24})"', seeds.concern("1"))[1] for _ in range(5)}  # type: ignore[index]
    assert len(offered) == 5


def test_four_words_and_some_are_enough() -> None:
    assert seeds.concern("correct horse battery staple tomorrow morning") == ""


@pytest.mark.slow
def test_it_is_said_once_where_marks_are_made_and_only_with_private_inputs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = tmp_path / "class" / "u1"
    one.mkdir(parents=True)
    (one / "lecture8.py").write_text("class TimesFive: pass")
    text = (
        (ROOT / "config.yaml")
        .read_text()
        .replace("exercises: [", f"exercises: [{ROOT}/")
        .replace("reference: reference", f"reference: {ROOT}/reference")
    )
    for seed, private, said in (("1", 50, 1), (secrets.token_hex(12), 50, 0), ("1", 0, 0)):
        path = tmp_path / "config.yaml"
        path.write_text(text.replace('seed: "1"', f'seed: "{seed}"').replace("private: 50", f"private: {private}"))
        out = tmp_path / f"out-{said}-{private}"
        cli.main(["grade", str(tmp_path / "class"), "--config", str(path), "--out", str(out), "--jobs", "1"])
        told = capsys.readouterr()
        assert told.err.count("corpus.seed") == said
        assert "corpus.seed" not in told.out + "".join(one.read_text() for one in out.rglob("*.md"))
