"""Which files do the same without the course's parts: told from the text, and denied where in doubt."""

from __future__ import annotations

import pytest

from grader.grading.standing_alone import does_the_same

MODULES = ("operators", "autodiff", "scalar_functions")
HEAD = "import math\nfrom minitorch.autodiff import Context\nfrom .scalar_functions import ScalarFunction\n\n"
CLASS = """\
class Square(ScalarFunction):
    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        return math.log(x)

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        share: Context | float = 2 * d_out
        return share
"""


def same(source: str) -> bool:
    return does_the_same(source.encode(), ("h", "chained"), MODULES)


SAME = {
    "bases and annotations": HEAD + CLASS,
    "no import at all": CLASS.replace("(ScalarFunction)", "").replace(": Context", ": object"),
    "names that nothing uses": f"from .operators import mul, add\n{HEAD}{CLASS}",
    "another name for a base": HEAD.replace("import ScalarFunction", "import ScalarFunction as F")
    + CLASS.replace("(ScalarFunction)", "(F)"),
    "a helper of its own": f"{HEAD}def double(v):\n    return v + v\n\n\n{CLASS}",
    "a notebook": f"# code cell 1\n{HEAD}# code cell 2\n{CLASS}",
    "a part of Python's": f"from math import exp\nimport dataclasses\n{HEAD}{CLASS}",
}

OTHERWISE = {
    "a star": f"from .operators import *\n{HEAD}{CLASS}",
    "a module": f"from . import operators\n{HEAD}{CLASS}",
    "a module by its whole name": f"import minitorch.operators\n{HEAD}{CLASS}",
    "a bare module": f"import operators\n{HEAD}{CLASS}",
    "what is not here": f"import numpy as np\n{HEAD}{CLASS}",
    "a function that is called": f"from .operators import mul\n{HEAD}{CLASS}y = mul(2, 3)\n",
    "one by another name": f"from .operators import mul as times\n{HEAD}{CLASS}y = [times]\n",
    "one that is asked for in a function": f"{HEAD}{CLASS}def f():\n    from .operators import mul\n    return mul\n",
    "one that is defined again": f"from .operators import mul\n{HEAD}{CLASS}def g():\n    mul = 2\n    return mul\n",
    "a base that is looked at": f"{HEAD}{CLASS}if ScalarFunction:\n    y = 1\n",
    "a base that is made": HEAD + CLASS.replace("(ScalarFunction)", "(made(ScalarFunction))"),
    "an annotation that is made": HEAD + CLASS.replace("ctx: Context", "ctx: made(Context)"),
    "a decorator": f"{HEAD}@ScalarFunction\n{CLASS}",
    "a keyword of a class": HEAD + CLASS.replace("(ScalarFunction)", "(metaclass=ScalarFunction)"),
    "a name that is provided": f"{HEAD}{CLASS}def h(x):\n    return x\n",
    "a parameter with such a name": f"{HEAD}{CLASS}def f(h):\n    return h\n",
    "what is caught": f"{HEAD}{CLASS}try:\n    y = 1\nexcept ValueError:\n    pass\n",
    "what is suppressed": f"import contextlib\n{HEAD}{CLASS}with contextlib.suppress(ValueError):\n    y = 1\n",
    "what is looked up": f"{HEAD}{CLASS}y = globals()\n",
    "a base that is asked": f"{HEAD}{CLASS}y = Square.__bases__\n",
    "such a name in a text": HEAD + CLASS + '"""Like h."""\n',
    "such a name in other letters": f"{HEAD}{CLASS}def \uff48(x):\n    return x\n",
    "no Python": f"{HEAD}{CLASS}def f(:\n",
    "nothing": "",
}


@pytest.mark.parametrize("name", SAME)
def test_it_does_the_same(name: str) -> None:
    assert same(SAME[name])


@pytest.mark.parametrize("name", OTHERWISE)
def test_it_may_do_otherwise(name: str) -> None:
    assert not same(OTHERWISE[name])


def test_a_module_of_the_course_that_is_called_like_pythons_is_the_courses() -> None:
    source = b"import math\ny = 1\n"
    assert does_the_same(source, (), ("functions",))
    assert not does_the_same(source, (), ("math",))


def test_what_is_too_deep_to_read_may_do_otherwise() -> None:
    assert not same("y = " + "(" * 5_000 + ")" * 5_000)
    assert not same("y = " + "-" * 100_000 + "1")
