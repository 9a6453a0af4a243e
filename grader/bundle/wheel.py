"""The grader as students get it: a wheel of the modules that a desk needs, and of no others."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import grader
from grader import __version__
from grader.bundle.zips import zipped

NAME = "autodiff_desk"

MODULES = {
    "": "__init__ __main__ errors model py.typed pytest_plugin",
    "assignment": "exercises forms formulas nodes",
    "cli": "check common",
    "diagnosis": "misconceptions mistakes naming regions",
    "exercise_kinds": "blame context difference frames function function_shown graph graph_checks graph_pictures "
    "graph_verdicts kinds labels own paper quotient quoting scalars shrinking simplest stand_ins values wording",
    "grading": "remarks scoring session",
    "judging": "bands own_forward",
    "oracle": "breakpoints dual expressions finite_difference graph_corpus graphs inputs",
    "reports": "audience feedback remembered text",
    "sandbox": "box fresh local_worker serving starting",
    "sandbox/boundary": "protocol",
    "sandbox/probes": "building context difference driver function graph machine saved steps values",
    "sandbox/worker": "absent faults files imports loading newer notebooks output plain",
    "selfcheck": "checking finding own_files prepared report rounds",
    "submissions": "archives choices data encoding entries handed_in helpers homes intake lookalikes "
    " names notebooks papers people sources",
}
"""Folder -> modules: what a handout has of ours. No mutant, no audit, nothing that grades other people."""

WITHOUT_WALKS = '''"""Mistakes in walks through a graph are named in grading only: acting them out shows a right one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def names(graphs: Sequence[Any], came: Sequence[Any]) -> tuple[str, ...]:  # noqa: ARG001
    """Name none."""
    return ()
'''
"""Instead of `graph_mistakes`, which walks through graphs as students are to learn to."""

METADATA = """Metadata-Version: 2.1
Name: autodiff-desk
Version: {version}
Summary: Check your own automatic-differentiation homework.
Requires-Python: >=3.10
License: MIT
Requires-Dist: msgspec>=0.19
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


def build(on_paper: bool) -> tuple[str, bytes]:
    """Return the wheel's name and bytes. `on_paper`: there are exercises whose answers are written down as YAML."""
    root, info = Path(grader.__file__).parent, f"{NAME}-{__version__}.dist-info"
    files = {f"grader/{path}": (root / path).read_bytes() for path in _files()}
    files["grader/diagnosis/naming/graph_mistakes.py"] = WITHOUT_WALKS.encode()
    paper = "Requires-Dist: pyyaml>=6.0.1\n" if on_paper else ""
    files[f"{info}/METADATA"] = METADATA.format(version=__version__, paper=paper).encode()
    files[f"{info}/WHEEL"] = WHEEL.encode()
    files[f"{info}/entry_points.txt"] = ENTRY_POINTS.encode()
    record = [f"{path},sha256={_digest(raw)},{len(raw)}" for path, raw in sorted(files.items())]
    files[f"{info}/RECORD"] = ("\n".join([*record, f"{info}/RECORD,,"]) + "\n").encode()
    return f"{NAME}-{__version__}-py3-none-any.whl", zipped(files)


def _files() -> Iterator[str]:
    """Yield the paths of everything in `MODULES`, below `grader`."""
    for folder, names in MODULES.items():
        if folder:
            yield f"{folder}/__init__.py"
        for name in names.split():
            yield "/".join(filter(None, (folder, name if name == "py.typed" else f"{name}.py")))


def _digest(raw: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")
