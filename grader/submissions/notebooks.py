"""A notebook's code, as one source file: its code cells, each under a line that says which it is.

Outputs, pictures and prose are left out. Magics and shell lines stay for now: telling them from Python takes a parser,
and a student's text is only ever parsed in the box (`sandbox.worker.notebooks`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.sandbox.worker.notebooks import MARKER
from grader.submissions.entries import SOURCE_CAP, Unreadable, clean_id, too_large


def joined(raw: bytes, shown: str) -> bytes:
    """Return the code of a notebook, format 3 or 4. Raises Unreadable, with the reason, where it is none."""
    name = clean_id(shown.rpartition("/")[2])
    try:
        import json  # where there is a notebook

        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise Unreadable(
            f"{name} is not a whole notebook (no valid JSON); save it again, or hand in a .py file"
        ) from None
    cells = list(_cells(found))
    if not cells:
        raise Unreadable(f"{name} is a notebook without a code cell")
    text = "\n".join(f"{MARKER}{number}\n{cell}" for number, cell in enumerate(cells, 1)) + "\n"
    source = text.encode("utf-8", "replace")
    return source if len(source) <= SOURCE_CAP else too_large(name)


def _cells(notebook: Any) -> Iterator[str]:
    sheets = notebook.get("worksheets") if isinstance(notebook, dict) else None
    homes = [notebook, *(sheets if isinstance(sheets, list) else ())]
    for home in homes:
        listed = home.get("cells") if isinstance(home, dict) else None
        for cell in listed if isinstance(listed, list) else ():
            if isinstance(cell, dict) and cell.get("cell_type") == "code":
                yield _text(cell.get("source", cell.get("input", "")))


def _text(source: Any) -> str:
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str)).rstrip("\n")
