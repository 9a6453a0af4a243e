"""The pinned wheels of another Python, fetched once by pip and kept by their digests."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from grader.bundle.requirements import Pinned, Target, normal
from grader.errors import UsageError


def kept_in() -> Path:
    """Return where wheels are kept between runs, as freedesktop.org has it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autodiff-grader" / "wheels"


def fetched(wanted: Sequence[Pinned], target: Target, cache: Path) -> dict[str, bytes]:
    """Return the wheels by file name, each with a digest that the lock allows.

    What is in `cache` is used, after its digest has been looked at; the rest comes through pip, with its settings.
    Raises UsageError where it cannot be had.
    """
    place = cache / _key(wanted, target)
    found = _whole(place, wanted)
    if found is None:
        shutil.rmtree(place, ignore_errors=True)
        _download(wanted, target, place)
        found = _whole(place, wanted)
    if found is None:
        raise UsageError(f"{place}: these are not the wheels that the lock pins; delete the folder and try again")
    return found


def _key(wanted: Sequence[Pinned], target: Target) -> str:
    text = "\n".join([target.python, *target.platforms, *(one.line() for one in wanted)])
    return f"cp{target.python}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _whole(place: Path, wanted: Sequence[Pinned]) -> dict[str, bytes] | None:
    """Return what is kept, or None where it is not, file for file, what is wanted."""
    found = {path.name: path.read_bytes() for path in sorted(place.glob("*.whl"))}
    allowed = {one.name: one.hashes for one in wanted}
    names = [normal(name.partition("-")[0]) for name in found]
    right = all(hashlib.sha256(raw).hexdigest() in allowed.get(name, ()) for name, raw in zip(names, found.values()))
    return found if right and sorted(names) == sorted(allowed) else None


def _download(wanted: Sequence[Pinned], target: Target, place: Path) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".fetching-") as folder:
            draft, lines = Path(folder) / "wheels", Path(folder) / "requirements.txt"
            lines.write_text("".join(f"{one.line()}\n" for one in wanted))
            _pip(lines, target, draft, place.parent)
            if not place.exists():  # or another process was quicker; who reads it looks at the digests
                draft.replace(place)
    except OSError as error:
        raise UsageError(f"{place.parent}: wheels cannot be kept there: {error.strerror}; name a --cache") from None


def _pip(lines: Path, target: Target, draft: Path, cache: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--require-hashes", "--only-binary=:all:"]
    command += [part for platform in target.platforms for part in ("--platform", platform)]
    command += ["--python-version", target.python, "--implementation", "cp", "--dest", str(draft), "-r", str(lines)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()] or ["pip said nothing"]
        errors = [line.removeprefix("ERROR: ") for line in said if line.startswith("ERROR: ")]
        raise UsageError(
            f"the pinned packages for Python {target.python} could not be fetched: {[*said, *errors][-1]}\n"
            "This takes the network, once: run it where PyPI (or your mirror of it, by pip's own settings) can be "
            f"reached. What is fetched is kept in {cache}, which may be copied to a machine without a network."
        )
