"""`grader check`, run as a student runs it: what it says, how it exits, and what it cannot be stopped by."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.selfcheck import finding, rounds
from grader.submissions.handed_in import read
from grader.submissions.homes import Layout
from tests.conftest import ROOT
from tests.desk.homes import MODULE1, check, environment, home, solve

SQUARE = "return float(2.0 * x * d_out)"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    return home(tmp_path)


def edit(template: Path, old: str, new: str, module: str = "lecture8") -> None:
    path = template / "minitorch" / f"{module}.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_every_option_is_in_the_students_guide() -> None:
    page = (ROOT / "docs" / "students.md").read_text("utf-8")
    for option in ("--exercise ID", "--all", "--watch", "--html [FILE]", "--open", "--json", "--submission DIR"):
        assert f"| `{option}` |" in page


def test_a_blank_template_is_not_written_yet_and_names_the_first_exercise(template: Path) -> None:
    done = check(template)
    assert done.returncode == 3
    assert done.stdout.count("not written yet") == 11
    assert "0 of 11 done; next: TimesFive, forward" in done.stdout
    assert "\x1b" not in done.stdout
    assert not done.stderr
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_a_raise_left_under_code_is_told_with_its_line(template: Path) -> None:
    todo = 'raise NotImplementedError("return five times x")'
    edit(template, todo, f"y = 5 * x\n        {todo}")
    line = (template / "minitorch" / "lecture8.py").read_text().partition(todo)[0].count("\n") + 1
    said = check(template).stdout.splitlines()[0]
    assert said.startswith("· TimesFive, forward ") and f"lecture8.py:{line} still raises" in said


def test_what_was_not_asked_says_why(template: Path) -> None:
    edit(template, "def forward(ctx: Context, x: float, y: float)", "def forward(x: float, y: float)")
    edit(
        template, 'raise NotImplementedError("save what backward needs, and return the product of x and y")', "return x"
    )
    edit(template, 'raise NotImplementedError("return two derivatives times d_out")', "return d_out, d_out")
    said = check(template, "--all").stdout
    assert "✗ Mul, backward                           backward: Mul.forward failed, so…" in said
    assert "✗ Mul, backward\n  backward: skipped: Mul.forward failed, so backward could not be asked" in said


def test_a_name_with_a_slip_is_found(template: Path) -> None:
    solve(template, "lecture8", "operators", "autodiff", "scalar", "scalar_functions")
    edit(template, "class Square(", "class Squared(")
    edit(template, "class SquareOfTimesFive(", "class ChainedBoxes(")
    said = check(template).stdout
    assert "no Square here; is it your Squared?\n" in said
    assert "there is no SquareOfTimesFive in…" in said  # another exercise's SquareOfAddTimes2 is not it


def test_no_command_is_cut_at_a_hyphen(template: Path) -> None:
    chosen = ("--config", f"../{MODULE1}", "--exercise", "queue-backpropagation")
    assert "--exercise queue-backpropagation)" in " ".join(check(template, *chosen).stdout.split())


def test_the_solution_is_all_done_from_within_its_package_too(template: Path) -> None:
    solve(template, "lecture8")
    for folder in (template, template / "minitorch"):
        done = check(folder)
        assert (done.returncode, done.stdout.splitlines()[-2]) == (0, "all 11 done")


def test_a_mistake_is_named_and_shown_and_comes_next(template: Path) -> None:
    solve(template, "lecture8")
    edit(template, SQUARE, "return 2 * x")
    done = check(template)
    assert done.returncode == 3
    assert "✗ Square, with a saved argument           backward: d_out was forgotten" in done.stdout
    assert "your backward returned   4.0" in done.stdout
    assert "(central difference of your own forward: 8.000000 ± 1e-10)" in done.stdout
    assert "10 of 11 done; next: Square, with a saved argument" in done.stdout
    page = (ROOT / "docs" / "students.md").read_text("utf-8")
    shown = page.partition("## Reading what is wrong\n\n```text\n")[2].partition("```")[0]
    assert shown
    assert shown in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


@pytest.mark.ci
def test_an_endless_loop_a_crash_and_a_flood_cost_only_their_own_exercise(template: Path) -> None:
    solve(template, "lecture8")
    edit(template, SQUARE, "while True:\n            pass")
    edit(template, "return math.exp(x)", "import os\n        os._exit(0)")
    edit(template, "return math.log(x)", "while True:\n            print('x' * 1000)")
    done = check(template, "--all")
    assert "8 of 11 done" in done.stdout
    words = " ".join(done.stdout.split())
    assert words.count("forward: time limit") == 2
    assert words.count("The line shown starts the loop that it was in.") == 2
    assert ": while True: try it: from types import SimpleNamespace" in words
    assert "print(Square.forward(ctx, 2.0))" in words
    assert "it ended the whole process" in words


def test_what_is_printed_or_written_to_the_pipe_disturbs_nothing(template: Path) -> None:
    solve(template, "lecture8")
    noisy = "import os, sys\nprint('x')\nos.write(1, b'x' * 10)\nsys.__stdout__.write('y')\nsys.__stdout__.flush()\n"
    edit(template, "import math\n", f"import math\n{noisy}")
    assert check(template).returncode == 0


def test_a_file_that_does_not_load_is_told_once_with_its_line(template: Path) -> None:
    edit(template, "import math\n", "import math\nthis is no python\n")
    done = check(template, "--all")
    assert done.stdout.count("this is no python") == 1
    assert "0 of 11 done" in done.stdout
    assert "minitorch/lecture8.py:" in done.stdout


def test_exercises_are_chosen_by_id_and_an_unknown_one_names_the_nearest(template: Path) -> None:
    done = check(template, "--exercise", "log", "--exercise", "square")
    assert [line.split()[1] for line in done.stdout.splitlines()[:2]] == ["Square,", "Log"]
    assert "0 of 2 done" in done.stdout
    wrong = check(template, "--exercise", "sqare")
    assert (wrong.returncode, "did you mean 'square'" in wrong.stderr) == (2, True)


def test_json_holds_every_exercise_and_what_is_next(template: Path) -> None:
    solve(template, "lecture8")
    edit(template, SQUARE, "return 2 * x")
    told = json.loads(check(template, "--json").stdout)
    assert (told["done"], told["of"], told["next"]) == (10, 11, "square")
    (square,) = (one for one in told["exercises"] if one["exercise"]["id"] == "square")
    assert square["status"] == "wrong"
    backward = square["exercise"]["checks"][1]["outcome"]
    assert backward["counterexample"]["args"] == {"x": 2.0}


def test_machinery_waits_for_what_it_runs_with_and_says_for_what(template: Path) -> None:
    solve(template, "operators")
    edit(template, 'raise NotImplementedError("store the values, unless no_grad")', "pass", "autodiff")
    done = check(template, "--config", f"../{MODULE1}", "--exercise", "topological-sort", "--exercise", "op-mul")
    assert "waits for your ScalarFunction.apply\n" in done.stdout
    assert "✓ operators.mul" in done.stdout


@pytest.mark.ci
def test_a_mistake_elsewhere_is_said_to_show_here_as_well(template: Path) -> None:
    solve(template, "operators", "scalar_functions")
    edit(template, "return math.log(x", "return 2 * math.log(x", "operators")
    done = check(template, "--config", f"../{MODULE1}", "--exercise", "op-log", "--exercise", "function-log")
    said = "This ran through your log (operators.py), which fails on its own: see 'operators.log'. Correct that first."
    assert said in " ".join(done.stdout.split())


def test_another_file_that_is_broken_costs_only_what_uses_it(template: Path) -> None:
    solve(template, "lecture8")
    (template / "minitorch" / "autodiff.py").write_text("this is no python\n")
    edit(template, "from .autodiff import Context", "from .autodiff import Context\nfrom .operators import lgo")
    edit(template, "return math.log(x)", "return lgo(x)")
    done = check(template)
    assert "10 of 11 done" in done.stdout
    assert "operators.py has no lgo (imported in line" in done.stdout


def test_what_was_dropped_is_said_once(template: Path) -> None:
    solve(template, "lecture8")
    edit(template, "return math.log(x)", "open('seen.txt', 'a').write('x'); return math.log(x)")
    done = check(template)
    assert done.returncode == 0
    assert " ".join(done.stdout.split()).count("grading keeps no files") == 1
    assert not (template / "seen.txt").exists()


def test_why_a_gradient_was_accepted_is_said(template: Path) -> None:
    solve(template, "lecture8")
    edit(template, "return math.exp(x)", "return math.exp(x) * (1 + 3e-6)")
    edit(template, "math.exp(x) * d_out", "math.exp(x) * (1 + 3e-6) * d_out")
    done = check(template)
    assert done.returncode == 3
    said = "Note: Exp (backward): judged against the central difference of your own forward."
    assert said in " ".join(done.stdout.split())


def test_a_function_needs_no_context_of_the_students_nor_any_other_file(template: Path) -> None:
    solve(template, "lecture8")
    for name in ("operators", "autodiff", "scalar_functions", "scalar"):
        (template / "minitorch" / f"{name}.py").unlink()
    assert check(template).returncode == 0


def test_ctrl_c_ends_everything_at_once(template: Path) -> None:
    solve(template, "lecture8")
    edit(template, SQUARE, "while True:\n            pass")
    command = [sys.executable, "-m", "grader", "check"]
    running = subprocess.Popen(
        command, cwd=template, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert running.stdout is not None
    for _ in range(4):
        running.stdout.readline()
    start = time.monotonic()
    os.killpg(running.pid, signal.SIGINT)
    _, told = running.communicate(timeout=10)
    assert (running.returncode, told) == (130, b"stopped\n")
    assert time.monotonic() - start < 2
    time.sleep(0.2)
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)


@pytest.mark.ci
def test_nobody_is_left_in_a_loop_where_the_command_is_killed(template: Path) -> None:
    solve(template, "lecture8")
    edit(template, SQUARE, "while True:\n            pass")
    command = [sys.executable, "-m", "grader", "check"]
    running = subprocess.Popen(command, cwd=template, env=environment(), stdout=subprocess.PIPE, start_new_session=True)
    assert running.stdout is not None
    for _ in range(4):
        running.stdout.readline()
    running.kill()
    running.communicate(timeout=10)
    end = time.monotonic() + 5
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < end:
            os.killpg(running.pid, 0)
            time.sleep(0.05)


def test_prepared_exercises_are_kept_and_made_anew_when_anything_changes(template: Path) -> None:
    first = finding.assignment(template)
    kept = template.parent / ".grader" / "config.prepared"
    written = kept.stat().st_mtime_ns
    assert finding.assignment(template) == first
    assert kept.stat().st_mtime_ns == written
    exercise = template.parent / "exercises" / "lecture8" / "05-square.yaml"
    exercise.write_text(exercise.read_text().replace("title: Square", "title: Squared"))
    assert any(one.title.startswith("Squared") for one in finding.assignment(template).assignment.exercises)
    kept.write_bytes(kept.read_bytes()[:1000])
    assert len(finding.assignment(template).assignment.exercises) == 11
    (template.parent / "exercises" / "lecture8" / "12-more.yaml").write_text(
        exercise.read_text().replace("id: square", "id: more")
    )
    assert len(finding.assignment(template).assignment.exercises) == 12


def test_where_there_is_nothing_to_check_it_says_where_to_go(tmp_path: Path, template: Path) -> None:
    nowhere = check(Path(tmp_path.anchor))
    assert (nowhere.returncode, "go into the folder of your handout" in nowhere.stderr) == (2, True)
    above = check(template.parent)
    assert (above.returncode, "minitorch/ should be in this folder" in above.stderr) == (2, True)


@pytest.mark.ci
def test_saving_a_file_checks_what_it_changes_again(template: Path) -> None:
    solve(template, "lecture8")
    edit(template, SQUARE, "return 2 * x")
    command = [sys.executable, "-m", "grader", "check", "--watch"]
    running = subprocess.Popen(command, cwd=template, env=environment(), stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    try:
        lines = iter(running.stdout.readline, "")
        assert any("10 of 11 done" in line for line in lines)
        time.sleep(1)
        edit(template, "return 2 * x", SQUARE)
        assert any("all 11 done" in line for line in lines)
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=10)
    assert running.returncode == 130


def test_what_is_saved_during_the_first_round_is_not_missed(template: Path) -> None:
    solve(template, "lecture8")
    place = finding.place(template)
    found = rounds.rounds(place, place.assignment.exercises, saved=iter(()))
    assert not next(found).again
    edit(template, SQUARE, "return 2 * x")
    assert next(found).again
    assert next(found, None) is None
    assert len(list(rounds.rounds(place, place.assignment.exercises))) == 1


def test_without_watchfiles_a_sentence_says_what_to_install(template: Path) -> None:
    code = "import sys; sys.modules['watchfiles'] = None; from grader.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "check", "--watch"]
    done = subprocess.run(command, cwd=template, env=environment(), capture_output=True, text=True)
    assert (done.returncode, "python -m pip install watchfiles" in done.stderr) == (2, True)


@pytest.mark.parametrize("config", ["config.yaml", pytest.param(MODULE1, marks=pytest.mark.ci)])
def test_the_reference_is_all_done_at_a_desk_as_well(config: str) -> None:
    done = check(ROOT, "--config", config, "--submission", "reference")
    assert done.returncode == 0, done.stdout


def test_the_desk_reads_the_helpers_that_grading_reads(template: Path) -> None:
    (template / "minitorch" / "lecture8.py").write_text("from ..engine.nodes import a\nfrom .lib.deep.b import c\n")
    files = (
        "minitorch/lib/deep/b.py",
        "minitorch/lib/unused.py",
        "engine/nodes.py",
        "engine/__init__.py",
        "tests/x.py",
    )
    for name in files:
        (template / name).parent.mkdir(parents=True, exist_ok=True)
        (template / name).write_text("")
    here = rounds.read(finding.place(template))
    prepared = finding.assignment(template).assignment
    graded = read("s", template, Layout(prepared.package, prepared.modules, prepared.targets))
    assert sorted(here.extras) == ["__init__", "engine", "engine.nodes", "lib.deep.b"]
    assert here.extras == graded.extras
