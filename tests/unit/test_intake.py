"""Classes as Gradescope and Canvas hand them out: everyone is there, under ids that nobody has changed."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.platforms import intake
from grader.platforms.canvas import clashes, names
from grader.platforms.canvas.download import Download
from grader.platforms.gradescope.export import Export
from grader.submissions.handed_in import HandedIn
from grader.submissions.homes import Layout
from grader.submissions.intake import Intake
from grader.submissions.people import Person

LAYOUT = Layout("minitorch", ("operators", "lecture8"), ("lecture8",))

METADATA = """\
---
submission_100000001:
  :submitters:
  - :name: Ada Example
    :sid: '00012345'
    :email: ada@example.edu
  :created_at: 2026-02-02 02:52:07.938335000 Z
  :score: 17.5
  :status: processed
  :results:
    score:
    tests:
    - name: "a :submitters: in an output is no submitter"
      output: |-
        :submitters:
        - :name: Nobody
  :history:
  - :submitters: []
    :created_at: 2026-02-01 06:59:12.419858000 Z
    :score: 0.0
    :results: {tests: [{output: timed out}]}
    :id: 100000000
submission_100000002:
  :submitters:
  - :name: "Bo Ø. O'Neil"
    :sid: 0755
    :email: bo@example.edu
  - :name: Cy Partner
    :sid:
    :email: cy@example.edu
  :created_at: 2026-02-02 04:04:59.089605000 Z
submission_100000003:
  :submitters: []
  :created_at: 2026-02-02 04:04:59.089605000 Z
submission_100000004:
  :status: processed
