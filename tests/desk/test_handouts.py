"""The handout of every shipped assignment, unpacked: nothing is written yet, and with the solutions all is done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.sandbox.fresh import Fresh
from grader.selfcheck import finding, handing_in, rounds
from grader.selfcheck.checking import Checked, SelfCheck
from tests.conftest import ROOT
from tests.desk import homes
from tests.desk.homes import MODULE1

PACKS = ("config.yaml", *(str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("examples/*/config.yaml"))))


def checked(handout: Path) -> list[Checked]:
    place = finding.place(handout)
    with Fresh() as workers:
        return list(SelfCheck(place.assignment, workers).check(rounds.read(place), place.assignment.exercises))


@pytest.mark.parametrize("name", PACKS)
def test_nothing_is_written_yet_and_solved_all_is_done(name: str, tmp_path: Path) -> None:
    handout = homes.unpacked(tmp_path, name)
    first = checked(handout)
    assert {one.status for one in first} <= {"not written", "waiting"}
    for one in first:
        assert {check.outcome.verdict for check in one.exercise.checks} <= {"not attempted", "skipped"}
    homes.fill_in(handout, name)
    assert {one.exercise.id: one.status for one in checked(handout) if one.status != "done"} == {}


@pytest.mark.parametrize(
    ("name", "notebooks"),
    [
        ("config.yaml", ["lecture8.ipynb"]),
        ("examples/dual-numbers/config.yaml", ["dual.ipynb"]),
        ("examples/micrograd/config.yaml", ["engine.ipynb"]),
        (MODULE1, ["lecture8.ipynb"]),
    ],
)
def test_a_notebook_is_checked_as_it_is(name: str, notebooks: list[str], tmp_path: Path) -> None:
    handout = homes.unpacked(tmp_path, name, notebook=True)
    assert sorted(path.name for path in handout.glob("*.ipynb")) == notebooks
    assert {one.status for one in checked(handout)} <= {"not written", "waiting"}
    submission = rounds.read(finding.place(handout))
    assert all("code cell" not in note for note in submission.notes)
    (path,) = handout.glob("*.ipynb")
    cells = json.loads(path.read_text())["cells"]
    assert [cell for cell in cells if cell["cell_type"] == "code" and "# TODO" in "".join(cell["source"])]
    assert not (handout / "minitorch" / "lecture8.py").exists()
    assert notebooks[0] in handing_in.sentence(finding.place(handout).assignment, submission)
    homes.fill_in(handout, name)
    assert {one.exercise.id: one.status for one in checked(handout) if one.status != "done"} == {}


def test_what_the_given_files_import_is_installed_with_the_handout(tmp_path: Path) -> None:
    """numpy is allowed in both courses; only needle's own files need it."""
    for pack, needed in (("needle-hw1", ["numpy"]), ("micrograd", [])):
        folder = homes.unpacked(tmp_path, f"examples/{pack}/config.yaml")
        lines = (folder / "requirements.txt").read_text("utf-8").splitlines()
        assert [line for line in lines if not line.startswith("./")] == needed
