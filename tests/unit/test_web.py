"""The page for a browser, put together: its packages are pinned, nothing secret is in it, and it says what it lacks."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import msgspec
import pytest

from grader import cli
from grader.bundle import requirements, web, web_packages, web_page, web_pyodide, wheel
from grader.bundle.web_packages import Package
from grader.errors import UsageError
from grader.grading import config
from grader.selfcheck import making
from tests.conftest import ROOT

LOCK = ROOT / "requirements" / "run.lock"

PYODIDE = {
    "pyodide.mjs": b'if(a&&b())throw new Error("Classic web workers are not supported");1;'
    b"export{f as loadPyodide,v as version};\n"
    b"//# sourceMappingURL=pyodide.mjs.map",
    "pyodide.asm.mjs": b"var u=import.meta.url;var getHeapMax=()=>4294901760;export default _createPyodideModule;",
    "pyodide-lock.json": b'{"info": {"version": "1"}, "packages": {"numpy": {}}}',
}


def test_every_package_of_the_page_is_pinned_once_by_its_digest() -> None:
    pinned = web_packages.pinned()
    names = [one.name for one in pinned]
    assert sorted(set(names)) == sorted(names)
    assert {*web.EDITOR, "fflate", "dompurify", web_packages.PYODIDE} == set(names)
    for one in pinned:
        assert len(base64.b64decode(one.digest.removeprefix("sha512-"))) == hashlib.sha512().digest_size
        assert re.fullmatch(r"\d+\.\d+\.\d+", one.version)


def test_msgspec_for_a_browser_is_what_the_lock_pins() -> None:
    assert requirements.one(LOCK.read_text("utf-8"), "MsgSpec").name == "msgspec"
    with pytest.raises(UsageError, match="does not pin nothing-like-it"):
        requirements.one(LOCK.read_text("utf-8"), "nothing-like-it")


def test_the_changes_to_pyodide_are_made_and_are_all_there_is() -> None:
    text = web_pyodide.worker(PYODIDE, "ours();")
    assert "Classic web workers" not in text
    assert "import.meta" not in text
    assert "export" not in text
    assert "self.loadPyodide=f;" in text
    assert f"getHeapMax=()=>{web_pyodide.MOST_MEMORY}" in text
    assert text.endswith("ours();")
    assert web_pyodide.lock(PYODIDE) == '{"info": {"version": "1"}, "packages": {}}'


@pytest.mark.parametrize("name", ["pyodide.mjs", "pyodide.asm.mjs"])
def test_a_pyodide_that_is_written_otherwise_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} of Pyodide is not written as"):
        web_pyodide.worker({**PYODIDE, name: b"something else"}, "")


def test_where_npm_is_missing_one_sentence_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError) as told:
        web_packages.unpacked(None, tmp_path / "cache")
    assert "npm pack @codemirror/autocomplete@" in str(told.value)
    assert "--pyodide FILE" in str(told.value)


def test_a_file_without_its_neighbours_and_a_changed_one_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def line(name: str, raw: bytes) -> str:
        return f"{name} 1.0.0 sha512-{base64.b64encode(hashlib.sha512(raw).digest()).decode()}\n"

    lock, own, other = tmp_path / "lock", tmp_path / "pyodide.tgz", tmp_path / "an-editor-1.0.0.tgz"
    lock.write_text(line("@an/editor", b"editor") + line("pyodide", b"pyodide"))
    monkeypatch.setattr(web_packages, "LOCK", lock)
    own.write_bytes(b"not it")
    with pytest.raises(
        UsageError, match=r"this is not pyodide-1\.0\.0\.tgz as pinned here; delete it, then: npm pack pyodide@1"
    ):
        web_packages.unpacked(own, tmp_path / "cache")
    own.write_bytes(b"pyodide")
    with pytest.raises(UsageError, match=r"lacks an-editor-1\.0\.0\.tgz; in that folder: npm pack @an/editor@1"):
        web_packages.unpacked(own, tmp_path / "cache")
    other.write_bytes(b"not it")
    with pytest.raises(UsageError, match=r"an-editor-1\.0\.0\.tgz: this is not an-editor-1\.0\.0\.tgz"):
        web_packages.unpacked(own, tmp_path / "cache")


def test_a_digest_is_npms_own() -> None:
    digest = base64.b64encode(hashlib.sha512(b"x").digest()).decode()
    assert Package("a", "1.0.0", f"sha512-{digest}").is_in(b"x")
    assert not Package("a", "1.0.0", f"sha512-{digest}").is_in(b"y")


def test_a_course_whose_own_files_import_numpy_is_refused(tmp_path: Path) -> None:
    assignment = config.load(ROOT / "examples" / "cmu-11785" / "config.yaml")
    with pytest.raises(UsageError, match="are given, or the dialect, import numpy"):
        web.build(assignment, None, web.Wanted(LOCK, None, tmp_path), print)


def test_a_folder_with_other_files_in_it_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "index.html").write_text("mine")
    command = ["bundle", "web", "--config", str(ROOT / "config.yaml"), "-o"]
    assert cli.main([*command, str(tmp_path)]) == 2
    assert "other files are in this folder" in capsys.readouterr().err
    assert cli.main([*command, str(tmp_path / "index.html")]) == 2
    assert "this folder cannot be made" in capsys.readouterr().err
    assert (tmp_path / "index.html").read_text() == "mine"


@pytest.mark.parametrize("name", ["needle-hw1", "minitorch-module2"])
def test_exercises_on_arrays_are_refused_with_their_names(name: str, tmp_path: Path) -> None:
    assignment = config.load(ROOT / "examples" / name / "config.yaml")
    with pytest.raises(UsageError, match="exercises on arrays need numpy"):
        web.build(assignment, None, web.Wanted(LOCK, None, tmp_path), print)


def test_the_page_has_a_handouts_grader_and_nothing_that_grades_others() -> None:
    names = wheel.modules(web.ROOTS)
    graders = ("audit", "authoring", "batch", "bundle", "cli", "course", "platforms", "grading.grader")
    solvers = ("assignment.template", "grading.planning", "grading.provided", "grading.config", "selfcheck.making")
    assert not [name for name in names if name.startswith((*graders, *solvers))]
    assert {"selfcheck.in_browser", "sandbox.inline", "sandbox.probes.graph"} <= names


def test_the_page_names_its_own_script_and_style_as_all_that_may_run() -> None:
    prepared = making.prepare(config.load(ROOT / "config.yaml"))
    facts = web_page.Facts("a", "A </script><b>", "x.py", {"x.py": "</script><i>"}, "{}", {})
    html = web_page.html(prepared, facts, ["1;"], "licence <b>", {"core": b"\x00\x01"})
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', html)
    for kind in ("style", "script"):
        inside = re.findall(rf"<{kind}>(.*?)</{kind}>", html, re.DOTALL)
        digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in inside]
        assert all(f"sha256-{one}" in policy for one in digests)
    assert "default-src &#x27;none&#x27;" in policy
    assert "connect-src data:;" in policy
    assert "<i>" not in html
    assert "licence &lt;b&gt;" in html
    assert msgspec.to_builtins(facts)["files"]["x.py"] not in html
