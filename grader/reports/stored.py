"""Results on disk: one JSON file a submission, written whole or not at all."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from grader.model import Result


def encode(result: Result) -> bytes:
    """Return a result as JSON: stable, indented, points as exact fractions in text ("3/2")."""
    plain = msgspec.json.encode(result, enc_hook=_out)
    return msgspec.json.format(plain, indent=1) + b"\n"


def decode(raw: bytes) -> Result:
    """Read a result back. Raises msgspec.MsgspecError where it is not one."""
    return msgspec.json.decode(raw, type=Result, dec_hook=_in)


def path_of(folder: Path, submission: str) -> Path:
    """Return where a submission's result lies."""
    return folder / "results" / f"{submission}.json"


def read(path: Path) -> Result | None:
    """Return a stored result, or None where there is no whole one."""
    try:
        return decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, ValueError):
        return None


def write(path: Path, content: bytes) -> None:
    """Put a file in place in one step: a reader never sees half of it, nor does a run after one that was killed.

    It is not forced to the disk: what a power cut takes away is graded again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _out(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError(type(value))


def _in(kind: type, value: Any) -> Any:
    if kind is Fraction and isinstance(value, str):
        return Fraction(value)
    raise ValueError(f"not a {kind.__name__}: {value!r}")
