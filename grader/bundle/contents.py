"""What a bundle is made of: the grader's own files, and an assignment's, laid out so that its relative paths hold."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import grader
from grader.assignment import dialects, exercises, forms
from grader.assignment.exercise import ANSWERS
from grader.errors import JudgeError, UsageError
from grader.grading import accepted, planning
from grader.grading.accepted import Through, ThroughForm
from grader.grading.config import Assignment, ConfigForm, load
from grader.sandbox.boundary.protocol import file_of

LEFT_OUT = {"__pycache__", "packs"}


def loaded(config: Path) -> Assignment:
    """Return an assignment that can be asked. Raises UsageError, and JudgeError for an exercise that could not be."""
    found = load(config)
    faults = planning.prepare(found).faults
    if faults:
        raise JudgeError("; ".join(f"{exercise}: {fault}" for exercise, fault in faults.items()))
    return found


def package() -> dict[str, bytes]:
    """Return the grader's own files, `grader/…` -> content, without the course packs that come with it."""
    home = Path(grader.__file__).parent
    paths = (path for path in home.rglob("*") if path.is_file() and not LEFT_OUT & {*path.relative_to(home).parts})
    return {f"grader/{path.relative_to(home).as_posix()}": path.read_bytes() for path in paths}


def assignment(config: Path) -> tuple[dict[str, bytes], str]:
    """Return an assignment's files, name -> content, and the name that its configuration has among them.

    It holds the configuration, the exercises, the dialects and the solved modules; no submissions and nothing else.
    Raises UsageError.
    """
    form, _ = forms.read(config, ConfigForm, config.name)
    for written in (*form.exercises, form.layout.reference):
        if Path(written).is_absolute():
            raise UsageError(
                f"{config.name}: {written} is an absolute path, which a bundle cannot keep; write it from here"
            )
    root = config.resolve().parent
    reference = Path(os.path.normpath(root / form.layout.reference))
    solved = [reference / name for name in (*map(file_of, form.layout.modules), ANSWERS)]
    found = [Path(os.path.normpath(one)) for one in exercises.files([root / entry for entry in form.exercises])]
    named = [
        one.dialect.name for one in load(config).exercises if one.dialect is not None
    ]  # exercises may name their own
    own = [name for name in dict.fromkeys(named) if name not in dialects.BUILT_IN]
    spoken = [Path(os.path.normpath(root / name)) for name in dict.fromkeys((*accepted.files(form.through), *own))]
    others = [root / one.reference for one in _forms(form.through) if one.reference]
    solved += [Path(os.path.normpath(one)) for other in others for one in sorted(other.rglob("*.py"))]
    paths = [root / config.name, *found, *spoken, *(one for one in solved if one.is_file())]
    base = Path(os.path.commonpath([path.parent for path in paths]))
    name = _inside(root / config.name, base)
    return {name: config.read_bytes(), **{_inside(path, base): path.read_bytes() for path in paths[1:]}}, name


def _forms(through: Through) -> list[ThroughForm]:
    return list(through.values()) if isinstance(through, dict) else []


def _inside(path: Path, base: Path) -> str:
    return str(PurePosixPath("assignment", *path.relative_to(base).parts))
