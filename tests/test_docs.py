"""What README and docs show is what happens: commands run, examples load, outputs and links are real."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from benchmarks import layers
from docs import pictures
from grader import cli
from grader.assignment import exercises, late, parameters
from grader.assignment.exercise import CheckForm, HintForm
from grader.assignment.forms import FormError
from grader.assignment.formulas import MisconceptionForm
from grader.audit import plants
from grader.authoring import schemas
from grader.batch import cohort
from grader.course import marks_table, overrides
from grader.diagnosis import misconceptions
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, planning, provided
from tests import manual
from tests.conftest import ROOT, SAMPLES
from tests.sandbox import station

PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(#[^)]*)?\)")


def blocks(language: str, page: Path) -> list[str]:
    return [text for found, text in FENCE.findall(page.read_text("utf-8")) if found == language]


def commands() -> Iterator[str]:
    for page in PAGES:
        for block in blocks("console", page):
            yield from (line[2:] for line in block.splitlines() if line.startswith("$ grader"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, sample_reports: Callable[[str], Path]) -> Path:
    """The project's own files in a folder of their own, with the sample classes graded.

    A command that grades one finds what it graded: that it does from nothing is seen where the reports come from.
    """
    folder = tmp_path_factory.mktemp("home")
    for name in ("exercises", "reference", "examples", "student_template"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "config.yaml", folder)
    for sample, path in SAMPLES.items():
        place = path.relative_to(ROOT)
        if sample == "cohort" or f"grader grade --config {place}" in {*commands()}:
            shutil.copytree(sample_reports(sample), folder / place.parent / "reports")
    return folder


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "COLUMNS": "80", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "grader", *arguments]
    return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("command", sorted({*commands()} - {pictures.AUDIT}))  # its picture shows that it runs
def test_a_command_that_is_shown_runs(command: str, home: Path) -> None:
    if "new course hw1" in command:  # several pages begin with one
        shutil.rmtree(home / "hw1", ignore_errors=True)
    done = run(*shlex.split(command)[1:], home=home)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("drawn", [pictures.pictures, pytest.param(pictures.slow_pictures, marks=pytest.mark.ci)])
def test_the_terminals_that_are_shown_are_real_output(drawn: Callable[[Path], dict[str, str]], tmp_path: Path) -> None:
    for name, text in drawn(tmp_path).items():
        assert (pictures.FOLDER / name).read_text("utf-8") == text, "run `python -m docs.pictures`"
        assert any(f"pictures/{name})" in page.read_text("utf-8") for page in PAGES), name


def test_an_exercise_that_is_shown_loads_and_its_mistake_reads_as_shown(tmp_path: Path) -> None:
    page = ROOT / "docs" / "exercises.md"
    whole, several, joint, constant, own, slopes, scalars, inputs, checks, staged, equivalent = blocks("yaml", page)
    for keys, wanted in ((joint, ("x < y",)), (constant, ())):
        asked = exercises.decode(
            re.sub(r"arguments: .*\nvalue: .*\n", "", whole.split("misconc")[0]).encode() + keys.encode(),
            "a.yaml",
            KINDS,
        )
        assert tuple(one.text for one in asked.spec.formulas.value.conditions) == wanted
    assert [one.id for one in exercises.decode_all(several.encode(), "several.yaml", KINDS)] == ["add", "relu"]
    assert exercises.decode(own.encode(), "own.yaml", KINDS).kind == "own"
    assert exercises.decode(slopes.encode(), "own.yaml", KINDS).spec.of == "class"
    assert exercises.decode(scalars.encode(), "own.yaml", KINDS).spec.of == "scalars"
    path = tmp_path / "cube.yaml"
    path.write_text(whole)
    assert exercises.read(path, "cube.yaml", KINDS).points == 4
    path.write_text(re.sub(r"checks: .*\n", checks, whole))
    assert [check.visibility for check in exercises.read(path, "cube.yaml", KINDS).checks] == ["visible", "hidden"]
    path.write_text(re.sub(r"checks: .*\n", staged, whole))
    assert [hint.after for hint in exercises.read(path, "cube.yaml", KINDS).checks[0].hints] == [0, 2]
    two = whole.replace("{x: real}", "{x: real, y: real}").replace("[3 * x * d_out]", "[3 * x * d_out, 0]")
    path.write_text(two + inputs)
    assert [one.d_out for one in exercises.read(path, "cube.yaml", KINDS).spec.formulas.inputs] == [2.0, 3.0]
    path.write_text(whole + equivalent)
    assert exercises.read(path, "cube.yaml", KINDS).equivalent[0].because == "at 0 both are 0"
    path.write_text(whole.replace("backward: 2", "backwards: 2"))
    with pytest.raises(FormError) as error:
        exercises.read(path, "exercises/lecture8/cube.yaml", KINDS)
    assert str(error.value) == blocks("text", page)[0].strip()


def test_the_exercise_with_a_parameter_reads_as_the_page_says() -> None:
    page = ROOT / "docs" / "parameters.md"
    exercise = exercises.decode(blocks("yaml", page)[0].encode(), "scaled.yaml", KINDS)
    assert (exercise.title, exercise.values) == ("6 · x²", {"c": 6})
    (code,) = blocks("python", page)
    assert parameters.places(code) == {("scaled", "c")}
    assert "c = 8.0\n" in parameters.in_source(code, {"scaled": {"c": 8}})


def test_every_command_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    for name in cli.COMMANDS:
        assert f"grader {name}" in text


def test_the_reference_pages_are_the_codes() -> None:
    for name, text in manual.pages().items():
        assert (ROOT / "docs" / "reference" / name).read_text("utf-8") == text, "run `make manual`"


def test_the_python_that_is_shown_runs(home: Path) -> None:
    (text,) = blocks("python", ROOT / "docs" / "reference" / "python.md")
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", text], cwd=home, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_page_is_on_the_site() -> None:
    nav = (ROOT / "mkdocs.yml").read_text()
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").as_posix()
        assert f" {name}\n" in nav or name.startswith("decisions/0"), name


def test_every_way_to_make_pages_is_on_their_page_with_every_picture() -> None:
    text = (ROOT / "docs" / "pages.md").read_text()
    for way in (
        "grader grade --html",
        "grader pages\n",
        "--for published",
        "grader show NAME --html FILE",
        "index.html",
    ):
        assert way in text, way
    shown = text + (ROOT / "README.md").read_text() + (ROOT / "docs" / "students.md").read_text()
    for path in (ROOT / "docs" / "pages").glob("*.png"):
        assert f"pages/{path.name})" in shown, path.name


def test_every_key_of_the_assignment_is_in_config_yaml_with_a_comment() -> None:
    lines = (ROOT / "config.yaml").read_text().splitlines()
    for key in config.ConfigForm.__struct_fields__:
        assert any(line.startswith(f"{key}:") for line in lines), key
    assert sum(line.startswith("#") for line in lines) >= 12


def test_every_key_of_an_exercise_is_documented() -> None:
    text = (ROOT / "docs" / "exercises.md").read_text()
    for form in (*(kind.form for kind in KINDS.values()), CheckForm, HintForm, MisconceptionForm):
        for key in form.__struct_encode_fields__:
            assert f"`{key}`" in text or f"{key}:" in text, key


@pytest.mark.parametrize("of", ["exercise", "config", "result"])
def test_the_published_schemas_are_the_codes(of: str) -> None:
    published = json.loads((ROOT / "docs" / "schemas" / f"{of}.json").read_text())
    written = json.loads(json.dumps(schemas.schema(of)))  # type: ignore[arg-type]
    assert published == written, "run `make schemas`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text("utf-8")):
        path = page.parent / target
        assert path.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
            assert anchor[1:] in {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}


def test_what_is_planted_is_counted() -> None:
    planted = alike = 0
    for path in (
        "config.yaml",
        "examples/module1/config.yaml",
        "examples/minitorch-2020/config.yaml",
        "examples/minitorch-2021/config.yaml",
        "examples/micrograd/config.yaml",
        "examples/dual-numbers/config.yaml",
        "examples/cmu-11785/config.yaml",
        "examples/cse599w/config.yaml",
        "examples/needle-hw1/config.yaml",
        "examples/minitorch-module2/config.yaml",
        "examples/cse599w-arrays/config.yaml",
    ):
        assignment = config.load(ROOT / path)
        sources = provided.read(assignment.reference, assignment.layout.modules)
        public = planning.prepare(assignment).public
        answers = cohort.reference_submission(assignment).answers
        for code in plants.codes(assignment.exercises, sources):
            names = [one.name for one, _ in plants.planted(code, sources, answers, public).wrong]
            planted += len(names)
            alike += sum(bool(code.lists(name)) for name in names)
    text = " ".join((ROOT / "docs" / "exercises.md").read_text().split())
    assert f"Of the {planted} changes planted" in text
    assert f"{alike} are no mistake, and the other {planted - alike} are caught" in text


def test_the_late_policy_that_is_shown_is_one_and_costs_what_the_page_says(tmp_path: Path) -> None:
    (shown,) = blocks("yaml", ROOT / "docs" / "gradescope.md")
    text = (ROOT / "config.yaml").read_text().replace("[exercises/lecture8]", f"[{ROOT}/exercises/lecture8]")
    head, rest = text.split("late:\n")
    (tmp_path / "config.yaml").write_text(head + shown + rest[rest.index("\n\n") :])
    policy = config.load(tmp_path / "config.yaml").late
    assert late.deduct(policy, 16 * 60, Fraction(35), Fraction(35)).taken == Fraction(35, 10)
    assert late.deduct(policy, 15 * 60, Fraction(35), Fraction(35)).taken == 0
    assert late.deduct(policy, 7 * 86400 + 1, Fraction(35), Fraction(35)).score == 0


def test_every_key_of_the_late_policy_and_of_gradescope_is_documented() -> None:
    text = (ROOT / "docs" / "gradescope.md").read_text()
    for key in (
        *late.LateForm.__struct_fields__,
        *(f"gradescope.{key}" for key in config.GradescopeForm.__struct_fields__),
    ):
        assert f"`{key}" in text or f"{key}:" in text, key


def test_the_decisions_that_are_shown_are_read(tmp_path: Path) -> None:
    (tmp_path / "overrides.yaml").write_text("".join(blocks("yaml", ROOT / "docs" / "marks.md")))
    ids = [one.id for one in config.load(ROOT / "config.yaml").exercises]
    points, extension, excuse, final, mistake = overrides.read(tmp_path / "overrides.yaml", ids)
    assert (mistake.student, mistake.exercise, mistake.points) == ("", "square", 3)
    assert mistake.mistake in Path(misconceptions.__file__).read_text("utf-8")
    assert (points.exercise in ids, points.points, extension.extension) == (True, 1, 48 * 3600)
    assert (excuse.excuse, final.exercise, final.points) == (True, "", 20)


def test_every_column_of_the_marks_and_every_form_of_export_is_documented() -> None:
    text = (ROOT / "docs" / "marks.md").read_text()
    for name in (*marks_table.COLUMNS, *(f"course.{key}" for key in config.CourseForm.__struct_fields__)):
        assert f"`{name}`" in text, name
    listed = run("export", "--help", home=ROOT).stdout.partition("FORM\n")[2]
    forms = re.findall(r"^    (\w+)", listed, re.MULTILINE)
    assert len(forms) == 6
    for form in forms:
        assert f"grader export {form}" in text, form


def test_the_dry_run_that_is_shown_is_the_tested_one() -> None:
    tested = (ROOT / "tests" / "platforms" / "test_canvas_push.py").read_text()
    (shown,) = blocks("text", ROOT / "docs" / "canvas.md")
    for line in shown.splitlines():
        assert f'"{line}",' in tested


def test_numbers_that_are_claimed_are_counted() -> None:
    assert f"{len(station.attacks())} attacks" in (ROOT / "README.md").read_text()


def test_ci_runs_the_readmes_test_command() -> None:
    assert "$ make test" in (ROOT / "README.md").read_text()
    (line,) = (one for one in (ROOT / ".ci" / "run").read_text().splitlines() if one.startswith("make test"))
    assert line in ("make test", "make test ARGS=\"-m 'not prove'\"")  # and what is too long for a desk


@pytest.mark.parametrize("path", ["config.yaml", "examples/module1/config.yaml"])
def test_what_submissions_may_import_is_installed_where_they_are_graded(path: str) -> None:
    pinned = (ROOT / "requirements" / "run.lock").read_text()
    for package in config.load(ROOT / path).packages:
        name = package.partition(".")[0].replace("_", "-")
        assert re.search(rf"^{name}==", pinned, re.MULTILINE), package


def test_what_the_container_is_made_of_is_there() -> None:
    lines = (ROOT / "Containerfile").read_text().splitlines()
    for line in lines:
        if line.startswith("COPY") and not line.startswith("COPY . "):
            assert (ROOT / line.split()[1]).is_file(), line
    assert any("--require-hashes -r requirements/run.lock" in line for line in lines)
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert not {"grader", "exercises", "reference", "config.yaml", "README.md", "LICENSE"} & set(ignored)


def test_the_figures_of_containment_are_of_what_is_there() -> None:
    text = (ROOT / "docs" / "containment.md").read_text()
    for name in layers.COMBINATIONS:
        assert f"| {name} " in text, "run `python -m benchmarks.layers`"
    assert "0 of 400 honest results changed" in text, "run `python -m benchmarks.siege`"
    for page in ("docs/containment.md", "docs/container.md", "SECURITY.md"):
        for path in re.findall(r"`(tests/[\w/.]+)`", (ROOT / page).read_text()):
            assert (ROOT / path).exists(), path
