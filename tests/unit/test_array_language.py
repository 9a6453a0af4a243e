"""The language of formulas on arrays: shapes are worked out when an exercise is read, and mistakes have a column."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.assignment import exercises
from grader.assignment.forms import FormError
from grader.exercise_kinds.kinds import KINDS
from grader.oracle.array_formulas import TAKES, ArrayFormula, parse
from grader.oracle.array_spelling import spelled, written
from grader.oracle.expressions import ExpressionError

A, B = {"a": (2, 3, 4)}, {"a": (3, 1), "b": (4,)}


@pytest.mark.parametrize(
    ("text", "shapes", "parameters", "shape"),
    [
        ("a + b", B, {}, (3, 4)),
        ("2 * a - b / 3", B, {}, (3, 4)),
        ("-a ** 2", B, {}, (3, 1)),
        ("a @ transpose(a)", A, {}, (2, 3, 3)),
        ("matmul(a, b)", {"a": (4,), "b": (2, 4, 3)}, {}, (2, 3)),
        ("matmul(a, b)", {"a": (4,), "b": (4,)}, {}, ()),
        ("sum(a)", A, {}, ()),
        ("sum(a, 0)", A, {}, (3, 4)),
        ("sum(a, (0, -1))", A, {}, (3,)),
        ("sum(a, axis=1, keepdims=True)", A, {}, (2, 1, 4)),
        ("mean(a, None)", A, {}, ()),
        ("max(a, axes)", A, {"axes": (0, 1)}, (4,)),
        ("logsumexp(a, 1, True)", A, {}, (2, 1, 4)),
        ("softmax(a, -1)", A, {}, (2, 3, 4)),
        ("reshape(a, (4, -1))", A, {}, (4, 6)),
        ("reshape(a, to)", A, {"to": (24,)}, (24,)),
        ("broadcast_to(a, (2, 3, 5))", {"a": (3, 1)}, {}, (2, 3, 5)),
        ("transpose(a, (0, 2))", A, {}, (4, 3, 2)),
        ("permute(a, (1, 2, 0))", A, {}, (3, 4, 2)),
        ("concatenate((a, a), 1)", A, {}, (2, 6, 4)),
        ("stack([a, a], -1)", A, {}, (2, 3, 4, 2)),
        ("a[0]", A, {}, (3, 4)),
        ("a[:, 1:, ::2]", A, {}, (2, 2, 2)),
        ("a[-1, 0, 0] * a", A, {}, (2, 3, 4)),
        ("where(a < 0, 0, a)", A, {}, (2, 3, 4)),
        ("a < b", B, {}, (3, 4)),
        ("maximum(a, b) + e * pi", B, {}, (3, 4)),
        ("a ** n", {"a": (2,)}, {"n": 3}, (2,)),
    ],
)
def test_the_shape_of_a_formula_is_worked_out(text: str, shapes: dict, parameters: dict, shape: tuple) -> None:  # type: ignore[type-arg]
    assert parse(text, shapes, parameters).shape == shape


@pytest.mark.parametrize(
    ("text", "shapes", "said", "column"),
    [
        ("matmul(a, b)", {"a": (3, 1), "b": (4, 3)}, "a is (3, 1) and b is (4, 3): matmul needs 1 = 4", 1),
        ("1 + a @ b", {"a": (3, 1), "b": (4, 3)}, "a is (3, 1) and b is (4, 3): matmul needs 1 = 4", 5),
        (
            "a @ b",
            {"a": (), "b": (4, 3)},
            "matmul needs arrays with at least one axis each",
            1,
        ),
        ("a + b", {"a": (3, 2), "b": (4,)}, "from the right, axes must be equal or 1, and 2 is not 4", 1),
        ("2 * sum(a, 3)", A, "a is (2, 3, 4): it has no axis 3", 5),
        ("sum(a, (1, 1))", A, "an axis of a is named twice in (1, 1)", 1),
        ("reshape(a, (5, 5))", A, "a is (2, 3, 4): its 24 entries do not fill (5, 5)", 1),
        ("broadcast_to(a, (2, 3))", A, "a is (2, 3, 4): it cannot be stretched to (2, 3)", 1),
        ("permute(a, (0, 0, 1))", A, "permute needs each of its 3 axes once, not [0, 0, 1]", 1),
        ("transpose(a)", {"a": (3,)}, "a is (3,): transpose needs two axes", 1),
        ("transpose(a, (2, 0, 1))", A, "transpose swaps two axes, not 3; use permute(x, order) for more", 1),
        ("concatenate((a, b), 0)", B, "concatenate needs them equal but for axis 0", 1),
        ("stack((a, b), 0)", B, "stack needs them equal", 1),
        ("a[9]", A, "a is (2, 3, 4): index 9 is outside axis 0", 1),
        ("a[0, 0, 0, 0]", A, "it has 3 axes, and 4 are indexed", 1),
        ("a[2:2]", A, "nothing of axis 0 is left", 1),
        ("summ(a)", A, "unknown function 'summ'; did you mean 'sum'?", 1),
        ("sum(a, axes)", A, "this should be a whole number, several as in (0, 1), or a parameter of `shapes`", 8),
        ("sum(a, 0, 1)", A, "the last argument of sum, keepdims, is True or False", 1),
        ("sum(a, 0, True, 1)", A, "sum takes x, axes, keepdims, not 4 arguments", 1),
        ("softmax(a)", A, "softmax takes x, axis: axis is missing", 1),
        ("reshape(a, shape=(24,), shapes=1)", A, "reshape takes x, shape, each once", 1),
        ("where(a, a, a)", A, "the first argument of where is a comparison", 7),
        ("concatenate(a, 0)", A, "concatenate takes several arrays, as in concatenate((a, b), 0)", 13),
        ("c + 1", A, "unknown name 'c'; known are a, pi, e", 1),
        ("a ^ 2", A, "a power is written **, not ^", 1),
        ("a.sum()", A, "the functions are ", 1),
        ("2 a", A, "between factors write *, as in 2 * x", 2),
        ("a < a < a", A, "a comparison is one of < <= > >= == !=, between two terms", 1),
        ("a + 1j", A, "'1j' is not a real number", 5),
        ("a + 1e999", A, "the number is too large", 5),
        ("broadcast_to(a, (9, 9, 2, 3, 4))", A, "over 512 entries or 6 axes", 1),
        ("a[0.5]", A, "this should be a whole number", 3),
    ],
)
def test_a_mistake_in_a_formula_is_told_with_its_column(
    text: str,
    shapes: dict,  # type: ignore[type-arg]
    said: str,
    column: int,
) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text, shapes)
    assert said in raised.value.message
    assert raised.value.column == column


PARTS = st.sampled_from([*"ab()[],+-*/@<:=0123 ", *TAKES, "axis", "None", "True", "(0, 1)", "λ", "\n", "a.b", "**"])


@given(st.lists(PARTS, max_size=14).map("".join))
def test_any_text_is_a_formula_or_a_mistake_with_a_column(text: str) -> None:
    try:
        found = parse(text, {"a": (2, 3), "b": (3,)})
    except ExpressionError as error:
        assert error.column >= 1
        assert error.message
    else:
        assert isinstance(found, ArrayFormula)
        spelled(text, ["a", "b"])
        written(text, {"a": "x"})


def test_a_formula_is_spelled_by_position_with_its_parameters_filled_in() -> None:
    one = spelled("sum(x, axes, keepdims=True) @ y + sum(y)", ["x", "y"], {"axes": (0, 1)}, ["matmul"])
    assert (one.text, one.called) == ("matmul(sum(_0, (0, 1), True), _1) + sum(_1)", ("matmul", "sum"))
    assert spelled("sum(x, keepdims=True)", ["x"]).text == "sum(_0, None, True)"
    assert spelled("matmul(x, x)[0, 1:]", ["x"]).text == "(_0 @ _0)[0, 1:]"


def test_a_formula_is_written_as_students_do() -> None:
    shown = {"sum": "summation", "max": ".max", "exp": ".exp"}
    assert written("exp(sum(a, axes)) + max(a)", {}, {"axes": 1}, shown) == "summation(a, 1).exp() + a.max()"
    assert written("matmul(a, b)", {"b": "w"}) == "a @ w"


HEAD = (
    "format: 1\nkind: arrays\nid: one\ntitle: One\nstatement: One.\nfile: ops.py\nunder_test: [Op]\n"
    "checks: {gradient: 1}\n"
)


def read(tmp_path: Path, text: str) -> str:
    path = tmp_path / "one.yaml"
    path.write_text(HEAD + text, "utf-8")
    with pytest.raises(FormError) as raised:
        exercises.read(path, "one.yaml", KINDS)
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "arguments: {a: real, b: real}\nshapes:\n  - {a: [3, 2], b: [2, 4]}\n  - {a: [3, 1], b: [4, 3]}\n"
            "value: matmul(a, b)",
            "one.yaml:13:8: in 'matmul(a, b)': a is (3, 1) and b is (4, 3): matmul needs 1 = 4 (shapes, row 2)",
        ),
        ('arguments: {a: "real[3,0]"}\nvalue: a', "one.yaml:9:16: a is (3, 0): an axis has from 1 to 64 entries"),
        ('arguments: {a: "real[64,64]"}\nvalue: a', "at most 6 axes and 512 entries"),
        (
            'arguments: {a: "real[16,16]", b: "real[16,16]"}\nvalue: a @ b',
            "these shapes take too long to be worked out exactly; smaller ones show as much: at most 600,000 partials",
        ),
        (
            "arguments: {a: real}\nshapes: [{A: [3]}]\nvalue: sum(a)",
            "'A' is no argument, and the formula has no",
        ),
        (
            "arguments: {a: real}\nshapes: [{a: [3], n: 2}]\nvalue: -a",
            "'n' is no argument, and the formula has no",
        ),
        (
            "arguments: {a: real}\nshapes: [{a: [3]}, {}]\nvalue: -a",
            "a has no shape in this row; a number is written",
        ),
        (
            'arguments: {a: "real[3]"}\nvalue: -a\nalso_accept: ["sum(-a)"]',
            "this has shape () where the value has (3,) (shapes, row 1)",
        ),
        ('arguments: {a: "reel[3]"}\nvalue: a', "domain 'reel' of a should be one of"),
        ('arguments: {a: "real[3"}\nvalue: a', "should be a domain, with a shape if you like: real[2,3]"),
        (
            'arguments: {sum: "real[3]"}\nvalue: 1',
            "should be a Python name that the language has no use for",
        ),
        ('arguments: {a: "real[3]"}\nshapes: [{a: [4]}]\nvalue: a', "a has its shape in `arguments` already"),
        ("arguments: {a: real}\nshapes: [{a: [4], exp: 1}]\nvalue: a", "parameter 'exp' should be a Python name"),
        ("arguments: {}\nvalue: 1", "a function has at least one argument, like a: real[2,3]"),
        ("arguments: {a: real}\nshapes: [{a: [x]}]\nvalue: a", "should be a whole number, not 'x'"),
        ("arguments: {a: real}\nshapes: [{a: [4]}]\nvalue: a\nalso_accept: [a + b]", "unknown name 'b'"),
    ],
)
def test_an_author_is_told_by_file_line_and_column(tmp_path: Path, text: str, said: str) -> None:
    assert said in read(tmp_path, text)


def test_what_is_accepted_besides_has_every_eps(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(f'{HEAD}arguments: {{a: "positive[3]"}}\nvalue: log(a)\nalso_accept: [log(a + eps)]\n', "utf-8")
    assert len(exercises.read(path, "one.yaml", KINDS).spec.formulas.also_accept) == 8
