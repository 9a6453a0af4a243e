"""Results on disk: one JSON file a submission, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from grader.errors import UsageError
from grader.model import ExerciseResult, Result
from grader.reports import unfinished
from grader.reports.fractions import from_text, to_text
from grader.reports.remembered import remembered

LEFT = "left"
"""The folder, in a report folder, for results of who is no longer handed in."""


def encode(result: Result) -> bytes:
    """Return a result as JSON: stable, indented, points as exact fractions in text ("3/2")."""
    exercises: Any = tuple(map(_exercise, result.exercises))
    plain = msgspec.json.encode(msgspec.structs.replace(result, exercises=exercises), enc_hook=to_text)
    return msgspec.json.format(plain, indent=1) + b"\n"


@remembered(500)
def _exercise(result: ExerciseResult) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(result, enc_hook=to_text))


def decode(raw: bytes) -> Result:
    """Read a result back, one of an earlier version as well. Raises msgspec.MsgspecError where it is not one."""
    try:
        return msgspec.json.decode(raw, type=Result, dec_hook=from_text)
    except msgspec.ValidationError:
        return msgspec.convert(_with_records(msgspec.json.decode(raw)), type=Result, dec_hook=from_text)


def _with_records(part: Any) -> Any:
    """Return a plain result with the names of mistakes as records: version 0.2 and before wrote them as bare text."""
    if isinstance(part, list):
        return [_with_records(one) for one in part]
    if not isinstance(part, dict):
        return part
    names: Any = part.get("diagnosis")
    plain = {key: _with_records(value) for key, value in part.items()}
    return {**plain, "diagnosis": [{"name": one} for one in names]} if _are_texts(names) else plain


def _are_texts(names: Any) -> bool:
    return isinstance(names, list) and bool(names) and all(isinstance(one, str) for one in names)


def path_of(folder: Path, submission: str) -> Path:
    """Return where a submission's result lies."""
    return Path(f"{folder}/results/{submission}.json")  # once for every result, and joining takes twice as long


def read(path: Path) -> Result | None:
    """Return a stored result, or None where there is no whole one."""
    try:
        return decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, ValueError):
        return None


def all_names(folder: Path) -> list[str]:
    """Return the submissions that have a result under `folder`, in order, whichever run it is of."""
    return sorted(path.stem for path in (folder / "results").glob("*.json") if not path.name.startswith("."))


def names(folder: Path) -> list[str]:
    """Return the submissions that have a result under `folder`, in order.

    Of a run that did not come to its end, only what is done: the rest is of an earlier one.
    """
    found, open_run = all_names(folder), unfinished.read(folder)
    return found if open_run is None else [name for name in found if name in open_run.done]


def each(folder: Path) -> Iterator[Result]:
    """Yield every result under `folder`, in the order of the names. Raises UsageError for what is not a whole one."""
    for name in names(folder):
        result = _whole(_raw(path_of(folder, name)), folder, name)
        if result is not None:
            yield result


def any_in(folder: Path) -> bool:
    """Say whether there is any result under `folder`."""
    return next((folder / "results").glob("*.json"), None) is not None


def pairs(old: Path, new: Path) -> Iterator[tuple[Result | None, Result | None]]:
    """Yield the results of everyone in either folder, one student's at a time: (old, new), None where there is none.

    Of a grading that did not come to its end only what is done is compared: who is not done yet is in no pair.
    Raises UsageError for a file that is not a whole result.
    """
    done = [{*names(folder)} for folder in (old, new)]
    open_runs = [there for folder, there in zip((old, new), done) if unfinished.read(folder) is not None]
    for name in sorted(set.union(*done)):
        if any(name not in there for there in open_runs):
            continue
        raw = [_raw(path_of(folder, name)) if name in there else None for folder, there in zip((old, new), done)]
        first = _whole(raw[0], old, name)
        yield first, first if raw[0] == raw[1] else _whole(raw[1], new, name)


def _raw(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _whole(raw: bytes | None, folder: Path, name: str) -> Result | None:
    try:
        return None if raw is None else decode(raw)
    except (msgspec.MsgspecError, ValueError):
        raise UsageError(f"{folder}: the result of {name!r} is not a whole one; grade again with --fresh") from None
