"""What is left of the reference once the names under test are cut out."""

from __future__ import annotations

import marshal

import pytest

from grader import provided


@pytest.mark.parametrize("rest", ["", '"""Scalars."""\n', "import math\nfrom .autodiff import Context\n"])
def test_where_nothing_is_left_there_is_no_code(rest: str) -> None:
    assert provided.without(f"{rest}class Square: pass\n", "lecture8", ["Square"]) == provided.Part(b"", ())


@pytest.mark.parametrize("rest", ["Context.kept = ()", "for name in (): pass", "setattr(Context, 'kept', ())"])
def test_what_defines_no_name_but_changes_something_is_run(rest: str) -> None:
    part = provided.without(f"from .autodiff import Context\n{rest}\nclass Square: pass\n", "lecture8", ["Square"])
    assert part.names == ()
    names: dict[str, object] = {"__package__": "p", "__name__": "p.lecture8"}
    with pytest.raises(ImportError):  # it gets as far as its first line
        exec(marshal.loads(part.code), names)
