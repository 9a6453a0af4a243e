"""The packages of the page that are not Python's: named and pinned in a lock, fetched by the user's own npm, kept."""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader.errors import UsageError

FILES = Path(__file__).with_name("web_files")
LOCK = FILES / "packages.lock"
PYODIDE = "pyodide"


class Package(msgspec.Struct, frozen=True):
    """A package as npm knows it, and the digest of its file (`sha512-` and base64, as npm writes it)."""

    name: str
    version: str
    digest: str

    @property
    def file(self) -> str:
        """Return what `npm pack` calls its file.

        >>> Package("@lezer/common", "1.5.5", "sha512-…").file
        'lezer-common-1.5.5.tgz'
        """
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"

    def is_in(self, raw: bytes) -> bool:
        """Say whether bytes are this package's."""
        return self.digest == f"sha512-{base64.b64encode(hashlib.sha512(raw).digest()).decode()}"


def pinned() -> tuple[Package, ...]:
    """Return all packages of the lock."""
    return tuple(Package(*line.split()) for line in LOCK.read_text("utf-8").splitlines())


def unpacked(pyodide: Path | None, cache: Path) -> dict[str, dict[str, bytes]]:
    """Return each package's files by its name. `pyodide` is its file, with the other packages' files beside it.

    Without it they are those of an earlier time, or npm fetches them. Raises UsageError with what to run.
    """
    wanted, folder = pinned(), pyodide.parent if pyodide else cache
    paths = {one: pyodide if pyodide and one.name == PYODIDE else folder / one.file for one in wanted}
    if pyodide is None and not all(one.is_in(_read(path)) for one, path in paths.items()):
        _pack(wanted, cache)
    found = {one: _read(path) for one, path in paths.items()}
    others = [one for one, raw in found.items() if raw and not one.is_in(raw)]
    if others:
        raise UsageError(
            f"{paths[others[0]]}: this is not {others[0].file} as pinned here; delete it, then: {_command(others)}"
        )
    lacking = [one for one, raw in found.items() if not raw]
    if lacking:
        raise UsageError(
            f"{folder}: lacks {', '.join(one.file for one in lacking)}; in that folder: {_command(lacking)}"
        )
    return {one.name: _files(raw) for one, raw in found.items()}


def _command(packages: Sequence[Package]) -> str:
    return " ".join(["npm pack", *(f"{one.name}@{one.version}" for one in packages)])


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _pack(packages: Sequence[Package], cache: Path) -> None:
    """Have npm put the packages' files in a folder. Raises UsageError."""
    npm = shutil.which("npm")
    if npm is None:
        raise UsageError(
            "the page needs Pyodide and an editor, which npm brings, and npm is not installed here; on a machine that "
            f"has it, in a folder of its own: {_command(packages)}\nthen name Pyodide's file there: --pyodide FILE"
        )
    names = [f"{one.name}@{one.version}" for one in packages]
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".fetching-") as draft:
            done = subprocess.run(
                [npm, "pack", "--silent", *names], cwd=draft, capture_output=True, text=True, check=False
            )
            for path in Path(draft).glob("*.tgz"):
                path.replace(cache / path.name)
    except OSError as error:
        raise UsageError(f"{cache}: packages cannot be kept there: {error.strerror}; name a --cache") from None
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["npm said nothing"]
        raise UsageError(
            f"npm could not fetch the packages of the page: {said[0]}\nThis takes the network, once: what is fetched "
            f"is kept in {cache}, which may be copied to a machine without a network."
        )


def _files(raw: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:gz") as archive:
        held = {one.name.partition("/")[2]: archive.extractfile(one) for one in archive.getmembers() if one.isfile()}
        return {name: file.read() for name, file in held.items() if file is not None}
