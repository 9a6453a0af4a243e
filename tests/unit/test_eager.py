"""What Python 3.14 reads otherwise than 3.10 to 3.13 means what it means there: grading runs on those."""

from __future__ import annotations

from typing import Any

import pytest

from grader.sandbox.worker import eager

LATER = (3, 14)


def run(source: str) -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(eager.compiled(source, "x.py", here=LATER), space)
    return space


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n    def f(x) -> A: ...",
        "def f(x: Nowhere): ...",
        "def f(*x: Nowhere): ...",
        "def f(*, x: Nowhere): ...",
        "def f(x, /, **y: Nowhere): ...",
        "if True:\n    async def f() -> Nowhere: ...",
        "class A:\n    x: Nowhere",
        "x: Nowhere = 1",
        "try:\n    pass\nfinally:\n    def f() -> Nowhere: ...",
        "class A:\n    class B:\n        def f(self) -> A: ...",
        "def f():\n    class A:\n        x: Nowhere\nf()",
    ],
)
def test_an_annotation_is_worked_out_where_it_stands(source: str) -> None:
    with pytest.raises(NameError) as told:
        run(source)
    trace = told.value.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    assert trace is not None
    line = source.splitlines()[trace.tb_lineno - 1]
    assert "Nowhere" in line or "-> A" in line


@pytest.mark.parametrize(
    "source",
    [
        "from __future__ import annotations\nclass A:\n    def f(x) -> A: ...",
        '"""A docstring."""\nfrom __future__ import annotations\nx: Nowhere = 1',
        "class A:\n    def f(x) -> 'A': ...",
        "def f():\n    x: Nowhere = 1\nf()",
        "def f():\n    if True:\n        x: Nowhere = 1\nf()",
    ],
)
def test_one_that_is_not_worked_out_before_is_not_worked_out_now(source: str) -> None:
    run(source)


def test_what_a_file_says_besides_stays_as_it_is() -> None:
    source = '"""Doc."""\ndef f(x: int) -> int:\n    """Inside."""\n    return x + 1\n'
    space = run(source)
    assert space["__doc__"] == "Doc."
    assert space["f"].__doc__ == "Inside."
    assert space["f"](1) == 2
    assert space["f"].__code__.co_firstlineno == 2


def test_an_except_without_parentheses_is_refused() -> None:
    with pytest.raises(SyntaxError, match="must be parenthesized"):
        run("try:\n    pass\nexcept ValueError, TypeError:\n    pass")
    run("try:\n    pass\nexcept (ValueError, TypeError):\n    pass")
    run("def f():\n    try:\n        pass\n    except (ValueError,\n            TypeError):\n        pass")


def test_before_python_3_14_nothing_is_changed() -> None:
    plain = eager.compiled("def f(x: int): ...", "x.py", here=(3, 13))
    assert plain == compile("def f(x: int): ...", "x.py", "exec", dont_inherit=True)
