"""Notice that a file of an assignment was saved: its config, its exercises, its dialects, its reference.

What is saved is told by what is in the files. So nothing is missed that was saved while nobody looked, an editor may
put another file in a file's place, and a file that was touched and is as it was is none that was saved.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Iterable
from pathlib import Path

from grader.errors import UsageError
from grader.grading import accepted, config
from grader.grading.config import ConfigForm
from grader.selfcheck.rounds import hold_watchfiles

Stamp = dict[Path, bytes]
"""What is in each file; a file that is not there is not in it."""

LOOK = 1.0
"""Seconds after which files are looked at though nobody told of a change, as where a network's disk tells of none."""

BACK = 0.3
"""Seconds in which a file that is gone may come back: editors take one away to put another in its place."""


def files_of(path: Path, form: ConfigForm) -> set[Path]:
    """Return the files that an assignment is made of, by its config as written."""
    root = path.resolve().parent
    found = {path.resolve(), *(root / name for name in accepted.files(form.through))}
    for entry in form.exercises:
        found |= _found(root / entry, "*.yaml") if (root / entry).is_dir() else {root / entry}
    reference = _found(root / form.layout.reference, "**/*")
    found |= {one for one in reference if one.suffix in (".py", ".yaml") and "__pycache__" not in one.parts}
    return found | {root / name for name in (form.secret, form.course.roster) if name}


def _found(folder: Path, pattern: str) -> set[Path]:
    """Return what is in a folder; nothing where it vanishes meanwhile: the next look finds what is there then."""
    try:
        return {*folder.glob(pattern)}
    except FileNotFoundError:
        return set()


def stamp(paths: Iterable[Path]) -> Stamp:
    """Return what is in the files that are there."""
    found = {}
    for path in paths:
        try:
            found[path] = path.read_bytes()
        except OSError:  # it vanished, or is no file yet
            continue
    return found


class Saves:
    """Watches an assignment's files in a thread of its own. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        """Watch the assignment of a config. Raises UsageError where the package for it is missing."""
        hold_watchfiles()
        self._path = path
        self._files: set[Path] = set()
        self._form: tuple[bytes, ConfigForm] | None = None
        self._stamp: Stamp = {}
        self._told = threading.Event()
        self._folders: frozenset[Path] = frozenset()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._failed = ""

    def __enter__(self) -> Saves:
        self.seen()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def seen(self) -> None:
        """Take the files as they are now for what is known of them."""
        self._look_for_files()
        self._stamp = stamp(self._files)

    def pending(self) -> bool:
        """Say whether anything is in the files that is not known."""
        if not self._told.is_set():
            return False
        self._told.clear()
        changed = self._differs()
        if changed:
            self._told.set()
        return changed

    def wait(self) -> None:
        """Return when something was saved that is not known. Raises UsageError where files cannot be watched."""
        while not self._differs():
            self._told.wait(LOOK)
            self._told.clear()
            if self._failed:
                raise UsageError(f"files cannot be watched here: {self._failed}; run the command again after a change")
        if not {*self._stamp} <= {*stamp(self._files)}:
            self._told.wait(BACK)

    def _differs(self) -> bool:
        self._look_for_files()
        return stamp(self._files) != self._stamp

    def _look_for_files(self) -> None:
        """Find out which files there are, and watch the folders that they are in."""
        form = self._read()
        self._files = {self._path.resolve()} if form is None else files_of(self._path, form)
        self._watch(frozenset(_standing(one.parent) for one in self._files))

    def _read(self) -> ConfigForm | None:
        """Return the config as written: the last one that could be read, None before there is one."""
        raw = stamp([self._path]).get(self._path, b"")
        if self._form is None or raw != self._form[0]:
            with contextlib.suppress(UsageError):
                self._form = raw, config.form(self._path)
        return self._form[1] if self._form else None

    def _watch(self, folders: frozenset[Path]) -> None:
        if folders == self._folders and self._thread is not None and self._thread.is_alive():
            return
        self._end()
        self._folders, self._stop = folders, threading.Event()
        self._thread = threading.Thread(target=self._listen, args=(folders, self._stop), daemon=True)
        self._thread.start()

    def _end(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _listen(self, folders: Collection[Path], stop: threading.Event) -> None:
        """Tell of every change in some folders, and once a while of none. This runs in the thread."""
        import watchfiles

        try:
            for _ in watchfiles.watch(*folders, recursive=False, stop_event=stop, raise_interrupt=False):
                self._told.set()
        except FileNotFoundError:  # a folder went between two looks: the next one finds where to watch
            self._told.set()
        except Exception as error:
            self._failed = f"{type(error).__name__}: {error}"
            self._told.set()


def _standing(folder: Path) -> Path:
    """Return a folder, or the nearest one above it that is there."""
    return next(one for one in (folder, *folder.parents) if one.is_dir())
