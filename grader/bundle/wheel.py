"""The grader as students get it: a wheel of the modules that a desk needs, and one that starts it.

Wheels that share a file break each other when one is uninstalled. So each handout's grader is in a folder of its own,
and the commands are in a wheel of their own, the same in all handouts (`launcher`).
"""

from __future__ import annotations

import ast
import base64
import functools
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import grader
from grader import __version__
from grader.exercise_kinds.kinds import NAMES
from grader.reports import trace_view
from grader.reports.zipped import zipped
from grader.selfcheck import page

NAME = "autodiff_desk"
HOME = Path(grader.__file__).parent

ROOTS = ("__main__", "pytest_plugin", "cli.check", "cli.trace", "sandbox.local_worker", "sandbox.probes")
"""What a student starts, and what that starts. Kinds and probes besides are all of them."""

FOR_AUTHORS = ("selfcheck.making", "selfcheck.contained", "cli.students", "assignment.parameters")
"""What a handout is made with, or what contains other people's code: a handout has no need of either."""

BESIDE = (
    "py.typed",
    *(f"reports/templates/{name}" for name in (*page.STYLES, *page.SCRIPTS, *trace_view.STYLES, *trace_view.SCRIPTS)),
)
"""What is no module: the style and script of a student's pages."""

METADATA = """Metadata-Version: 2.1
Name: {name}
Version: {version}
Summary: {summary}
Requires-Python: >=3.10
License: MIT
{needs}"""

NEEDS = """Requires-Dist: msgspec>=0.19
{paper}Provides-Extra: watch
Requires-Dist: watchfiles>=0.24; extra == "watch"
Provides-Extra: test
Requires-Dist: pytest>=8; extra == "test"
"""

ENTRY_POINTS = """[console_scripts]
grader = grader.__main__:main

[pytest11]
autodiff-grader = grader.pytest_plugin
"""

WHEEL = """Wheel-Version: 1.0
Generator: autodiff-grader
Root-Is-Purelib: true
Tag: py3-none-any
"""

LAUNCHER_VERSION = "1"
"""Goes up when the launcher changes. Any launcher starts any grader."""

NO_GRADER = '''"""Say that no handout is installed: only what starts their graders is left."""

import sys


def main():
    """Return the exit status of a wrong command."""
    print("no handout is installed here; in its folder: python -m pip install -r requirements.txt", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
'''

NO_CHECKS = '"""No handout is installed, so there is nothing to collect."""\n'


def edition(assignment: str, on_paper: bool, prepared: bytes) -> str:
    """Return the name of a handout's grader: its assignment, and a digest of its code and its questions."""
    digest = hashlib.sha256(repr((sorted(code().items()), on_paper, prepared)).encode()).hexdigest()
    return f"{re.sub('[^a-z0-9]+', '_', assignment.lower()).strip('_') or 'homework'}_{digest[:6]}"


def build(name: str, title: str, on_paper: bool) -> tuple[str, bytes]:
    """Return the file name and bytes of the wheel with the grader `name`, an `edition`.

    `on_paper`: there are exercises whose answers are written down as YAML.
    """
    paper = "Requires-Dist: pyyaml>=6.0.1\n" if on_paper else ""
    files = {f"{NAME}/{name}/grader/{path}": raw for path, raw in code().items()}
    summary = f"Check your own homework: {' '.join(title.split())}"
    return _wheel(f"{NAME}_{name}", __version__, files, summary, NEEDS.format(paper=paper))


def launcher() -> tuple[str, bytes]:
    """Return the file name and bytes of the wheel that has the commands, and starts the nearest handout's grader."""
    files = {
        "grader/__init__.py": (HOME / "bundle" / "launcher.py").read_bytes(),
        "grader/__main__.py": NO_GRADER.encode(),
        "grader/pytest_plugin.py": NO_CHECKS.encode(),
    }
    return _wheel(NAME, LAUNCHER_VERSION, files, "Start the grader of the nearest handout.", "", ENTRY_POINTS)


@functools.cache
def code(roots: tuple[str, ...] = ROOTS, others: tuple[str, ...] = BESIDE) -> dict[str, bytes]:
    """Return the grader's files that some modules run with, all kinds and probes, and some others, by their path."""
    paths = [path for path in map(_path, modules(roots)) if path is not None]
    beside = [HOME / name for name in others]
    return {path.relative_to(HOME).as_posix(): path.read_bytes() for path in (*paths, *beside)}


def _wheel(
    name: str, version: str, files: dict[str, bytes], summary: str, needs: str, entry_points: str = ""
) -> tuple[str, bytes]:
    info = f"{name}-{version}.dist-info"
    metadata = METADATA.format(name=name.replace("_", "-"), version=version, summary=summary, needs=needs)
    about = {"METADATA": metadata, "WHEEL": WHEEL, **({"entry_points.txt": entry_points} if entry_points else {})}
    files = {**files, **{f"{info}/{file}": text.encode() for file, text in about.items()}}
    record = [f"{path},sha256={_digest(raw)},{len(raw)}" for path, raw in sorted(files.items())]
    files[f"{info}/RECORD"] = ("\n".join([*record, f"{info}/RECORD,,"]) + "\n").encode()
    return f"{name}-{version}-py3-none-any.whl", zipped(files)


def modules(roots: tuple[str, ...] = ROOTS) -> frozenset[str]:
    """Return the modules of ours that a handout has, by their dotted names below `grader`: whatever `roots` import."""
    found: set[str] = set()
    todo = [*roots, *(f"exercise_kinds.{name}" for name in NAMES), *(f"sandbox.probes.{name}" for name in _probes())]
    while todo:
        name = todo.pop()
        if name in found or name in FOR_AUTHORS or _path(name) is None:
            continue
        found.add(name)
        todo.append(name.rpartition(".")[0])
        todo += _imported(name)
    return frozenset(found)


def _probes() -> list[str]:
    return [path.stem for path in (HOME / "sandbox" / "probes").glob("*.py") if path.stem != "__init__"]


def _path(name: str) -> Path | None:
    """Return the file of a module of ours; None where `name` is no module."""
    path = HOME.joinpath(*name.split("."))
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()), None)


def _imported(name: str) -> Iterator[str]:
    path = _path(name)
    assert path is not None
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "grader":
            base = node.module.partition(".")[2]
            yield base
            yield from (f"{base}.{alias.name}".lstrip(".") for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name[len("grader.") :] for alias in node.names if alias.name.startswith("grader."))


def _digest(raw: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")
