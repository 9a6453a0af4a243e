"""Numbers that nobody writes, and names that no file has, are told with their place, at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment.forms import FormError
from grader.errors import UsageError
from grader.grading import config
from tests.conftest import ROOT

ABSURD = (
    *("1e9992", "-1e-99999999", "9" * 5000, "1/" + "7" * 5000, "0." + "3" * 5000, "1E+00000100", "1e400"),
    *("nan", ".inf", "-inf", "1__0", "0x10", "1e", "1/0", "٣"),
)


def written(tmp_path: Path, old: str, new: str) -> Path:
    text = (ROOT / "config.yaml").read_text()
    assert old in text
    path = tmp_path / "config.yaml"
    path.write_text(text.replace("[exercises/lecture8]", f"[{ROOT}/exercises/lecture8]").replace(old, new, 1))
    return path


@pytest.mark.parametrize("number", ABSURD, ids=lambda text: text[:12])
@pytest.mark.parametrize("key", ["exercise_cpu_seconds: 2", "public: 50", "jobs: 0", "percent: 0"])
def test_an_absurd_number_in_a_config_is_told_with_its_place(key: str, number: str, tmp_path: Path) -> None:
    name = key.partition(":")[0]
    with pytest.raises(FormError) as error:
        config.load(written(tmp_path, key, f"{name}: {number}"))
    text = str(error.value)
    assert text.startswith("config.yaml:")
    assert name in text
    assert len(text) < 500


@pytest.mark.parametrize("number", ABSURD, ids=lambda text: text[:12])
def test_an_absurd_number_of_points_is_told_with_its_place(number: str, tmp_path: Path) -> None:
    text = (ROOT / "exercises" / "lecture8" / "05-square.yaml").read_text()
    assert "backward: 2" in text
    (tmp_path / "square.yaml").write_text(text.replace("backward: 2", f"backward: {number}"))
    with pytest.raises(FormError) as error:
        _with(tmp_path)
    assert "square.yaml:" in str(error.value)
    assert len(str(error.value)) < 500


def _with(tmp_path: Path) -> config.Assignment:
    text = (ROOT / "config.yaml").read_text().replace("[exercises/lecture8]", "[square.yaml]")
    (tmp_path / "config.yaml").write_text(text)
    return config.load(tmp_path / "config.yaml")


@pytest.mark.parametrize("name", ["9" * 300, "é" * 200, "a/" * 600, "x" * 5000])
@pytest.mark.parametrize("key", ["[exercises/lecture8]", "reference: reference", "out: reports"])
def test_a_name_that_no_file_has_is_told_with_its_place(key: str, name: str, tmp_path: Path) -> None:
    new = f"[{name}]" if key.startswith("[") else f"{key.partition(':')[0]}: {name}"
    text = (ROOT / "config.yaml").read_text()
    assert key in text
    path = tmp_path / "config.yaml"
    path.write_text(text.replace(key, new, 1))
    with pytest.raises(UsageError) as error:
        config.load(path)
    assert str(error.value).startswith("config.yaml:")
    assert "no file or folder is called" in str(error.value)
    assert len(str(error.value)) < 500


def test_ordinary_numbers_are_read_as_ever(tmp_path: Path) -> None:
    for number, value in (("1.5", 1.5), ("2e1", 20.0), ("5E-1", 0.5), (" 3 ", 3.0)):
        found = config.load(written(tmp_path, "exercise_cpu_seconds: 2", f"exercise_cpu_seconds: {number}"))
        assert found.limits.exercise_cpu_seconds == value
