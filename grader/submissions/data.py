"""Find the files that a homework's code may read: data handed in beside it, which its source names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.submissions.entries import Entry, Unreadable, is_data
from grader.submissions.sources import Source, called

COUNT_CAP = 20
SIZE_CAP = 1024 * 1024
"""Bytes of all of them together."""


def data(entries: Sequence[Entry], sources: Iterable[Source], notes: list[str]) -> dict[str, bytes]:
    """Return the data files that the sources name, by path, and add to `notes` what was left out.

    Raises OSError.
    """
    listed = [one for one in entries if is_data(one.path.name)]
    if not listed:
        return {}
    texts = [text for _, text in sources]
    found: dict[str, bytes] = {}
    size = 0
    for one in sorted(listed, key=lambda one: (len(one.path.parts), str(one.path))):
        name = one.path.name.encode("utf-8", "replace")
        if not any(name in text for text in texts):
            continue
        try:
            raw = one.read()
        except Unreadable as problem:
            notes.append(f"{called(one)} was left out: {problem}")
            continue
        size += len(raw)
        if len(found) == COUNT_CAP or size > SIZE_CAP:
            notes.append(f"{called(one)} was left out: {COUNT_CAP} data files are read, of 1 MiB in all")
            break
        found[one.path.as_posix()] = raw
    return found
