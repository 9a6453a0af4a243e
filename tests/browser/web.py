"""Pages that check in the browser, made once per run, and what a browser makes of them."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.bundle import web, wheels
from grader.errors import UsageError
from grader.grading import config
from tests.conftest import ROOT
from tests.desk.homes import environment
from tests.shared import once

CONFIGS = {
    "lecture8": "config.yaml",
    "module1": "examples/module1/config.yaml",
    "micrograd": "examples/micrograd/config.yaml",
}
READY = 60_000  # milliseconds; a machine may be busy with other tests

CHECK = """(files) => new Promise((resolve) => {
  const told = { rows: {}, last: null };
  const seen = (record) => {
    if (record.type === "row") told.rows[record.exercise] = `${record.mark} ${record.said}`;
    else told.last = record;
  };
  interpreter.check(files, seen, true).then(() => resolve(told), (error) => resolve({ failed: error.message }));
})"""
"""Has the page's own interpreter check these files, and nothing else, and returns what it said."""


def available() -> bool:
    """Say whether a page can be made here: npm brings its packages, and Node compiles ahead."""
    return all(map(shutil.which, ("npm", "node")))


def written(name: str, base: pytest.TempPathFactory) -> Path:
    """Return the folder of a sample assignment's page. The lecture's is as the command writes it, with `said.txt`.

    The others have limits that a machine busy with other tests does not reach: no submission of theirs is to meet one.
    """
    return once(base, f"web-{name}", _by_command if name == "lecture8" else functools.partial(_patient, name))


def _by_command(folder: Path) -> None:
    command = [sys.executable, "-m", "grader", "bundle", "web", "--config", "config.yaml", "-o", str(folder)]
    kept = {one: os.environ[one] for one in ("HOME", "XDG_CACHE_HOME") if one in os.environ}
    variables = {**os.environ, **environment(), **kept}
    told = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    if "npm could not fetch" in told.stderr:
        pytest.skip(f"the packages of the page cannot be had: {told.stderr}")
    assert told.returncode == 0, told.stderr
    (folder / "said.txt").write_text(told.stdout + told.stderr, "utf-8")


def _patient(name: str, folder: Path) -> None:
    assignment = config.load(ROOT / CONFIGS[name])
    limits = msgspec.structs.replace(assignment.limits, exercise_cpu_seconds=60.0, submission_cpu_seconds=600.0)
    wanted = web.Wanted(ROOT / "requirements" / "run.lock", None, wheels.kept_in().parent)
    try:
        made = web.build(msgspec.structs.replace(assignment, limits=limits), None, wanted, print)
    except UsageError as error:
        if "npm could not fetch" in str(error):
            pytest.skip(f"the packages of the page cannot be had: {error}")
        raise
    for path, raw in made.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(raw)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as any web server does, and yield its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def checked(page: Any, files: Mapping[str, bytes]) -> Any:
    """Return what the page says of some files: `rows` in short, and its `last` record."""
    from base64 import b64encode

    return page.evaluate(CHECK, {name: b64encode(raw).decode() for name, raw in files.items()})


def differences(one: Any, other: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield where two documents differ. In a browser 1.0 is 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted({*one, *other}):
            yield from differences(one.get(name), other.get(name), f"{path}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other)):
            yield from differences(left, right, f"{path}[{number}]")
    elif one != other or isinstance(one, bool) != isinstance(other, bool):
        yield path, one, other
