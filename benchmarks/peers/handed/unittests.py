"""Lecture 8 as Gradescope's own examples would have it: unittest, a weight a test, results.json at the end."""

import unittest
from collections.abc import Callable
from pathlib import Path

from gradescope_utils.autograder_utils.decorators import weight  # type: ignore[import-not-found] # in its own venv
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner  # type: ignore[import-not-found] # in its venv
from plain import EXERCISES, check  # type: ignore[import-not-found] # beside this file


class TestLecture8(unittest.TestCase):
    """One test an exercise."""


def _test(name: str) -> Callable[[unittest.TestCase], None]:
    def test(_: unittest.TestCase) -> None:
        check(name)

    return weight(1)(test)  # type: ignore[no-any-return] # gradescope-utils is not typed


for exercise in EXERCISES:
    setattr(TestLecture8, f"test_{exercise}", _test(exercise))

if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestLecture8)
    with Path("results.json").open("w", encoding="utf-8") as file:
        JSONTestRunner(visibility="visible", stream=file).run(suite)
