"""The marks in what students are given: the files under a report folder that say something else are written anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.batch import pages
from grader.course.standings import Standing
from grader.course.told import told
from grader.reports import files, marked


def renew(out: Path, names: Iterable[str], standings: Sequence[Standing], titles: Mapping[str, str]) -> int:
    """Have the feedback and page of each submission say what the marks say. Return how many files changed.

    A submission that counts for nobody is told no mark. Raises OSError where a file cannot be written.
    """
    members: dict[str, list[Standing]] = {}
    for one in standings:
        members.setdefault(one.submission, []).append(one)
    changed = 0
    for name in names:
        for path, put in (
            (out / "feedback" / f"{name}.md", marked.in_markdown),
            (pages.path_of(out, name), marked.in_page),
        ):
            try:
                text = path.read_bytes().decode("utf-8", "surrogateescape")
            except FileNotFoundError:
                continue
            now = put(text, told(members.get(name, ()), marked.is_partial(text), titles))
            if now != text:
                files.write(path, now.encode("utf-8", "surrogateescape"))
                changed += 1
    return changed
