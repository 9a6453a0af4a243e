"""Tell a class from one student's work, where both are a folder or an archive alone.

A student's work holds the homework once, somewhere. A class holds it again and again, or one archive beside the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from grader.errors import UsageError
from grader.submissions import choices
from grader.submissions.entries import UNLIKELY, Unreadable, is_archive, is_code, real_name
from grader.submissions.homes import Layout
from grader.submissions.listings import Listing
from grader.submissions.told_apart import told_apart

SURE, SURE_OF_FILES = 3, 5
"""So many folders or archives with homework are a class for sure; of files alone it takes more: they may be helpers."""

NOT_A_STUDENTS = ("setup", "conftest", "__init__")


class Inside(msgspec.Struct, frozen=True):
    """What a folder or an archive holds: how many submissions if it is a class, and whether it is one.

    `homes` are the folders and archives that may each be somebody's, as far as they were counted.
    """

    count: int
    homes: int
    verdict: Literal["class", "perhaps a class", "one student's"]


def inside(listing: Listing, layout: Layout) -> Inside:
    """Say what lies in a folder or an archive that lies alone. Raises OSError."""
    names = told_apart(listing).names
    if layout.package in names or any(_is_a_module(name, layout) for name in names if not listing.top[name]):
        return Inside(1, 1, "one student's")
    folders = [name for name in names if listing.top[name] and name not in UNLIKELY]
    packed = sum(not listing.top[name] and is_archive(name) for name in names)
    files = sum(not listing.top[name] and is_code(name) and _stem(name) not in NOT_A_STUDENTS for name in names)
    homes = packed + _with_homework(listing, folders, layout, SURE - packed)
    count = len(folders) + packed + files
    if homes >= SURE or (files >= SURE_OF_FILES and len(folders) == homes - packed):
        return Inside(count, homes, "class")
    several = homes > 1 or (files > 1 and not folders)
    return Inside(count, homes, "perhaps a class" if several else "one student's")


def _with_homework(listing: Listing, folders: Iterable[str], layout: Layout, most: int) -> int:
    """Count the folders with homework in them, up to `most`."""
    found = 0
    for name in folders:
        if found >= most:
            break
        try:
            entries = listing.entries(name)
        except (Unreadable, UsageError):
            continue
        found += any(_is_a_module(one.path.name, layout) or is_archive(one.path.name) for one in entries)
    return found


def _is_a_module(name: str, layout: Layout) -> bool:
    if not is_code(name):
        return False
    folded = _stem(name).casefold()
    return not {folded, choices.copied(folded)}.isdisjoint(one.rpartition(".")[2].casefold() for one in layout.targets)


def _stem(name: str) -> str:
    return real_name(name).rpartition(".")[0]
