"""No worker shares anything with another process that one could change and the other see.

What a worker tries from within is among the attacks (32), on every tier. Here are two processes that want to.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader.sandbox import lockdown
from tests.conftest import ROOT

if not lockdown._program:
    pytest.skip("there is no filter for this machine", allow_module_level=True)


def started(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.sandbox.others", *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def told(*words: str) -> str:
    return started(*words).communicate()[0]


def test_two_processes_can_wake_each_other_by_a_page_of_the_c_library_and_a_filtered_one_cannot() -> None:
    with started("hear") as hearer:
        assert hearer.stdout is not None
        assert hearer.stdout.readline() == "listening\n"
        assert told("wake", "filtered") == "refused: EPERM"
        assert told("wake") == "woke one"
        assert hearer.stdout.readline() == "heard\n"


def test_the_kernel_refuses_every_call_that_has_no_row() -> None:
    assert told("sweep") == "let through: []"
