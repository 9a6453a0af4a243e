"""Pages come with grading where they are asked for, or later from what is stored; never one of an earlier result."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import msgspec

from grader.batch import staffing
from grader.reports import same
from tests.end_to_end.test_cli import RIGHT, folder, grader
from tests.small_courses import impatient

__all__ = ["folder"]


def written(out: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (out / "feedback").glob("*.html")}


def test_pages_come_when_asked_for_and_the_class_page_always(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert grader("grade", folder, "--out", out, "--no-pages").returncode == 0
    assert written(out) == {}
    index = (out / "index.html").read_text()
    assert "<title>Lecture 8: automatic differentiation: the class</title>" in index
    assert 'href="feedback/' not in index

    again = grader(
        "grade", folder, "--out", out, "--html", "--no-pages"
    )  # nothing is graded again, and the pages are made
    assert "2 of them unchanged since an earlier run" in again.stdout
    assert "index.html, grades.csv, feedback/*.md, feedback/*.html, results/*.json" in again.stdout
    assert sorted(written(out)) == ["u1.html", "u2.html"]
    assert 'href="feedback/u1.html"' in (out / "index.html").read_text()

    (folder / "u1.py").write_text(RIGHT.replace("5 * d_out", "5"))
    assert grader("grade", folder, "--out", out, "--no-pages").returncode == 0
    assert sorted(written(out)) == ["u2.html"]  # u1's was of the result before
    assert 'href="feedback/u1.html"' not in (out / "index.html").read_text()
    assert not (out / "code").exists() and not (out / "staff").exists(), "no student's code is kept"


def test_staff_get_a_page_of_each_with_their_code(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (folder / "u1.py").write_text(RIGHT.replace("5 * d_out", "5 / 0"))
    graded = grader("grade", folder, "--out", out)
    assert "results/*.json, staff/*.html" in graded.stdout
    index, page = (out / "index.html").read_text(), (out / "staff" / "u1.html").read_text()
    assert 'href="staff/u1.html"' in index
    assert 'href="staff/u1.html#e-times-five-backward"' in index  # from the mistake
    assert 'id="e-times-five-backward"' in page
    line = next(one for one in page.splitlines() if "← here it happened" in one)
    assert re.sub("<[^>]*>", "", line) == "        return 5 / 0 ← here it happened"
    assert not any("staff" in one.name or "code" in one.name for one in (out / "feedback").iterdir())

    (folder / "u1.py").write_text(RIGHT)  # a page is of its result, and of no earlier one
    grader("grade", folder, "--out", out)
    assert "← here it happened" not in (out / "staff" / "u1.html").read_text()
    made = {path.name: path.read_bytes() for path in (out / "staff").iterdir()}
    shutil.rmtree(out / "staff")
    grader("grade", folder, "--out", out)
    assert {path.name: path.read_bytes() for path in (out / "staff").iterdir()} == made

    (folder / "u1.py").unlink()
    grader("grade", folder, "--out", out)
    assert sorted(path.name for path in (out / "staff").iterdir()) == ["u2.html"]
    assert (out / "left" / "staff" / "u1.html").exists()


def test_pages_are_the_same_bytes_whether_they_come_with_grading_or_later(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    grader("grade", folder, "--out", out, "--html")
    made, index = written(out), (out / "index.html").read_text()
    assert len(made) == 2
    for path in (out / "feedback").glob("*.html"):
        path.unlink()
    later = grader("pages", "--out", out)
    assert later.returncode == 0, later.stderr
    assert written(out) == made
    assert (out / "index.html").read_text() == index


def test_what_is_no_report_folder_or_holds_half_a_result_is_said(tmp_path: Path) -> None:
    nothing = grader("pages", "--out", tmp_path)
    assert nothing.returncode == 2
    assert "holds no results; name a folder that `grader grade` wrote" in nothing.stderr
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "u1.json").write_text("{")
    torn = grader("pages", "--out", tmp_path)
    assert torn.returncode == 2
    assert "the result of 'u1' is not a whole one; grade again with --fresh" in torn.stderr


def test_without_pages_no_code_of_an_earlier_run_stays(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    grader("grade", folder, "--out", out)
    shutil.rmtree(folder / "u2")
    grader("grade", folder, "--out", out)
    assert (out / "code" / "u1.json").exists() and (out / "left" / "code" / "u2.json").exists()
    assert grader("grade", folder, "--out", out, "--no-pages").returncode == 0
    assert not [path for path in out.rglob("*") if path.name in ("code", "staff", "same.jsonl")]
    assert 'href="staff/' not in (out / "index.html").read_text()
    assert "1 of them unchanged" in grader("grade", folder, "--out", out).stdout
    assert (out / "code" / "u1.json").exists() and (out / "staff" / "u1.html").exists()


def test_what_an_interrupt_lost_of_functions_is_found_out_again(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    grader("grade", folder, "--out", out)
    kept = list(same.Report(out))
    assert sorted(one.submission for one in kept) == ["u1", "u2"]
    (out / same.FILE).write_bytes(msgspec.json.encode(kept[0]) + b"\n")  # beside the pages of both
    assert "2 of them unchanged" in grader("grade", folder, "--out", out).stdout
    assert sorted(same.Report(out), key=lambda one: one.submission) == sorted(kept, key=lambda one: one.submission)


def test_functions_are_kept_in_the_order_of_the_class(tmp_path: Path) -> None:
    names = [f"u{i:02}" for i in range(4 * staffing.FEW)]
    wrong = names[: staffing.FEW]  # their pages take longest, so that others are written before them
    for name in names:
        (tmp_path / "class" / name).mkdir(parents=True)
        source = RIGHT.replace("5 * d_out", "5") if name in wrong else RIGHT
        (tmp_path / "class" / name / "lecture8.py").write_text(source)
    grader("grade", tmp_path / "class", "--out", tmp_path / "out", "--jobs", 2)
    assert [one.submission for one in same.Report(tmp_path / "out")] == names


def test_a_loop_is_not_said_to_have_raised(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (folder / "u1.py").write_text(RIGHT.replace("return 5 * d_out", "\n        while True: pass"))
    grader("grade", folder, "--out", out, "--exercises", "times-five-backward", "--config", impatient(tmp_path))
    page = (out / "staff" / "u1.html").read_text()
    assert "← it was in here when its time was up" in page
    assert "← here it happened" not in page
