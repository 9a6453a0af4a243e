"""What lies in a report folder is of the class that was graded last, whatever was there before."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import cli
from grader.batch import belonging, cohort, local
from grader.batch.cohort import Run
from grader.course import marks
from grader.errors import UsageError
from grader.grading import config
from grader.grading.config import Assignment
from grader.platforms import intake
from grader.reports import stored, unfinished
from grader.reports.unfinished import Journal
from grader.sandbox.supervisor import Supervisor
from tests import invented
from tests.conftest import ROOT
from tests.end_to_end.test_cli import RIGHT
from tests.invented import Invented

WRONG = RIGHT.replace("return 5 * x", "return 4 * x")
BROKEN = "def (:\n"
EXERCISE = "times-five-forward"
Grade = Callable[[Path, Path], Run]


@pytest.fixture(scope="module")
def small() -> Assignment:
    """One exercise, so that a class takes no time."""
    return config.load(ROOT / "config.yaml", (EXERCISE,))


@pytest.fixture(scope="module")
def grade(small: Assignment) -> Iterator[Grade]:
    """Grade a class into a folder, by workers that wait."""
    box, _ = cohort.open_box(small)
    with Supervisor(box, 910) as warm:
        prepared = cohort.plan(small, warm, 1)

        def engine(*given: object) -> object:
            return local.grade_all(*given, warm=warm)  # type: ignore[arg-type]

        def graded(folder: Path, out: Path, only: tuple[str, ...] = (), fresh: bool = False) -> Run:
            found = intake.opened(folder, cohort.layout(small), reports=out)
            chosen = [i for i, name in enumerate(found.ids) if name in only]
            return cohort.grade(prepared, box, found, out, 1, fresh, lambda _: None, engine, (), chosen)  # type: ignore[arg-type]

        yield graded


def written(out: Path) -> Mapping[str, bytes]:
    """Return all that is written of a class, but for what was put aside."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.relative_to(out).parts[0] != "left"
    }


def put(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "lecture8.py").write_text(text)
    return folder


NAMES = ("s1", "s2", "0755", "Zoë")
CLASSES = st.builds(Invented, invented.works((RIGHT, WRONG, BROKEN), NAMES), st.sampled_from(((), ("Thumbs.db",))))


