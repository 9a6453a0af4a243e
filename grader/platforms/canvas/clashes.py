"""Files of one person that Canvas gave a marker, or that they numbered themselves: which count, and under which name.

Canvas puts `-1` behind a name that is taken, and a student may call their parts part-1.py and part-2.py. A marker is
removed where that makes no two files alike. Where it does, they are one file that was handed in again if their common
name is the homework's, if a file without a marker has it, or if the markers are such as only Canvas makes: the latest
counts. All others keep the names that they have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import msgspec

from grader.platforms.canvas.names import NUMBERED_BY_HAND, Name
from grader.submissions import choices
from grader.submissions.entries import Entry, clean_name, is_archive, is_code, is_on_paper, real_name


class Settled(msgspec.Struct, frozen=True):
    """The places of the files that count, by name, and what to tell of those that do not."""

    kept: dict[str, str]
    notes: tuple[str, ...]


def settled(files: Sequence[tuple[Name, str]], modules: Sequence[str]) -> Settled:
    """Settle what one person's files are called, of (what a file's name says, its place)."""
    alike: dict[str, list[tuple[Name, str]]] = {}
    for name, place in sorted(files, key=lambda one: one[0].attachment):
        alike.setdefault(name.file, []).append((name, place))
    kept: dict[str, str] = {}
    notes: list[str] = []
    taken = {name.given for name, _ in files}
    for file, found in alike.items():
        alone = len(found) == 1 and (file not in taken or file == found[0][0].given)
        again = alone or _is_one_file(file, [name.given for name, _ in found], modules)
        counting = {file if again else name.given: (name, place) for name, place in found}
        kept.update({called: place for called, (_, place) in counting.items()})
        notes += _left_out(found, [place for _, place in counting.values()])
    return Settled(kept, tuple(notes))


def _is_one_file(file: str, given: Sequence[str], modules: Sequence[str]) -> bool:
    """Say whether files that are called alike without their markers are one that was handed in again."""
    if is_on_paper(file) or choices.candidate(Entry(PurePosixPath(real_name(file)), bytes), modules):
        return True
    numbered = [one for one in given if NUMBERED_BY_HAND.search(one)]
    return not numbered or (file in given and (is_code(file) or is_archive(file)))


def _left_out(found: Sequence[tuple[Name, str]], counting: Sequence[str]) -> Iterator[str]:
    for name, place in found:
        if place not in counting:
            yield f"{clean_name(name.given)} was handed in earlier and was not read"
