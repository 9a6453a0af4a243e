"""The same tests as Gradescope's examples are written: unittest, a weight each, and a results.json."""

import json
import sys
import unittest
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).with_name("plainly")))

import test_module1 as tests  # type: ignore[import-not-found] # beside this file, where a peer has it
from gradescope_utils.autograder_utils.decorators import weight  # type: ignore[import-not-found] # a peer's own
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner  # type: ignore[import-not-found] # same


def _method(test: Callable[..., None], name: str) -> Any:
    @weight(1)  # type: ignore[untyped-decorator] # as it comes
    def method(_self: unittest.TestCase) -> None:
        test()

    method.__name__, method.__doc__ = name, name
    return method


def _methods() -> dict[str, Any]:
    found = {}
    for name, test in vars(tests).items():
        if name.startswith("test_"):
            for i, (given, _) in enumerate(getattr(test, "cases", [({}, "")])):
                found[f"{name}_{i}"] = _method(partial(test, **given), f"{name}_{i}")
    return found


TestModule = type("TestModule", (unittest.TestCase,), _methods())

if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestModule)
    with Path("results.json").open("w", encoding="utf-8") as file:
        JSONTestRunner(visibility="visible", stream=file).run(suite)
    json.loads(Path("results.json").read_text("utf-8"))
