"""The desk's path runs where grading cannot, and imports next to nothing: what is missing is hidden from it here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox import starting
from tests.desk.homes import environment, home

UNIX_ONLY = ("fcntl", "resource", "grp", "pwd", "termios", "pty", "syslog")
"""Modules that Windows has not got."""

HEAVY = ("yaml", "jinja2", "tqdm", "tabulate", "hypothesis", "numpy", "asyncio", "distributed", "importlib.metadata")

ELSEWHERE = f"""
import os, socket, sys
for name in {UNIX_ONLY!r}:
    sys.modules[name] = None
unix = {{os: ("fork", "wait4", "pidfd_open", "geteuid"), socket: ("AF_UNIX", "socketpair", "send_fds")}}
for module in unix:
    for name in unix[module]:
        if hasattr(module, name):
            delattr(module, name)
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    return home(tmp_path)


def run(code: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=60)


COMMAND = f"{ELSEWHERE}\nsys.platform = 'darwin'\nfrom grader.cli import main\nsys.exit(main(sys.argv[1:]))"


def test_checking_needs_no_fork_no_unix_socket_and_no_unix_only_module(template: Path) -> None:
    done = run(COMMAND, template, "check")
    assert (done.returncode, done.stderr) == (3, "")
    assert "0 of 11 done" in done.stdout


def test_the_worker_of_a_desk_needs_none_of_them_either(template: Path) -> None:
    code = f"{ELSEWHERE}\nimport grader.sandbox.local_worker\nprint('ready')"
    assert run(code, template).stdout == "ready\n"


@pytest.mark.parametrize("command", ["grade", "doctor", "audit"])
def test_grading_other_peoples_code_is_refused_there_with_a_sentence(command: str, template: Path) -> None:
    done = run(COMMAND, template.parent, command)
    assert done.returncode == 1
    assert "this system cannot contain that" in done.stderr
    assert "`grader check`" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_heavy_is_imported_on_the_way_to_a_result(template: Path) -> None:
    run("from grader.cli import main; main(['check'])", template)  # prepares the exercises, and reads YAML for that
    code = "import sys; from grader.cli import main; main(['check']); print(*sorted(sys.modules))"
    loaded = run(code, template).stdout.splitlines()[-1].split()
    assert "grader.selfcheck.checking" in loaded
    assert not set(HEAVY) & set(loaded)
    unwanted = ("grading.config", "assignment.nodes", "grading.planning", "batch.cohort", "exercise_kinds.graph")
    assert not {f"grader.{name}" for name in unwanted} & set(loaded)
    code = "import sys; sys.path += sys.argv[1:]; import grader.sandbox.local_worker; print(*sorted(sys.modules))"
    command = [sys.executable, *starting.FLAGS, "-c", code, *starting._paths()]
    worker = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not {*HEAVY, *UNIX_ONLY, "argparse", "hashlib", "subprocess", "grader.assignment.exercises"} & set(worker)


def test_the_plugin_costs_nothing_where_no_submission_is_named() -> None:
    loaded = run("import sys, pytest, grader.pytest_plugin; print(*sys.modules)", Path.cwd()).stdout.split()
    assert {name for name in loaded if name.startswith(("grader", "msgspec"))} == {"grader", "grader.pytest_plugin"}


def test_the_worker_is_started_before_anything_slow_is_imported() -> None:
    code = "import sys; sys.path += sys.argv[1:]; import grader.__main__, grader.sandbox.starting; print(*sys.modules)"
    command = [sys.executable, *starting.FLAGS, "-c", code, *starting._paths()]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not {"argparse", "pathlib", "typing", "msgspec", "grader.cli", "grader.model"} & set(loaded)
