"""The grader as students get it: a wheel of the modules that a desk needs, and of no others."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import grader
from grader import __version__
from grader.bundle.zips import zipped

NAME = "autodiff_desk"

MODULES = (
    *("__init__", "__main__", "errors", "model", "forms", "nodes", "exercises", "formulas", "inputs", "numerics"),
    *("judging", "second_look", "mistakes", "misconceptions", "regions", "diagnosis", "shrinking", "scoring", "graphs"),
    *("session", "remembered", "pytest_plugin", "py.typed"),
    *(
        "oracle/__init__",
        "oracle/breakpoints",
        "oracle/dual",
        "oracle/expressions",
        "oracle/graphs",
    ),
    *("cli/__init__", "cli/common", "cli/check"),
    *("checks/__init__", "checks/blame", "checks/kinds", "checks/simplest", "checks/wording"),
    *(
        "checks/frames",
        "checks/function",
        "checks/function_shown",
        "checks/values",
        "checks/own",
        "checks/paper",
        "checks/scalars",
    ),
    *("checks/context", "checks/difference", "checks/quotient"),
    *("checks/graph", "checks/graph_checks", "checks/graph_pictures", "checks/graph_verdicts", "checks/labels"),
    *("desk/__init__", "desk/checking", "desk/finding", "desk/own_files", "desk/prepared", "desk/rounds"),
    *("remarks", "stand_ins", "quoting"),
    *("reports/__init__", "reports/audience", "reports/desk", "reports/feedback", "reports/text"),
    *("sandbox/__init__", "sandbox/box", "sandbox/desk", "sandbox/fresh", "sandbox/protocol", "sandbox/starting"),
    *("sandbox/kinds/__init__", "sandbox/kinds/driver", "sandbox/kinds/saved", "sandbox/kinds/machine"),
    *("sandbox/kinds/function", "sandbox/kinds/values", "sandbox/kinds/graph", "sandbox/kinds/difference"),
    *("sandbox/kinds/building", "sandbox/kinds/context", "sandbox/kinds/steps"),
    *("sandbox/worker/__init__", "sandbox/worker/faults", "sandbox/worker/loading", "sandbox/worker/notebooks"),
    *("sandbox/worker/absent", "sandbox/worker/files", "sandbox/worker/imports", "sandbox/worker/newer"),
    *("sandbox/worker/output", "sandbox/worker/plain", "sandbox/worker/serving"),
    *("submissions/__init__", "submissions/archives", "submissions/entries", "submissions/handed_in"),
    *("submissions/intake", "submissions/names", "submissions/lookalikes", "course/__init__", "course/people"),
    *("submissions/choices", "submissions/encoding", "submissions/data", "submissions/helpers", "submissions/homes"),
    *("submissions/notebooks", "submissions/papers", "submissions/sources"),
)
"""Everything of ours in a handout. No planted mistake, no audit, nothing that grades other people."""

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
    files = {f"grader/{path}": (root / path).read_bytes() for path in map(_file, MODULES)}
    files["grader/graph_mistakes.py"] = WITHOUT_WALKS.encode()
    paper = "Requires-Dist: pyyaml>=6.0.1\n" if on_paper else ""
    files[f"{info}/METADATA"] = METADATA.format(version=__version__, paper=paper).encode()
    files[f"{info}/WHEEL"] = WHEEL.encode()
    files[f"{info}/entry_points.txt"] = ENTRY_POINTS.encode()
    record = [f"{path},sha256={_digest(raw)},{len(raw)}" for path, raw in sorted(files.items())]
    files[f"{info}/RECORD"] = ("\n".join([*record, f"{info}/RECORD,,"]) + "\n").encode()
    return f"{NAME}-{__version__}-py3-none-any.whl", zipped(files)


def _file(module: str) -> str:
    return module if module.endswith(".typed") else f"{module}.py"


def _digest(raw: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")
