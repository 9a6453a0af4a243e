"""Find and read submissions: folders, files, notebooks and archives, some of them in each other, with junk beside them.

`archives` list the files, `homes` finds the homework among them, `choices` which file is which module, `helpers` the
student's own modules beside it, and `sources` reads one. Nothing of a student's is ever unpacked to disk or imported
(a class's tar is kept in a file without a name); what is read is bounded. A submission that cannot be read is still a
submission: it carries its problem, and the rest of the class is graded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.submissions.archives import with_nested_archive, zip_entries
    from grader.submissions.entries import FILES_CAP, SOURCE_CAP, Entry, Unreadable, clean_id, clean_path
    from grader.submissions.handed_in import HandedIn, find, read
    from grader.submissions.homes import Layout, submission
    from grader.submissions.papers import ANSWERS_CAP, Answers, answers

__all__ = [
    "ANSWERS_CAP",
    "FILES_CAP",
    "SOURCE_CAP",
    "Answers",
    "Entry",
    "HandedIn",
    "Layout",
    "Unreadable",
    "answers",
    "clean_id",
    "clean_path",
    "find",
    "read",
    "submission",
    "with_nested_archive",
    "zip_entries",
]

HOMES = {
    **dict.fromkeys(("with_nested_archive", "zip_entries"), "archives"),
    **dict.fromkeys(("FILES_CAP", "SOURCE_CAP", "Entry", "Unreadable", "clean_id", "clean_path"), "entries"),
    **dict.fromkeys(("HandedIn", "find", "read"), "handed_in"),
    **dict.fromkeys(("Layout", "submission"), "homes"),
    **dict.fromkeys(("ANSWERS_CAP", "Answers", "answers"), "papers"),
}
"""Name -> the module it is in. What reads a class's archives takes long to import, and a self-check has no class."""


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(name)
    import importlib

    found = getattr(importlib.import_module(f"grader.submissions.{HOMES[name]}"), name)
    globals()[name] = found
    return found
