"""A bundle holds what it must, nothing else, and is the same bytes for the same input."""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from pathlib import Path

import pytest

from grader.bundle import contents, gradescope, requirements, wheels
from grader.bundle.requirements import Pinned, Target
from grader.errors import UsageError
from grader.reports.zipped import zipped
from tests.conftest import ROOT

LOCK = (ROOT / "requirements" / "run.lock").read_text()
STOCK = Target("3.10")


def test_the_same_files_make_the_same_zip_whatever_their_order() -> None:
    files = {"setup.sh": b"#!/bin/sh\n", "a/b": b"x" * 1000}
    raw = zipped(files, frozenset(["setup.sh"]))
    assert raw == zipped(dict(reversed(files.items())), frozenset(["setup.sh"]))
    with zipfile.ZipFile(io.BytesIO(raw)) as opened:
        assert opened.testzip() is None
        modes = {info.filename: oct(info.external_attr >> 16) for info in opened.infolist()}
    assert modes == {"a/b": "0o100644", "setup.sh": "0o100755"}


@pytest.mark.parametrize(("python", "numpy"), [("3.10", "2.2.6"), ("3.11", "2.4.6"), ("3.12", "2.5.5")])
def test_markers_are_held_against_the_images_python_and_not_this_one(python: str, numpy: str) -> None:
    pinned = requirements.read(LOCK, Target(python))
    assert pinned["numpy"].version == numpy
    assert ("tomli" in pinned) == (python == "3.10")
    assert "colorama" not in pinned  # Windows only
    assert all(one.hashes for one in pinned.values())


def test_a_bundle_carries_what_grading_needs_and_what_may_be_imported() -> None:
    pinned = requirements.read(LOCK, STOCK)
    assert [one.name for one in requirements.wanted(pinned, [])] == ["msgspec", "pyyaml"]
    imports = ["numpy", "numpy.typing", "typing_extensions"]
    names = [one.name for one in requirements.wanted(pinned, imports)]
    assert names == ["msgspec", "numpy", "pyyaml", "typing-extensions"]


def test_what_is_not_pinned_is_refused_and_never_left_out_in_silence() -> None:
    with pytest.raises(UsageError, match="allow_imports: scipy is not pinned"):
        requirements.wanted(requirements.read(LOCK, STOCK), ["scipy"])
    for line in ("numpy>=2", "numpy==2.2.6", "-r other.txt", "git+https://example.org/x"):
        with pytest.raises(UsageError, match="pins nothing by hash"):
            requirements.read(f"# a comment\n{line}\n", STOCK)


def kept(cache: Path, content: bytes) -> tuple[Pinned, Path]:
    """Put a wheel where it would be kept, and return what pins it."""
    pinned = Pinned("tiny-thing", "1.0", (hashlib.sha256(b"wheel").hexdigest(),))
    place = cache / wheels._key([pinned], STOCK) / "tiny_thing-1.0-py3-none-any.whl"
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    return pinned, place


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every place away that pip could fetch from."""
    for name, value in (("PIP_NO_INDEX", "1"), ("PIP_CONFIG_FILE", "/dev/null"), ("PIP_FIND_LINKS", "")):
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("offline")
def test_what_was_fetched_once_needs_no_network_again(tmp_path: Path) -> None:
    pinned, place = kept(tmp_path, b"wheel")
    assert wheels.fetched([pinned], STOCK, tmp_path) == {place.name: b"wheel"}


@pytest.mark.slow
@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("content", [None, b"another", b""])
def test_without_a_network_what_is_missing_or_unpinned_is_told_with_advice(
    tmp_path: Path, content: bytes | None
) -> None:
    pinned, place = kept(tmp_path, content or b"")
    if content is None:
        place.unlink()
    with pytest.raises(UsageError) as error:
        wheels.fetched([pinned], STOCK, tmp_path)
    assert "the pinned packages for Python 3.10 could not be fetched: No matching distribution" in str(error.value)
    assert "This takes the network, once" in str(error.value)
    assert not place.exists()


def test_an_assignment_keeps_its_relative_paths_and_brings_nothing_else() -> None:
    files, config = contents.assignment(ROOT / "examples" / "module1" / "config.yaml")
    assert config == "assignment/examples/module1/config.yaml"
    assert "assignment/exercises/module1/34-backpropagate.yaml" in files
    assert "assignment/reference/scalar.py" in files
    assert "assignment/reference/answers.yaml" in files
    assert not [name for name in files if "submissions" in name or "expected" in name or "student_template" in name]


def test_a_dialect_that_only_an_exercise_names_is_brought_along() -> None:
    files, config = contents.assignment(ROOT / "examples" / "minitorch-module2" / "config.yaml")
    assert config == "assignment/config.yaml"
    assert "assignment/comparing.py" in files


def test_a_path_that_would_not_hold_elsewhere_is_refused(tmp_path: Path) -> None:
    text = (ROOT / "config.yaml").read_text().replace("[exercises/lecture8]", f"[{ROOT}/exercises/lecture8]")
    (tmp_path / "config.yaml").write_text(text)
    shutil.copytree(ROOT / "reference", tmp_path / "reference")
    with pytest.raises(UsageError, match="is an absolute path, which a bundle cannot keep"):
        contents.assignment(tmp_path / "config.yaml")


@pytest.mark.slow
def test_a_wall_limit_that_a_submission_could_use_up_alone_is_refused(tmp_path: Path) -> None:
    text = (ROOT / "examples" / "module1" / "config.yaml").read_text().replace("../..", str(ROOT))
    (tmp_path / "config.yaml").write_text(text + "gradescope: {wall_seconds: 179}\n")
    with pytest.raises(UsageError, match=r"config.yaml: gradescope.wall_seconds should be at least 180, not 179"):
        gradescope.bundle(tmp_path / "config.yaml", ROOT / "requirements" / "run.lock", STOCK, tmp_path)


def test_the_graders_own_files_come_whole_without_what_python_made_of_them() -> None:
    files = contents.package()
    assert files["grader/model.py"] == (ROOT / "grader" / "model.py").read_bytes()
    assert not [name for name in files if "__pycache__" in name or name.endswith(".pyc")]
