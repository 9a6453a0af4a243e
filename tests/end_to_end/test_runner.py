"""A class graded on a runner: its script as a shell runs it, its workflows as they are documented."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from grader import cli
from grader.bundle import runner
from grader.grading import config
from tests.conftest import ROOT

LOCK = ROOT / "requirements" / "run.lock"
CLASS = ROOT / "examples" / "cohort" / "submissions"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the command writes, unpacked as a shell would."""
    place = tmp_path_factory.mktemp("runner")
    assert cli.main(["bundle", "runner", "--config", str(ROOT / "config.yaml"), "-o", str(place / "g.zip")]) == 0
    with zipfile.ZipFile(place / "g.zip") as archive:
        for one in archive.infolist():
            archive.extract(one, place)
            (place / one.filename).chmod(one.external_attr >> 16)
    return place / "lecture8-grading"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script. What it would install is there: the tests' own packages stand in for the pinned ones."""
    environment = {one: value for one, value in os.environ.items() if one != "PYTHONPATH"}
    return subprocess.run(
        ["sh", "grade.sh", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_script_grades_and_says_what_is_missing(unpacked: Path) -> None:
    place = unpacked / ".venv" / "bin"
    place.mkdir(parents=True)
    python = place / "python"
    python.write_text(f'#!/bin/sh\n[ "$2" = pip ] && exit 0\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    none = run(unpacked)
    assert none.returncode == 2
    assert "there is no folder submissions/ here" in none.stderr
    for one in ("u1001", "u2003"):
        shutil.copytree(CLASS / one, unpacked / "submissions" / one)
    done = run(unpacked, "--html")
    assert done.returncode == 0, done.stderr
    assert "containment tier" in done.stdout
    assert "most often wrong: mul-backward (1)" in done.stdout
    assert (unpacked / "reports" / "feedback" / "u2003.html").is_file()


def test_the_zip_is_the_same_twice_and_has_the_answers_for_staff_alone(unpacked: Path) -> None:
    assert runner.build(ROOT / "config.yaml", LOCK) == runner.build(ROOT / "config.yaml", LOCK)
    assert (unpacked / "requirements.lock").read_bytes() == LOCK.read_bytes()
    assert (unpacked / "assignment" / "config.yaml").is_file()
    readme = (unpacked / "README.md").read_text("utf-8")
    assert config.load(ROOT / "config.yaml").title in readme
    assert "No secrets" in readme
    assert "@" not in readme.replace("@v4", "")


def test_the_workflows_have_their_documented_form_and_take_nothing(unpacked: Path) -> None:
    github = yaml.safe_load((unpacked / ".github" / "workflows" / "grade.yml").read_text("utf-8"))
    triggers = github[True]  # YAML 1.1 reads the key `on` so
    assert set(triggers) == {"workflow_dispatch", "push"}
    assert github["permissions"] == {"contents": "read"}
    (job,) = github["jobs"].values()
    assert {"runs-on", "steps", "timeout-minutes"} <= set(job)
    for step in job["steps"]:
        assert ("uses" in step) != ("run" in step)
    checkout = job["steps"][0]
    assert checkout["with"] == {"persist-credentials": False}
    gitlab = yaml.safe_load((unpacked / ".gitlab-ci.yml").read_text("utf-8"))
    assert gitlab["grade"]["script"] == ["./grade.sh"]
    texts = [
        path.read_text("utf-8") for path in (unpacked / ".gitlab-ci.yml", unpacked / ".github/workflows/grade.yml")
    ]
    assert not [one for one in texts if "secrets" in one or "pull_request" in one]