@given(st.lists(CLASSES, min_size=2, max_size=3))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reports_are_a_function_of_what_lies_there_now(grade: Grade, small: Assignment, states: list[Invented]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here, out, fresh = Path(folder) / "class", Path(folder) / "out", Path(folder) / "fresh"
        for state in states:
            shutil.rmtree(here, ignore_errors=True)
            shutil.rmtree(fresh, ignore_errors=True)
            place = invented.write(state, here)
            grade(place, out)
            grade(place, fresh)
            assert written(out) == written(fresh)
            assert sorted(one.person.sid for one in marks.read(small, out).standings) == sorted(state.works)
            before = written(out)
            again = grade(place, out)
            assert (again.resumed, again.new, again.again, again.gone) == (len(state.works), (), (), ())
            assert written(out) == before


def test_who_left_is_put_aside_and_who_comes_back_is_not_graded_anew(grade: Grade, tmp_path: Path) -> None:
    folder, out = put(tmp_path / "class", s1=RIGHT, s2=WRONG, s3=RIGHT), tmp_path / "out"
    grade(folder, out)
    (folder / "s2").rename(tmp_path / "s2")
    put(folder, s3=WRONG, s4=RIGHT)
    run = grade(folder, out)
    assert (run.new, run.again, run.gone, run.resumed) == (("s4",), ("s3",), ("s2",), 1)
    assert stored.names(out) == ["s1", "s3", "s4"]
    assert not (out / "feedback" / "s2.md").exists()
    assert belonging.left(out) == ["s2"]
    assert (out / "left" / "feedback" / "s2.md").exists()
    assert "s2" not in (out / "grades.csv").read_text() + (out / "index.html").read_text()
    (tmp_path / "s2").rename(folder / "s2")
    run = grade(folder, out)
    assert (run.new, run.again, run.gone, run.resumed) == ((), (), (), 4)
    assert belonging.left(out) == []


def test_an_old_result_of_who_left_twice_does_not_come_back(grade: Grade, tmp_path: Path) -> None:
    folder, out = put(tmp_path / "class", s1=RIGHT, s2=WRONG), tmp_path / "out"
    grade(folder, out)
    for text in (RIGHT, WRONG):
        shutil.rmtree(folder / "s2")
        grade(folder, out)
        put(folder, s2=text)
        grade(folder, out)
        result = stored.read(stored.path_of(out, "s2"))
        assert result is not None
        assert (result.earned == result.possible) == (text == RIGHT)


def test_one_student_is_graded_again_and_the_others_stay(grade: Grade, tmp_path: Path) -> None:
    folder, out = put(tmp_path / "class", s1=RIGHT, s2=WRONG, s3=RIGHT), tmp_path / "out"
    grade(folder, out)
    put(folder, s1=WRONG, s2=RIGHT)
    run = grade(folder, out, only=("s2",))  # type: ignore[call-arg]
    assert run.again == ("s2",)
    assert [row.marks for row in run.rows] == ["✓", "✓", "✓"]  # s1 was not asked for
    assert unfinished.read(out) is None
    assert (out / "grades.csv").read_text().count("graded") == 3


def test_one_student_is_not_graded_otherwise_than_the_rest(grade: Grade, tmp_path: Path) -> None:
    folder, out = put(tmp_path / "class", s1=RIGHT, s2=WRONG), tmp_path / "out"
    grade(folder, out)
    result = json.loads(stored.path_of(out, "s1").read_text())
    result["environment"]["plan"] = "another seed's"
    stored.path_of(out, "s1").write_text(json.dumps(result))
    before = written(out)
    with pytest.raises(UsageError, match="s1 was graded with another configuration, seed or choice of exercises"):
        grade(folder, out, only=("s2",))  # type: ignore[call-arg]
    assert written(out) == before


def test_one_student_of_a_new_class_leaves_the_rest_to_do(grade: Grade, tmp_path: Path) -> None:
    folder, out = put(tmp_path / "class", s1=RIGHT, s2=WRONG, s3=RIGHT), tmp_path / "out"
    grade(folder, out, only=("s2",))  # type: ignore[call-arg]
    assert str(unfinished.read(out)) == "1 of 3"
    assert "The grading is not finished: 1 of 3 are graded" in (out / "index.html").read_text()
    assert (out / "grades.csv").read_text().count("not graded: the run was interrupted") == 2
    grade(folder, out)
    assert unfinished.read(out) is None


def test_what_an_interrupted_run_left_is_never_taken_for_all_of_it(
    small: Assignment, grade: Grade, tmp_path: Path
) -> None:
    folder, out = put(tmp_path / "class", s1=RIGHT, s2=RIGHT, s3=RIGHT), tmp_path / "out"
    grade(folder, out)
    with Journal(out, 3) as journal:  # a run with --fresh that was killed when one was done
        journal.add("s2")
    assert stored.names(out) == ["s2"]
    found = {one.person.sid: one for one in marks.read(small, out).standings}
    assert {name: one.status for name, one in found.items()} == {"s1": "not graded", "s2": "graded", "s3": "not graded"}
    assert found["s1"].final is None
    assert unfinished.said(out) == "the grading is not finished: 1 of 3 are graded"
    run = grade(folder, out)
    assert run.resumed == 3  # what is there is of this very work
    assert stored.names(out) == ["s1", "s2", "s3"]


@pytest.mark.parametrize("cut", [b"", b'{"of":3', b'{"of":3}\n"s1', b'{"of":3}\n\xff\xfe\n"s1"\n"s', b"\0" * 20])
def test_a_list_of_what_is_done_that_was_cut_off_claims_nothing(tmp_path: Path, cut: bytes) -> None:
    (tmp_path / unfinished.NAME).write_bytes(cut)
    found = unfinished.read(tmp_path)
    assert found is not None
    assert found.done == ({"s1"} if b'"s1"' in cut else set())


def test_another_assignments_results_are_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], grade: Grade
) -> None:
    folder, out = put(tmp_path / "class", s1=RIGHT, s2=RIGHT), tmp_path / "out"
    grade(folder, out)
    before = written(out)
    module1 = ROOT / "examples" / "module1" / "config.yaml"
    assert cli.main(["grade", str(folder), "--config", str(module1), "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert "holds results of another assignment, 'lecture8'; this one is 'module1'. Nothing was written." in said
    assert f"grader grade {folder} --config {module1} --out {out}-2" in said
    assert written(out) == before


def test_an_exercise_less_is_no_dead_end(small: Assignment, grade: Grade, tmp_path: Path) -> None:
    folder, out = put(tmp_path / "class", s1=RIGHT, s2=RIGHT), tmp_path / "out"
    grade(folder, out)
    result = json.loads(stored.path_of(out, "s2").read_text())
    shutil.rmtree(folder / "s2")
    for name in ("s2", "s1"):  # as if both had been graded when there was another exercise
        changed = json.dumps(result | {"submission": name, "exercises": [], "digest": "old"})
        stored.path_of(out, name).write_text(changed)
    grade(folder, out)
    assert [one.person.sid for one in marks.read(small, out).standings] == ["s1"]


def test_a_file_of_who_handed_in_that_is_damaged_is_written_anew(
    small: Assignment, grade: Grade, tmp_path: Path
) -> None:
    folder, out = put(tmp_path / "class", s1=RIGHT), tmp_path / "out"
    grade(folder, out)
    (out / marks.HANDED_IN).write_bytes(b"{")
    with pytest.raises(UsageError, match="is not as the grader wrote it; grade again"):
        marks.read(small, out)
    grade(folder, out)
    assert len(marks.read(small, out).standings) == 1


def test_a_run_that_is_interrupted_says_how_far_it_came(tmp_path: Path) -> None:
    endless = RIGHT.replace("return 5 * x", "while True: pass")  # each takes its whole limit, so no machine is done
    folder, out = put(tmp_path / "class", s00=RIGHT, **{f"s{i:02}": endless for i in range(1, 60)}), tmp_path / "out"
    command = [sys.executable, "-m", "grader", "grade", folder, "--out", out, "--jobs", "1"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        while not ((found := unfinished.read(out)) and found.done):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1]
    assert process.returncode == 130
    found = unfinished.read(out)
    assert found is not None
    assert 0 < len(found.done) < 60
    assert f"the grading is not finished: {found} are graded; marks, pages and exports say so too" in said
    assert f"The grading is not finished: {found} are graded." in (out / "index.html").read_text()


def test_one_student_is_graded_again_by_name_and_shown_by_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = put(tmp_path / "class", **{"0755": RIGHT, "0042": WRONG}), tmp_path / "out"
    (tmp_path / "roster.csv").write_text("SID,Name,Email,Section\n0755,Ann Lee,ann@e.edu,A\n0042,Bo,bo@e.edu,B\n")
    text = (ROOT / "config.yaml").read_text().replace('roster: ""', "roster: roster.csv")
    for name in ("exercises/lecture8", "reference"):
        text = text.replace(f": {name}\n", f": {ROOT}/{name}\n").replace(
            f"[{name}]", f"[{ROOT}/{name}/01-{EXERCISE}.yaml]"
        )
    (tmp_path / "config.yaml").write_text(text)
    where = ["--config", str(tmp_path / "config.yaml"), "--out", str(out)]
    assert cli.main(["grade", str(folder), *where]) == 0
    assert "2 graded" in capsys.readouterr().out
    assert "Ann Lee, A" in (out / "index.html").read_text()
    put(folder, **{"0755": WRONG, "0042": RIGHT})
    assert cli.main(["grade", str(folder), *where, "--only", "ann lee"]) == 0
    said = capsys.readouterr().out
    assert "1 graded again: 0755" in said
    assert cli.main(["show", "ANN@e.edu", *where]) == 0
    said = capsys.readouterr().out
    assert said.startswith("# 0755: 0 of 1 points")
    assert "handed in by: Ann Lee (0755), section A" in said
    assert cli.main(["show", "Bo", *where, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["earned"] == "0"  # nobody asked to grade this one again
    assert cli.main(["marks", *where]) == 0
    shutil.rmtree(folder / "0042")
    capsys.readouterr()
    assert cli.main(["grade", str(folder), *where]) == 0
    assert "marks.csv is of before; `grader marks` works it out again" in capsys.readouterr().out
    assert cli.main(["show", "0042", *where]) == 2
    assert f"`grader show 0042 --out {out}/left` shows the last result" in capsys.readouterr().err
    assert cli.main(["show", "0042", "--out", str(out / "left"), "--config", str(tmp_path / "config.yaml")]) == 0
    assert cli.main(["grade", str(folder), *where, "--only", "an@e.edu"]) == 2
    assert "nobody in this class is called 'an@e.edu'; did you mean 'ann@e.edu'" in capsys.readouterr().err
