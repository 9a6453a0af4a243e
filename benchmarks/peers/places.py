"""Where a peer works: the provided parts, a submission's package, and a virtual environment for those that need one."""

from __future__ import annotations

import compileall
import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.cohort import Student

ROOT = Path(__file__).parents[2]
HANDED = Path(__file__).with_name("handed")


class Unavailable(Exception):
    """A peer that cannot be set up here; the message says why."""


def lay_out_parts(folder: Path) -> None:
    """Write the provided modules as the package `minitorch`, compiled, without anything that is under test."""
    shutil.copytree(
        ROOT / "reference", folder / "minitorch", ignore=shutil.ignore_patterns("lecture8.py", "__pycache__", "*.md")
    )
    compileall.compile_dir(folder, quiet=1)


@contextlib.contextmanager
def package_of(student: Student, parts: Path, folder: Path) -> Iterator[Path]:
    """Lay out one submission with the provided parts around it, for as long as it is tested."""
    place = folder / student.name
    shutil.copytree(parts, place)
    (place / "minitorch" / "lecture8.py").write_text(student.source, "utf-8")
    try:
        yield place
    finally:
        shutil.rmtree(place)


def environment(folder: Path, packages: Sequence[str]) -> Path:
    """Make a virtual environment with a peer's own packages, and return its programs' folder.

    Raises Unavailable where they do not install.
    """
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    command = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *packages]
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if ran.returncode:
        last = ran.stdout.strip().splitlines() or ["pip failed"]
        raise Unavailable(f"{', '.join(packages)} did not install ({last[-1][:100]})")
    return folder / "bin"