"""
FILES = {
    "submission_100000001/lecture8.py": "x = 1",
    "submission_100000002/minitorch/lecture8.py": "x = 2",
    "submission_100000002/minitorch/operators.py": "x = 3",
    "submission_100000003/lecture8.py": "x = 4",
}

Put = Callable[[str, Mapping[str, str]], Path]


@pytest.fixture(params=["zip", "folder"])
def put(request: pytest.FixtureRequest, tmp_path: Path) -> Put:
    """Write files as one zip, or as the folder it unpacks to."""

    def write(name: str, files: Mapping[str, str]) -> Path:
        if request.param == "zip":
            with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
                for path, text in files.items():
                    archive.writestr(path, text)
            return tmp_path / f"{name}.zip"
        for path, text in files.items():
            place = tmp_path / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        return tmp_path / name

    return write


def sources(found: Intake) -> dict[str, dict[str, str]]:
    return {one.id: {name: raw.decode() for name, (_, raw) in one.modules.items()} for one in found}


# --- Gradescope ----------------------------------------------------------------------------------------------------


def export(put: Put, root: str = "", metadata: str = METADATA) -> Intake:
    files = {"submission_metadata.yml": metadata, **FILES}
    return intake.opened(put("assignment_1_export", {f"{root}{name}": text for name, text in files.items()}), LAYOUT)


@pytest.mark.parametrize("root", ["", "assignment_1_export/"])
def test_an_export_is_read_as_it_comes_groups_and_all(put: Put, root: str) -> None:
    found = export(put, root)
    assert isinstance(found, Export)
    assert sources(found) == {
        "00012345": {"lecture8": "x = 1"},
        "0755+cy": {"lecture8": "x = 2", "operators": "x = 3"},
        "submission_100000003": {"lecture8": "x = 4"},
        "submission_100000004": {},
    }
    ada, both, nobody, empty = (found.handed(i) for i in range(4))
    assert ada.people == (Person("Ada Example", "00012345", "ada@example.edu"),)
    assert (ada.at, ada.attempt, ada.number) == ("2026-02-02T02:52:07.938335+00:00", 2, "100000001")
    assert [person.sid for person in both.people] == ["0755", ""]
    assert [person.name for person in both.people] == ["Bo Ø. O'Neil", "Cy Partner"]
    assert (nobody.people, empty.people) == ((), ())
    assert [one.attempt for one in found] == [2, 1, 1, 1]


@pytest.mark.parametrize("nothing", ["", "null", "~"])
def test_an_id_that_the_export_does_not_know_is_none(put: Put, nothing: str) -> None:
    known = ":sid: 0755"
    assert known in METADATA
    found = export(put, metadata=METADATA.replace(known, f":sid: {nothing}"))
    assert found.ids[1] == "bo+cy"
    assert [person.sid for person in found.handed(1).people] == ["", ""]


def test_two_submissions_of_one_student_have_results_of_their_own(put: Put) -> None:
    nobody = ":submitters: []\n  :created_at: 2026-02-02"
    assert nobody in METADATA
    again = METADATA.replace(nobody, nobody.replace(" []", "\n  - :sid: '00012345'"))
    ids = export(put, metadata=again).ids
    assert len(set(ids)) == 4
    assert [one.partition("~")[0] for one in ids].count("00012345") == 2


def test_a_folder_that_the_metadata_does_not_name_is_somebodys_too(put: Put) -> None:
    files = {"submission_metadata.yml": METADATA, **FILES, "submission_100000009/lecture8.py": "x = 9"}
    found = intake.opened(put("assignment_1_export", files), LAYOUT)
    assert sources(found)["submission_100000009"] == {"lecture8": "x = 9"}


@pytest.mark.parametrize("metadata", ["", "submission_1: [", "[]", "just text", "a: &x [*x]"])
def test_metadata_that_is_none_is_said_and_nothing_is_guessed(put: Put, metadata: str) -> None:
    with pytest.raises(UsageError, match=r"submission_metadata\.yml: .*; download"):
        export(put, metadata=metadata)


# --- Canvas --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "owner", "late", "kind", "file"),
    [
        ("exampleada_1234_987001_main.py", "exampleada_1234", False, "file", "main.py"),
        ("exampleada_1234_987002_notes_v2_2024.txt", "exampleada_1234", False, "file", "notes_v2_2024.txt"),
        ("exampleada_LATE_1234_987003_main-1.py", "exampleada_1234", True, "file", "main.py"),
        ("øneilbo_77_987004_hw1-1.tar.gz", "øneilbo_77", False, "file", "hw1.tar.gz"),
        ("LATE_anon_ab12C_987005_main.py", "anon_ab12C", True, "file", "main.py"),
        ("anon_Zz9Q1_987006_main.py", "anon_Zz9Q1", False, "file", "main.py"),
        ("group7_1234_987007_main.py", "group7_1234", False, "file", "main.py"),
        ("exampleada_1234_text.html", "exampleada_1234", False, "text", ""),
        ("ed_1004_text.html", "ed_1004", False, "text", ""),
        ("bob_12_104_text.html", "bob_12", False, "file", "text.html"),
        ("bob_LATE_12_104_link.html", "bob_12", True, "file", "link.html"),
        ("anon_Zz9Q1_104_text.html", "anon_Zz9Q1", False, "file", "text.html"),
        ("exampleada_LATE_1234_link.html", "exampleada_1234", True, "link", ""),
        ("anon_Zz9Q1_text.html", "anon_Zz9Q1", False, "text", ""),
        (
            "exampleada_1234_987008_main-4f1c2b1e-7d5e-4a7c-8e1f-0a1b2c3d4e5f.py",
            "exampleada_1234",
            False,
            "file",
            "main.py",
        ),
    ],
)
def test_what_a_name_of_canvas_says(name: str, owner: str, late: bool, kind: str, file: str) -> None:
    found = names.read(name)
    assert found
    assert (found.owner, found.late, found.kind, found.file) == (owner, late, kind, file)


@pytest.mark.parametrize("name", ["lecture8.py", "ada_lecture8.py", "u1012", "notes_12.txt"])
def test_other_names_are_not_canvass(name: str) -> None:
    assert names.read(name) is None


def nested(text: str) -> str:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("hw/lecture8.py", text)
    return raw.getvalue().decode("latin-1")


def test_a_download_is_read_by_owner_with_lateness_less_marks_of_clashes(put: Put) -> None:
    found = intake.opened(
        put(
            "submissions",
            {
                "exampleada_1234_987001_lecture8.py": "old",
                "exampleada_LATE_1234_987003_lecture8-1.py": "new",
                "exampleada_1234_987002_operators.py": "ops",
                "øneilbo_77_987004_homework.py": "alone",
                "anon_Zz9Q1_987006_lecture8.py": "x",
                "syb_80_text.html": "<p>def f(x): return x</p>",
                "tedt_81_link.html": "<a>elsewhere</a>",
            },
        ),
        LAYOUT,
    )
    assert isinstance(found, Download)
    assert sources(found) == {
        "anon_Zz9Q1": {"lecture8": "x"},
        "exampleada_1234": {"lecture8": "new", "operators": "ops"},
        "syb_80": {},
        "tedt_81": {},
        "øneilbo_77": {"lecture8": "alone"},
    }
    problems = {one.id: one.problem for one in found if one.problem}
    assert problems["syb_80"].startswith("it was typed into Canvas's text box")
    assert problems["tedt_81"].startswith("a link was handed in")
    handed = {found.handed(i).submission: found.handed(i) for i in range(len(found))}
    assert handed["exampleada_1234"].people == (Person(canvas="1234"),)
    assert (handed["exampleada_1234"].late, handed["exampleada_1234"].marked_late) == (None, True)
    assert (handed["øneilbo_77"].late, handed["anon_Zz9Q1"].people) == (0, ())


@pytest.mark.parametrize(
    ("given", "read", "left_out"),
    [
        (("lecture8-1.py", "lecture8-2.py"), {"lecture8.py": 2}, ("lecture8-1.py",)),
        (("lecture8.py", "lecture8-1.py", "lecture8-2.py"), {"lecture8.py": 3}, ("lecture8.py", "lecture8-1.py")),
        (("lecture8-2.py", "lecture8-1.py"), {"lecture8.py": 2}, ("lecture8-2.py",)),
        (("lecture8.py", "lecture8.py"), {"lecture8.py": 2}, ("lecture8.py",)),
        (("operators-1.ipynb", "operators-2.ipynb"), {"operators.ipynb": 2}, ("operators-1.ipynb",)),
        (("lecture8-1.py.txt", "lecture8-2.py.txt"), {"lecture8.py.txt": 2}, ("lecture8-1.py.txt",)),
        (("answers-1.yaml", "answers-2.yaml"), {"answers.yaml": 2}, ("answers-1.yaml",)),
        (("part-1.py", "part-2.py"), {"part-1.py": 1, "part-2.py": 2}, ()),
        (("part-1.py", "part-2.py", "part-1.py"), {"part-1.py": 3, "part-2.py": 2}, ("part-1.py",)),
        (("part-1.py", "part-2.py", "part-1-2.py"), {"part-1.py": 1, "part-2.py": 2, "part-1-2.py": 3}, ()),
        (("rows-1.csv", "rows-2.csv", "rows.csv"), {"rows-1.csv": 1, "rows-2.csv": 2, "rows.csv": 3}, ()),
        (("hw-1.zip", "hw-2.zip"), {"hw-1.zip": 1, "hw-2.zip": 2}, ()),
        (("hw.zip", "hw-1.zip"), {"hw.zip": 2}, ("hw.zip",)),
        (("tools.py", "tools-1.py"), {"tools.py": 2}, ("tools.py",)),
        (("tools-1.py", "lecture8.py"), {"tools.py": 1, "lecture8.py": 2}, ()),
        (
            ("a-4f1c2b1e-7d5e-4a7c-8e1f-0a1b2c3d4e5f.py", "a-5f1c2b1e-7d5e-4a7c-8e1f-0a1b2c3d4e5f.py"),
            {"a.py": 2},
            ("a-4f1c2b1e-7d5e-4a7c-8e1f-0a1b2c3d4e5f.py",),
        ),
    ],
)
def test_what_comes_again_counts_once_and_what_is_numbered_by_hand_stays(
    given: tuple[str, ...], read: Mapping[str, int], left_out: tuple[str, ...]
) -> None:
    places = [f"cy_13_{100 + i}_{file}" for i, file in enumerate(given, 1)]
    files = [(name, place) for place in reversed(places) if (name := names.read(place))]
    found = clashes.settled(files, LAYOUT.modules)
    assert found.kept == {file: places[i - 1] for file, i in read.items()}
    assert found.notes == tuple(f"{one} was handed in earlier and was not read" for one in left_out)


def test_an_earlier_file_is_said_and_parts_of_a_student_are_all_read(put: Put) -> None:
    files = {
        "cy_13_107_part-1.py": "a = 1",
        "cy_13_108_part-2.py": "b = 2",
        "ed_14_109_lecture8-1.py": "old",
        "ed_14_110_lecture8-2.py": "new",
        "ed_14_111_rows-1.csv": "1",
        "fay_15_112_text.html": "<p>",
        "fay_15_113_lecture8.py": "import rows",
    }
    cy, ed, fay = intake.opened(put("submissions", files), LAYOUT)
    assert cy.problem == "none of its files is called lecture8.py, and part-1.py, part-2.py could all be it"
    assert (ed.modules["lecture8"][1], ed.notes) == (b"new", ("lecture8-1.py was handed in earlier and was not read",))
    assert (fay.id, fay.modules["lecture8"][1], fay.notes) == ("fay_15", b"import rows", ())


def test_a_zip_in_the_zip_is_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        archive.writestr("exampleada_1234_987001_hw-1.zip", nested("x = 1").encode("latin-1"))
    assert sources(intake.opened(tmp_path / "submissions.zip", LAYOUT)) == {"exampleada_1234": {"lecture8": "x = 1"}}


def test_one_damaged_member_costs_its_own_student_only(tmp_path: Path) -> None:
    path = tmp_path / "submissions.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a_1_10_lecture8.py", "x = 11111111")
        archive.writestr("b_2_11_lecture8.py", "x = 2")
    path.write_bytes(path.read_bytes().replace(b"x = 11111111", b"x = 11111112"))
    ada, bo = intake.opened(path, LAYOUT)
    assert "damaged" in ada.problem
    assert bo.modules["lecture8"][1] == b"x = 2"


# --- whichever way ------------------------------------------------------------------------------------------------


def test_a_students_own_zip_and_a_folder_of_folders_are_what_they_were(tmp_path: Path) -> None:
    (tmp_path / "class" / "u1").mkdir(parents=True)
    (tmp_path / "class" / "u1" / "lecture8.py").write_text("x = 1")
    with zipfile.ZipFile(tmp_path / "u2.zip", "w") as archive:
        archive.writestr("lecture8.py", "x = 2")
    for path in (tmp_path / "class", tmp_path / "u2.zip"):
        assert isinstance(intake.opened(path, LAYOUT), HandedIn)


@pytest.mark.parametrize("name", ["assignment_1_export.zip", "hw1.zip", "hw1.tar.gz"])
def test_a_class_that_cannot_be_opened_is_said_before_anything_is_graded(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"half a downl")
    with pytest.raises(UsageError, match="download it again"):
        intake.opened(tmp_path / name, LAYOUT)


def test_processes_that_read_one_zip_do_not_move_each_others_place(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        for i in range(60):
            archive.writestr(f"s{i}_{i}_{1000 + i}_lecture8.py", f"x = {i}" * 2000)
    found = intake.opened(tmp_path / "submissions.zip", LAYOUT)
    whole = sources(found)
    children = []
    for _ in range(3):
        pid = os.fork()
        if pid == 0:
            os._exit(0 if sources(found) == whole else 1)
        children.append(pid)
    assert sources(found) == whole
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0, 0]
