"""`submission_metadata.yml` of a Gradescope export: who handed in which submission, and when.

Its keys are Ruby symbols (`:submitters:`), its scalars are read as text (an SID of `0755` is no number), and what it
says of results, which may be megabytes, is passed over event by event and never built.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import yaml

from grader.errors import UsageError
from grader.submissions.people import Person

Events = Iterator[yaml.Event]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Submitted(msgspec.Struct, frozen=True):
    """One entry: Gradescope's number, who handed it in, the moment as it says it, and how many came before."""

    number: str
    people: tuple[Person, ...] = ()
    at: str = ""
    earlier: int = 0


def read(raw: bytes, shown: str) -> dict[str, Submitted]:
    """Return every entry by its key (`submission_123`). Raises UsageError where the file is not Gradescope's."""
    try:
        events = yaml.parse(raw, Loader=_LOADER)
        for _ in range(2):  # the stream and the document
            next(events)
        found = _mapping(events, next(events), lambda key, event: _submitted(key, events, event))
    except (yaml.YAMLError, StopIteration, UnicodeDecodeError, RecursionError) as error:
        said = " ".join(str(error).split())[:120]
        raise UsageError(f"{shown}: cannot be read ({said}); download the submissions again") from None
    found = {key: one for key, one in found.items() if key.startswith("submission_")}
    if not found:
        raise UsageError(f"{shown}: names no submissions; download them again")
    return found


def _submitted(key: str, events: Events, event: yaml.Event) -> Submitted:
    def value(name: str, event: yaml.Event) -> Any:
        if name == ":submitters":
            return _sequence(events, event, lambda one: _person(events, one))
        if name == ":history":
            return _sequence(events, event, lambda one: _skip(events, one))
        return _text(events, event)

    found = _mapping(events, event, value)
    return Submitted(
        key.removeprefix("submission_"),
        tuple(found.get(":submitters") or ()),
        found.get(":created_at") or "",
        len(found.get(":history") or ()),
    )


def _person(events: Events, event: yaml.Event) -> Person:
    found = _mapping(events, event, lambda _, value: _text(events, value))
    return Person(*(found.get(key) or "" for key in (":name", ":sid", ":email")))


def _mapping(events: Events, event: yaml.Event, value: Callable[[str, yaml.Event], Any]) -> dict[str, Any]:
    """Return a mapping's values, each made by `value`; nothing where there is no mapping."""
    if not isinstance(event, yaml.MappingStartEvent):
        _skip(events, event)
        return {}
    found = {}
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        name = _text(events, key)
        found[name] = value(name, next(events))
    return found


def _sequence(events: Events, event: yaml.Event, value: Callable[[yaml.Event], Any]) -> list[Any]:
    if not isinstance(event, yaml.SequenceStartEvent):
        _skip(events, event)
        return []
    found = []
    while not isinstance(one := next(events), yaml.SequenceEndEvent):
        found.append(value(one))
    return found


def _text(events: Events, event: yaml.Event) -> str:
    """Return a scalar as it is written, and nothing for all else, a null among it."""
    if isinstance(event, yaml.ScalarEvent):
        null = not event.style and event.value in ("", "~", "null")
        return "" if null else event.value
    _skip(events, event)
    return ""


def _skip(events: Events, event: yaml.Event) -> None:
    depth = 0
    while True:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth == 0:
            return
        event = next(events)
