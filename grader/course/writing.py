"""One more decision written into the text of overrides.yaml: whatever stands there stays, comments and all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from grader.errors import UsageError

EMPTY = "format: 1\noverrides:\n"
"""What a file starts as that is not there yet."""


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """A decision as staff make it on the page: whom it is about, the points (as text, `3` or `1.5`), and a comment."""

    student: str = ""
    exercise: str = ""
    mistake: str = ""
    points: str = ""
    comment: str = ""
    bonus: bool = False


def added(text: str, decision: Decision) -> str:
    """Return the text with one more decision at the end of its list.

    Raises UsageError where the text has no list that one can be added to.

    >>> print(added("", Decision(student="0755", points="3")), end="")
    format: 1
    overrides:
      - student: "0755"
        points: 3
    """
    if "\r\n" in text:  # as Windows ends lines; what stands there stays as it is
        text += "" if text.endswith("\n") else "\r\n"
        return _with_returns(text, added(text.replace("\r\n", "\n"), decision))
    text = text if text.strip() else EMPTY
    text += "" if text.endswith("\n") else "\n"
    found = _list_in(text)
    if found is None:
        return text + "overrides:\n" + _entry(decision, 2)
    if isinstance(found, yaml.ScalarNode):  # `overrides:` and nothing behind it
        end = _line_after(text, found.end_mark.line)
        return text[:end] + _entry(decision, 2) + text[end:]
    if found.flow_style:
        return _in_brackets(text, found, decision)
    dash = found.start_mark.column
    end = _end_of(text, found.value[-1].end_mark)
    return text[:end] + _entry(decision, dash) + text[end:]


def lines_added(text: str, decision: Decision) -> range:
    """Return which lines of the text with one more decision are new, from 1; none where none can be added."""
    try:
        old, new = text.splitlines(), added(text, decision).splitlines()
    except UsageError:
        return range(0)
    first, last = _shared(old, new)
    return range(first + 1, len(new) - last + 1)


def _with_returns(before: str, after: str) -> str:
    """Return the text after, where lines of the text before end as they did, and new ones with a return.

    >>> _with_returns("a\\r\\nb\\n", "a\\nnew\\nb\\n")
    'a\\r\\nnew\\r\\nb\\n'
    """
    old, new = before.split("\n"), after.split("\n")
    first, last = _shared(old, new)
    made = [f"{one}\r" for one in new[first : len(new) - last]]
    return "\n".join([*old[:first], *made, *old[len(old) - last :]])


def _shared(old: list[str], new: list[str]) -> tuple[int, int]:
    """Return how many lines two texts share at their start, and behind those at their end."""
    first = _alike(old, new)
    return first, min(_alike(old[::-1], new[::-1]), len(old) - first, len(new) - first)


def _alike(old: list[str], new: list[str]) -> int:
    """Return how many lines from the start are the same, but for a return at their end."""
    pairs = enumerate(zip(old, new))
    return next((i for i, (a, b) in pairs if a.removesuffix("\r") != b), min(len(old), len(new)))


def _list_in(text: str) -> yaml.SequenceNode | yaml.ScalarNode | None:
    try:
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise UsageError(f"overrides.yaml is no YAML, so nothing can be added to it: {error}") from None
    for key, value in top.value if isinstance(top, yaml.MappingNode) else ():
        if key.value == "overrides":
            empty = isinstance(value, yaml.ScalarNode) and not value.value
            if not isinstance(value, yaml.SequenceNode) and not empty:
                break
            found: yaml.SequenceNode | yaml.ScalarNode = value
            return found
    else:
        if isinstance(top, yaml.MappingNode) and not top.flow_style:
            return None
    raise UsageError("overrides.yaml holds no list of overrides that a decision can be added to; mend it first")


def _in_brackets(text: str, found: yaml.SequenceNode, decision: Decision) -> str:
    """Add to a list in brackets; an empty one becomes a list with a line per entry."""
    start, end = found.start_mark.index, found.end_mark.index
    if not found.value:
        rest = text[end:].lstrip(" ")
        return f"{text[:start].rstrip(' ')}\n{_entry(decision, 2)}{rest.removeprefix(chr(10))}"
    last = found.value[-1].end_mark.index
    entry = ", ".join(f"{key}: {value}" for key, value in _said(decision))
    return f"{text[:last]}, {{{entry}}}{text[last:]}"


def _end_of(text: str, mark: Any) -> int:
    """Return where the line after an entry starts: the mark may stand behind comments and blank lines that follow."""
    lines = text[: mark.index].split("\n")
    if not lines[-1].strip():  # it ends where the next line starts, or further down
        lines.pop()
        while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
            lines.pop()
        return len("\n".join(lines)) + 1
    return _line_after(text, mark.line)


def _line_after(text: str, line: int) -> int:
    lines = text.split("\n")
    return len("\n".join(lines[: line + 1])) + 1


def _entry(decision: Decision, column: int) -> str:
    lines = [f"{key}: {value}" for key, value in _said(decision)]
    indent = " " * column
    return "".join(f"{indent}{'- ' if i == 0 else '  '}{line}\n" for i, line in enumerate(lines))


def _said(decision: Decision) -> Iterator[tuple[str, str]]:
    for key, value in msgspec.structs.asdict(decision).items():
        if value:
            yield key, "true" if value is True else value if key == "points" else _text(value)


def _text(value: str) -> str:
    """Return text as YAML that nothing in it can end, on one line."""
    written: str = yaml.safe_dump(value, default_style='"', allow_unicode=True, width=float("inf"))
    return written.strip()
