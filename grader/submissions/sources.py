"""Read one source: a file or a notebook, as UTF-8, with a note on what was not as it should be."""

from __future__ import annotations

from grader.submissions import encoding, notebooks
from grader.submissions.entries import NOTEBOOK, SOURCE_CAP, Entry, clean_name, suffix, too_large

Source = tuple[str, bytes]
"""The path a student reads of, and the source as UTF-8."""


def is_notebook(entry: Entry) -> bool:
    """Say whether a file is a notebook."""
    return suffix(entry.path.name) == NOTEBOOK


def called(entry: Entry) -> str:
    """Return what the student called a file, safe to show."""
    return clean_name(entry.named or entry.path.name)


def source(entry: Entry, notes: list[str]) -> Source:
    """Return a file's source, and add to `notes` what it was read as. Raises Unreadable, OSError."""
    shown = str(entry.path)[:200]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else "_" for c in shown)
    raw, other = encoding.as_utf8(entry.read())
    if is_notebook(entry):
        raw = notebooks.joined(raw, shown)
    elif len(raw) > SOURCE_CAP:  # it is longer as UTF-8
        too_large(shown.rpartition("/")[2])
    if entry.named:
        notes.append(f"{called(entry)} was read as {clean_name(entry.path.name)}")
    if other:
        notes.append(f"{called(entry)} is not UTF-8; it was read as {other}")
    return shown, raw
