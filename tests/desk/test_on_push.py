"""A check on every push: what GitHub and GitLab read is in their form, and the workflows run as far as a shell can."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from grader.bundle import on_push as workflows
from grader.bundle import student
from grader.grading import config
from tests.conftest import ROOT
from tests.desk.homes import environment, home, solve

COMMAND = re.compile(r"::error file=(?P<file>[^,:]+),line=(?P<line>\d+),title=(?P<title>[^:]*)::(?P<said>.+)")


def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `grader check` as a runner does: its own variables, no terminal."""
    command = [sys.executable, "-m", "grader", "check", *arguments]
    return subprocess.run(
        command, cwd=folder, env={**environment(), **more}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Lecture 8, solved, but for a Square that forgets d_out and a Log that raises."""
    folder = home(tmp_path)
    solve(folder, "lecture8")
    mine = folder / "minitorch" / "lecture8.py"
    text = mine.read_text("utf-8")
    assert "float(2.0 * x * d_out)" in text
    mine.write_text(text.replace("float(2.0 * x * d_out)", "float(2.0 * x)"), "utf-8")
    return folder


def test_github_gets_an_annotation_at_the_line_of_the_function(template: Path) -> None:
    done = run(template, "--github", GITHUB_STEP_SUMMARY=str(template / "summary.md"))
    assert done.returncode == 3
    commands = [line for line in done.stdout.splitlines() if line.startswith("::")]
    (found,) = (COMMAND.fullmatch(line) for line in commands)
    assert found is not None
    lines = (template / found["file"]).read_text("utf-8").splitlines()
    assert "def backward" in lines[int(found["line"]) - 1]
    assert found["title"] == "Square%2C with a saved argument%3A backward"
    assert "%0A" in found["said"]
    assert "d_out was forgotten" in found["said"].replace("%0A", " ")


def test_the_summary_has_every_exercise_and_what_is_wrong(template: Path) -> None:
    path = template / "summary.md"
    path.write_text("before\n", "utf-8")
    run(template, "--github", GITHUB_STEP_SUMMARY=str(path))
    text = path.read_text("utf-8")
    assert text.startswith("before\n## Lecture 8")
    assert text.count("| ✅ |") == 10
    assert text.count("| ❌ |") == 1
    assert "your backward returned" in text
    assert "The grade is made elsewhere" in text


def test_a_missing_summary_is_said_and_costs_nothing(template: Path) -> None:
    done = run(template, "--github")
    assert "no summary was written" in done.stderr
    assert done.returncode == 3


def test_paths_are_those_of_the_repository(template: Path, tmp_path: Path) -> None:
    done = run(template, "--github", "--junit", "j.xml", "--code-quality", "q.json", GITHUB_WORKSPACE=str(tmp_path))
    assert "::error file=student_template/minitorch/lecture8.py,line=" in done.stdout
    (one,) = json.loads((template / "q.json").read_text("utf-8"))
    assert one["location"]["path"] == "student_template/minitorch/lecture8.py"
    case = ElementTree.parse(template / "j.xml").getroot().find(".//testcase")
    assert case is not None
    assert case.get("file", "").startswith("student_template/minitorch/")


def test_the_code_quality_report_has_gitlabs_form(template: Path) -> None:
    run(template, "--code-quality", "q.json")
    (one,) = json.loads((template / "q.json").read_text("utf-8"))
    assert set(one) == {"description", "check_name", "fingerprint", "severity", "location"}
    assert one["severity"] in ("info", "minor", "major", "critical", "blocker")
    assert one["description"] == "Square, with a saved argument: backward: d_out was forgotten"
    assert one["location"]["lines"]["begin"] > 1


def test_junit_has_a_test_per_check_with_file_and_line(template: Path) -> None:
    run(template, "--junit", "j.xml")
    (suite,) = ElementTree.parse(template / "j.xml").getroot()
    cases = list(suite)
    assert int(suite.get("tests", "0")) == len(cases) == 25
    wrong = [case for case in cases if case.find("failure") is not None]
    assert [(case.get("classname"), case.get("name")) for case in wrong] == [("square", "backward")]
    assert all(int(case.get("line", "0")) >= 1 for case in cases)
    assert int(suite.get("failures", "0")) == 1


def test_everything_right_marks_nothing_and_says_what_to_hand_in(tmp_path: Path) -> None:
    folder = home(tmp_path)
    solve(folder, "lecture8")
    done = run(folder, "--github", "--code-quality", "q.json", GITHUB_STEP_SUMMARY=str(folder / "s.md"))
    assert done.returncode == 0
    assert "::error" not in done.stdout
    assert json.loads((folder / "q.json").read_text("utf-8")) == []
    assert "Hand in minitorch/lecture8.py." in (folder / "s.md").read_text("utf-8")


def test_hostile_names_cannot_end_a_command_or_a_table(tmp_path: Path) -> None:
    folder = home(tmp_path)
    solve(folder, "lecture8")
    mine = folder / "minitorch" / "lecture8.py"
    text = mine.read_text("utf-8")
    evil = 'raise ValueError("a\\n::error file=x::y | `b` </td><script>\\x1b[31m")'
    mine.write_text(text.replace("return float(2.0 * x * d_out)", evil), "utf-8")
    done = run(folder, "--github", GITHUB_STEP_SUMMARY=str(folder / "s.md"))
    commands = [line for line in done.stdout.splitlines() if line.lstrip().startswith("::")]
    assert len(commands) == 1
    assert COMMAND.fullmatch(commands[0])
    assert "\x1b" not in (folder / "s.md").read_text("utf-8")


def test_watching_does_not_go_with_reports(template: Path) -> None:
    done = run(template, "--watch", "--github")
    assert done.returncode == 2
    assert "--watch never ends" in done.stderr


@pytest.mark.parametrize("where", ["github", "gitlab"])
def test_a_workflow_holds_no_secret_and_may_only_read(where: workflows.Where) -> None:
    path, text = workflows.FILES[where]
    read = yaml.safe_load(text)
    assert "secrets." not in text
    assert "token" not in text.lower()
    if where == "github":
        assert path.startswith(".github/workflows/")
        assert read["permissions"] == {"contents": "read"}
        assert read[True] == ["push", "workflow_dispatch"]  # YAML 1.1 reads `on` as true
        assert all("uses" in step or "run" in step for step in read["jobs"]["check"]["steps"])
    else:
        assert read["self-check"]["artifacts"]["reports"] == {"junit": "check.xml", "codequality": "check.json"}


@pytest.mark.ci
@pytest.mark.parametrize("where", ["github", "gitlab"])
def test_the_steps_of_a_workflow_run_in_a_shell(where: workflows.Where, tmp_path: Path) -> None:
    """What a runner adds is not here: the checkout, and the Python of its own."""
    raw = student.build(config.load(ROOT / "config.yaml"), None, on=(where,))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "lecture8"
    (folder / "minitorch" / "lecture8.py").write_text((ROOT / "reference" / "lecture8.py").read_text("utf-8"), "utf-8")
    read = yaml.safe_load((folder / workflows.FILES[where][0]).read_text("utf-8"))
    steps = read["jobs"]["check"]["steps"] if where == "github" else read["self-check"]["script"]
    commands = [step["run"] for step in steps if "run" in step] if where == "github" else steps
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    script = "\n".join(["set -e", f". {tmp_path}/venv/bin/activate", *commands])
    more = {"GITHUB_STEP_SUMMARY": str(tmp_path / "s.md"), "GITHUB_WORKSPACE": str(folder)}
    plain = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env={**plain, **more}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "all 11 done" in done.stdout
