"""Every submission of a folder in one pytest process: what is cheapest, and one student's code away from another grade.

The tests are those of `test_lecture8.py`, asked again for each student with their module in place of the last one's.
"""

import importlib
import os
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
import test_lecture8 as tests  # type: ignore[import-not-found] # beside this file

PARTS, SUBMISSIONS = Path(os.environ["PARTS"]), Path(os.environ["SUBMISSIONS"])
NAMES = sorted(path.name for path in SUBMISSIONS.iterdir())
TESTS = {name: test for name, test in vars(tests).items() if name.startswith("test_")}


@pytest.fixture(scope="session", params=NAMES)
def student(request: pytest.FixtureRequest) -> types.ModuleType:
    """Return one student's module, in a package of their own that is theirs first and provided for the rest."""
    package = types.ModuleType(request.param)
    package.__path__ = [str(SUBMISSIONS / request.param), str(PARTS / "minitorch")]
    sys.modules[request.param] = package
    return importlib.import_module(f"{request.param}.lecture8")


@pytest.mark.parametrize("test", TESTS.values(), ids=TESTS)
def test_submission(student: types.ModuleType, test: Callable[[], None]) -> None:
    tests.lecture8 = student
    test()
