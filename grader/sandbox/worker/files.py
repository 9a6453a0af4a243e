"""A pretend file system in a worker's memory: what was handed in can be read, and what is written vanishes.

Theory of operation. The box has no files. A self-check must not touch a student's own files. Both pretend the same.
`Files.install` puts functions of ours in place of `open` and of what `os` knows of files; `io`, `pathlib`, `logging`
and the rest of the library call those. Nothing here asks the system for anything: a file is bytes in a dictionary, and
counts as memory. Paths that were not handed in or written raise FileNotFoundError.

It contains nothing: code that calls the system directly meets the sandbox. `real` lets a path through to the
real functions for reading, where an installed package reads its own data at a desk.
"""

from __future__ import annotations

import builtins
import errno
import genericpath
import io
import os
import posixpath
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any

FOLDER_MODE, FILE_MODE = stat.S_IFDIR | 0o755, stat.S_IFREG | 0o644

NAMES = (
    *("open", "stat", "lstat", "access", "listdir", "scandir", "mkdir", "rmdir", "remove", "unlink", "rename"),
    *("replace", "chdir", "getcwd", "chmod", "utime"),
)
"""What of `os` is pretended. `os.makedirs`, `os.walk` and `os.path` are written with these."""


class Files:
    """Files in memory: path -> bytes. `handed` gives what was handed in, read once and only when it is needed."""

    def __init__(self, handed: Callable[[], Mapping[str, bytes]], real: tuple[str, ...] = ()) -> None:
        self._handed, self._real = handed, real
        self._files: dict[str, bytearray] | None = None
        self._folders: set[str] = {"/"}
        self._here = "/"
        self._before: dict[tuple[Any, str], Any] = {}
        self.written = False
        """Whether anything was written."""

    def install(self) -> None:
        """Take the place of the functions that open, list and change files."""
        self._replace(builtins, "open", self.open)
        self._replace(io, "open", self.open)
        for name in NAMES:
            own = self._descriptor if name == "open" else getattr(self, name)
            self._replace(os, name, self._or_real(name, own))
        if sys.platform == "win32":  # there they ask the system themselves
            for name in ("exists", "isfile", "isdir"):
                self._replace(os.path, name, getattr(genericpath, name))
        if "tokenize" in sys.modules:  # it reads source for tracebacks, by an `open` that it bound before
            self._replace(sys.modules["tokenize"], "_builtin_open", self.open)
        bound = getattr(sys.modules.get("numpy.lib._datasource"), "_file_openers", None)
        if bound is not None:  # `numpy.loadtxt` and `savetxt` ask a table of theirs
            bound._file_openers[None] = self.open
        accessor = getattr(sys.modules.get("pathlib"), "_NormalAccessor", None)  # Python 3.10 binds them once
        for name in (*NAMES, "open"):
            if accessor is not None and hasattr(accessor, name):
                self._replace(accessor, name, staticmethod(self.open if name == "open" else getattr(os, name)))

    def uninstall(self) -> None:
        """Give the places back."""
        for (owner, name), value in self._before.items():
            setattr(owner, name, value)
        self._before.clear()

    def _replace(self, owner: Any, name: str, value: Any) -> None:
        self._before.setdefault((owner, name), getattr(owner, name))
        setattr(owner, name, value)

    def _or_real(self, name: str, own: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that asks the real one about what is really there to be read."""
        real = getattr(os, name)
        if not self._real:
            return own

        def either(path: Any = ".", *args: Any, **named: Any) -> Any:
            return (real if self._is_real(path) else own)(path, *args, **named)

        return own if name == "getcwd" else either

    def _is_real(self, path: Any) -> bool:
        if isinstance(path, int):
            return True
        shown = os.fsdecode(path)
        return (shown.startswith("/") or shown[1:2] == ":") and shown.startswith(self._real)

    # what `open` is

    def open(
        self,
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        """Open a file of the pretended ones, as the built-in `open` does."""
        if isinstance(file, int):
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        if self._real and self._is_real(file) and not set(mode) & set("wax+"):
            real = self._before[(builtins, "open")]
            return real(file, mode, buffering, encoding, errors, newline, closefd, opener)
        kinds, text = set(mode) & set("rwax"), "b" not in mode
        if len(kinds) != 1 or set(mode) - set("rwaxbt+") or ("b" in mode and "t" in mode):
            raise ValueError(f"invalid mode: {mode!r}")
        if not text and (encoding or errors or newline):
            raise ValueError("binary mode doesn't take an encoding, errors or newline argument")
        raw = self._raw(file, kinds.pop(), "+" in mode)
        if not text and buffering == 0:
            return raw
        buffered: Any = io.BufferedRandom(raw) if "+" in mode else None
        buffered = buffered or (io.BufferedWriter(raw) if raw.writable() else io.BufferedReader(raw))
        if not text:
            return buffered
        wrapped: Any = io.TextIOWrapper(buffered, encoding or "utf-8", errors, newline, buffering == 1)
        wrapped.mode = mode
        return wrapped

    def _raw(self, file: Any, kind: str, both: bool) -> _Raw:
        path = self._found(file) if kind == "r" else self._path(file)
        files = self._all()
        if path in self._folders:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), file)
        if kind == "r":
            if path not in files:
                raise _no_such(file)
        else:
            if posixpath.dirname(path) not in self._folders:
                raise _no_such(file)
            if kind == "x" and path in files:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), file)
            if kind in "wx" or path not in files:
                files[path] = bytearray()
        self.written |= kind != "r" or both
        return _Raw(os.fspath(file), files[path], kind == "r" or both, kind != "r" or both, kind == "a")

    # what `os` knows

    def stat(self, path: Any, **_: Any) -> os.stat_result:
        """Return what is known of a pretended file or folder."""
        found = self._found(path)
        if found in self._folders:
            return _status(found, FOLDER_MODE, 0)
        if found in self._all():
            return _status(found, FILE_MODE, len(self._all()[found]))
        raise _no_such(path)

    def lstat(self, path: Any, **_: Any) -> os.stat_result:
        """Return the same: there are no links."""
        return self.stat(path)

    def access(self, path: Any, *_: Any, **__: Any) -> bool:
        """Say whether it is there."""
        found = self._found(path)
        return found in self._folders or found in self._all()

    def listdir(self, path: Any = ".") -> list[str]:
        """Return the names in a folder."""
        folder = self._found(path)
        if folder not in self._folders:
            if folder in self._all():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
            raise _no_such(path)
        start = folder.rstrip("/") + "/"
        inside = {
            one[len(start) :].partition("/")[0] for one in (*self._all(), *self._folders) if one.startswith(start)
        }
        return sorted(inside - {""})

    def scandir(self, path: Any = ".") -> _Listing:
        """Return the entries of a folder."""
        return _Listing(self, os.fspath(path), self.listdir(path))

    def mkdir(self, path: Any, *_: Any, **__: Any) -> None:
        """Make a folder."""
        made = self._path(path)
        if made in self._folders or made in self._all():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        if posixpath.dirname(made) not in self._folders:
            raise _no_such(path)
        self.written = True
        self._folders.add(made)

    def rmdir(self, path: Any, **_: Any) -> None:
        """Remove an empty folder."""
        if self.listdir(path):
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), path)
        self._folders.discard(self._found(path))

    def remove(self, path: Any, **_: Any) -> None:
        """Remove a file."""
        if self._all().pop(self._found(path), None) is None:
            raise _no_such(path)

    unlink = remove

    def rename(self, src: Any, dst: Any, **_: Any) -> None:
        """Move a file."""
        found = self._found(src)
        if found not in self._all():
            raise _no_such(src)
        self._all()[self._path(dst)] = self._all().pop(found)

    replace = rename

    def chdir(self, path: Any) -> None:
        """Go to a folder."""
        folder = self._found(path)
        if folder not in self._folders:
            raise _no_such(path)
        self._here = folder

    def getcwd(self) -> str:
        """Return the folder that relative paths start from."""
        self._all()
        return self._here

    def chmod(self, path: Any, *_: Any, **__: Any) -> None:
        """Do nothing to a file that is there."""
        self.stat(path)

    def utime(self, path: Any, *_: Any, **__: Any) -> None:
        """Do nothing to a file that is there."""
        self.stat(path)

    def _descriptor(self, path: Any, *_: Any, **__: Any) -> int:
        """Refuse to open a file by number: there are no descriptors."""
        raise _no_such(path)

    # where things are

    def _all(self) -> dict[str, bytearray]:
        """Return the files, those handed in among them."""
        if self._files is None:
            self._files = {}
            for path, source in self._handed().items():
                self._files[self._add(path)] = bytearray(source)
        return self._files

    def _add(self, path: str) -> str:
        """Return a handed-in file's full path, its folders made. Relative paths start beside the last one."""
        full = posixpath.normpath(f"/{path}")
        folder = self._here = posixpath.dirname(full)
        while folder not in self._folders:
            self._folders.add(folder)
            folder = posixpath.dirname(folder)
        return full

    def _path(self, path: Any) -> str:
        self._all()
        shown = _slashed(path)
        if "\0" in shown:
            raise ValueError("embedded null byte")
        if not shown:
            raise _no_such(path)
        return posixpath.normpath(posixpath.join(self._here, shown)).replace("//", "/")

    def _found(self, path: Any) -> str:
        """Return the full path of what is there: in the current folder, or further up in what was handed in."""
        if isinstance(path, int):
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        full, shown = self._path(path), _slashed(path)
        above = self._here
        while full not in self._all() and full not in self._folders and above != "/" and not shown.startswith("/"):
            above = posixpath.dirname(above)
            other = posixpath.normpath(posixpath.join(above, shown))
            if other in self._all() or other in self._folders:
                return other
        return full


class _Raw(io.RawIOBase):
    """The bytes of a pretended file."""

    def __init__(self, name: Any, data: bytearray, readable: bool, writable: bool, append: bool) -> None:
        self.name, self._data, self._at = name, data, 0
        self._readable, self._writable, self._append = readable, writable, append
        self.mode = "rb+" if readable and writable else "rb" if readable else "ab" if append else "wb"

    def readable(self) -> bool:
        return self._readable

    def writable(self) -> bool:
        return self._writable

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._data[self._at : self._at + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def write(self, data: Any) -> int:
        part = bytes(data)
        at = len(self._data) if self._append else self._at
        if at > len(self._data):
            self._data.extend(bytes(at - len(self._data)))
        self._data[at : at + len(part)] = part
        self._at = at + len(part)
        return len(part)

    def seek(self, offset: int, whence: int = 0) -> int:
        start = (0, self._at, len(self._data))[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._at = start + offset
        return self._at

    def truncate(self, size: int | None = None) -> int:
        size = self._at if size is None else size
        del self._data[size:]
        self._data.extend(bytes(size - len(self._data)))
        return size


class _Listing:
    """What `os.scandir` returns."""

    def __init__(self, files: Files, folder: str, names: list[str]) -> None:
        self._entries = iter([_Listed(files, name, posixpath.join(folder, name)) for name in names])

    def __iter__(self) -> Iterator[_Listed]:
        return self._entries

    def __next__(self) -> _Listed:
        return next(self._entries)

    def __enter__(self) -> _Listing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give no more."""
        self._entries = iter(())


class _Listed:
    """What stands for an `os.DirEntry`."""

    def __init__(self, files: Files, name: str, path: str) -> None:
        self._files, self.name, self.path = files, name, path

    def __fspath__(self) -> str:
        return self.path

    def stat(self, **_: Any) -> os.stat_result:
        """Return what is known of it."""
        return self._files.stat(self.path)

    def is_dir(self, **_: Any) -> bool:
        """Say whether it is a folder."""
        return stat.S_ISDIR(self.stat().st_mode)

    def is_file(self, **_: Any) -> bool:
        """Say whether it is a file."""
        return not self.is_dir()

    def is_symlink(self) -> bool:
        """Say no: there are no links."""
        return False

    def inode(self) -> int:
        """Return a number of its own."""
        return self.stat().st_ino


def _slashed(path: Any) -> str:
    shown = os.fsdecode(os.fspath(path))
    return shown.replace("\\", "/") if os.sep == "\\" else shown


def _status(path: str, mode: int, size: int) -> os.stat_result:
    number = sum(byte << 8 * (i % 7) for i, byte in enumerate(path.encode("utf-8", "replace")))
    return os.stat_result((mode, number, 1, 1, 0, 0, size, 0, 0, 0))


def _no_such(path: Any) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
