"""Files put in place in one step."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from grader.errors import UsageError


def write(path: Path, content: bytes, durable: bool = False) -> None:
    """Put a file in place in one step: a reader never sees half of it, nor does a run after one that was killed.

    `durable`: it is on the disk before it is in place, and readable by everyone whatever the umask. Without, what a
    power cut takes away is graded again.
    """
    write_all(path, (content,), durable)


def write_all(path: Path, chunks: Iterable[bytes], durable: bool = False) -> None:
    """Put a file in place as `write` does, from what comes piece by piece. An OSError names `path`.

    Raises UsageError for a pipe or a device: a file would take its place, and to write to it may wait for ever.
    """
    if _is_special(path):
        raise UsageError(f"{path}: it is a pipe or a device, and a file is needed")
    folder, name = os.path.split(path)
    draft = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        with _opened(folder, draft) as file:
            file.writelines(chunks)
            if durable:
                os.chmod(draft, 0o644)
                file.flush()
                os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        _remove(draft)
        error.filename = os.fspath(path)  # nobody knows the draft, and a full disk names none
        error.filename2 = None
        raise
    except BaseException:
        _remove(draft)
        raise


def _is_special(path: Path) -> bool:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _remove(draft: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(draft)


def _opened(folder: str, draft: str) -> BinaryIO:
    """Open a file to write, and make its folder the first time: to ask for it every time is most of a small write."""
    try:
        return open(draft, "wb")
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
        return open(draft, "wb")
