"""Invented classes: who handed in what, in which form, and what lies beside it; written to disk as a platform would."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

import msgspec
from hypothesis import strategies as st

Form = Literal["folder", ".py", ".ipynb", ".py.txt", ".zip", ".tar.gz", ".tgz", ".tar.xz", ".rar", ".7z", ".pdf"]
FORMS: tuple[Form, ...] = (
    "folder",
    ".py",
    ".ipynb",
    ".py.txt",
    ".zip",
    ".tar.gz",
    ".tgz",
    ".tar.xz",
    ".rar",
    ".7z",
    ".pdf",
)
HOPELESS = (".rar", ".7z", ".pdf")
ARCHIVED = (".zip", ".tar.gz", ".tgz", ".tar.xz")
Wrapping = Literal["", "folder", ".zip", ".tar.gz", "mac zip", "zip in a folder", "folder in a folder"]
WRAPPINGS: tuple[Wrapping, ...] = get_args(Wrapping)
JUNK = ("Thumbs.db", "desktop.ini", ".DS_Store", "grades.csv", "README.md", "notes.txt", "photo.jpg", "roster.xlsx")
MODULE = "lecture8"

Files = dict[str, bytes]


class Work(msgspec.Struct, frozen=True):
    """What one student handed in: the text of lecture8.py, and the form it came in."""

    text: str
    form: Form


class Invented(msgspec.Struct, frozen=True):
    """A class: everyone's work by name, what lies beside it, and what it is wrapped in."""

    works: Mapping[str, Work]
    junk: tuple[str, ...]
    wrapping: Wrapping = ""


def works(texts: Sequence[str], names: Sequence[str], least: int = 1) -> st.SearchStrategy[dict[str, Work]]:
    """Return a strategy for what some of these students handed in."""
    work = st.builds(Work, st.sampled_from(texts), st.sampled_from(FORMS))
    return st.dictionaries(st.sampled_from(names), work, min_size=least)


def classes(texts: Sequence[str], names: Sequence[str]) -> st.SearchStrategy[Invented]:
    """Return a strategy for whole classes. One that is wrapped is large enough to be told from one student's work."""
    junk = st.lists(st.sampled_from(JUNK), unique=True).map(tuple)
    plain = st.builds(Invented, works(texts, names), junk)
    homework = st.builds(Work, st.sampled_from(texts), st.sampled_from(("folder", *ARCHIVED)))
    many = st.dictionaries(st.sampled_from(names), homework, min_size=3)
    return plain | st.builds(Invented, many, junk, st.sampled_from(WRAPPINGS[1:]))


def files_of(name: str, work: Work) -> Files:
    """Return one student's work as files at the top of a class."""
    source = work.text.encode()
    if work.form == "folder":
        return {f"{name}/{MODULE}.py": source, f"{name}/.DS_Store": b"\0"}
    if work.form == ".ipynb":
        cell = {"cell_type": "code", "source": work.text}
        return {f"{name}.ipynb": json.dumps({"cells": [cell], "nbformat": 4}).encode()}
    if work.form == ".zip":
        return {f"{name}.zip": zipped({f"hw/{MODULE}.py": source})}
    if work.form in ARCHIVED:
        return {f"{name}{work.form}": tarred({f"hw/{MODULE}.py": source}, work.form)}
    return {f"{name}{work.form}": b"Rar!" if work.form in HOPELESS else source}


def write(invented: Invented, folder: Path) -> Path:
    """Write a class below a folder that is not there yet, and return what to grade."""
    files: Files = dict.fromkeys(invented.junk, b"x")
    for name, work in invented.works.items():
        files |= files_of(name, work)
    wrapping = invented.wrapping
    if wrapping == ".zip":
        return _put(folder / "class.zip", zipped(files))
    if wrapping == "mac zip":
        apple = {f"__MACOSX/class/._{name}": b"\0" for name in files}
        return _put(folder / "class.zip", zipped({**{f"class/{name}": raw for name, raw in files.items()}, **apple}))
    if wrapping == ".tar.gz":
        return _put(folder / "class.tar.gz", tarred(files, wrapping))
    if wrapping == "zip in a folder":
        _put(folder / "download" / "class.zip", zipped(files))
        return folder / "download"
    below = {"": "", "folder": "class/", "folder in a folder": "a/class/"}[wrapping]
    for name, raw in files.items():
        _put(folder / "all" / f"{below}{name}", raw)
    return folder / "all"


def zipped(files: Files) -> bytes:
    """Return a zip of some files."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return raw.getvalue()


def tarred(files: Files, ending: str) -> bytes:
    """Return a tar of some files, compressed as its ending says."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:xz" if ending.endswith("xz") else "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return raw.getvalue()


def _put(path: Path, raw: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    return path
