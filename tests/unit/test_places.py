"""Where a lost check's function stands, told from the source alone."""

from __future__ import annotations

import pytest

from grader.grading.places import Found, find

SQUARE = "class Square:\n    @staticmethod\n    def backward(ctx, d_out):\n        return 2 * d_out\n"


@pytest.mark.parametrize(
    "source",
    [
        SQUARE.encode(),
        ("\ufeff" + SQUARE).encode(),
        SQUARE.replace("\n", "\r\n").encode(),
        f"# é\n{SQUARE}"[4:].encode(),
    ],
)
def test_a_method_is_found_however_the_file_is_encoded(source: bytes) -> None:
    assert find(source, "Square.backward") == Found(3, "def backward(ctx, d_out):", True)


def test_the_last_of_two_definitions_counts_as_in_python() -> None:
    assert find(f"{SQUARE}\n\n{SQUARE}".encode(), "Square.backward") == Found(9, "def backward(ctx, d_out):", True)


def test_a_notebooks_cells_are_looked_through_one_by_one() -> None:
    text = f"# code cell 1\n%matplotlib inline\n# code cell 2\n{SQUARE}"
    assert find(text.encode(), "Square.backward") == Found(6, "def backward(ctx, d_out):", True)


@pytest.mark.parametrize("source", [b"", b"class Square:\n    pass\n", b"def f(:\n", b"\xff\xfe\x00", b"(" * 5000])
def test_what_is_not_there_or_no_python_has_no_place(source: bytes) -> None:
    assert find(source, "Square.backward") is None


@pytest.mark.parametrize(
    ("body", "returns"),
    [
        ("return x", True),
        ("return", False),
        ("if x:\n        return x", True),
        ("def g():\n        return x\n    g()", False),
        ("f = lambda: x", False),
        ("yield x", True),
        ("print(x)", False),
    ],
)
def test_only_a_return_of_its_own_gives_a_value_back(body: str, returns: bool) -> None:
    found = find(f"def f(x):\n    {body}\n".encode(), "f")
    assert found is not None
    assert found.returns is returns
