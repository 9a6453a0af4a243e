"""Judging arrays, apart from any worker: shapes, entries, what is kept in single precision, and the second look."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import pytest

from grader.judging import array_bands as bands
from grader.judging import array_second_look as second_look
from grader.judging.array_bands import ArrayJudgement, ArrayTargets
from grader.model import Domain
from grader.oracle.array_dual import answer, value
from grader.oracle.array_formulas import parse
from grader.oracle.array_inputs import ArrayExpected, ArrayInput, draw, usable
from grader.reports import arrays
from grader.sandbox.boundary.protocol import MOST_TOLD, ArrayTold, NonNumeric
from grader.sandbox.probes import arrays as probe
from grader.sandbox.probes.arrays import ArrayRow, ArraysReply, ArraysRequest, RowAsked
from grader.sandbox.probes.dialect import Interface
from grader.sandbox.worker.array_values import array_told

POINTS = ((1.0, 1.0), (2.0, 2.0))


def told(*data: float, shape: tuple[int, ...] | None = None, dtype: str = "float64") -> ArrayTold:
    return ArrayTold((len(data),) if shape is None else shape, data, dtype)


@pytest.mark.parametrize(
    ("got", "right"),
    [
        (told(1.0, 2.0), True),
        (told(1.0 + 1e-8, 2.0), True),
        (told(1.0 + 1e-6, 2.0), False),
        (told(1.0 + 1e-5, 2.0, dtype="float32"), True),
        (told(1.001, 2.0, dtype="float32"), False),
        (told(1.0, 2.0, shape=(2, 1)), False),
        (told(1.0, 2.0, shape=(1, 2)), False),
        (told(1.0), False),
        (told(1.0, math.nan), False),
        (told(math.inf, 2.0), False),
        (NonNumeric("None"), False),
        (None, False),
    ],
)
def test_an_array_is_right_by_its_shape_and_then_by_every_entry(got: object, right: bool) -> None:
    assert bands.is_right(got, (2,), POINTS, 1.0) is right


def test_a_number_may_come_as_an_array_of_one() -> None:
    assert bands.is_right(told(1.0), (), POINTS[:1], 1.0)
    assert bands.is_right(told(1.0, shape=()), (), POINTS[:1], 1.0)
    assert not bands.is_right(told(1.0, shape=(1, 1)), (), POINTS[:1], 1.0)
    assert not bands.is_right(told(1.0, shape=()), (1,), POINTS[:1], 1.0)


def test_at_a_kink_anything_between_the_sides_is_right() -> None:
    wanted = ((0.0, 3.0), (-math.inf, math.inf))
    assert bands.is_right(told(1.5, 99.0), (2,), wanted, 1.0)
    assert not bands.is_right(told(-0.1, 0.0), (2,), wanted, 1.0)
    assert not bands.is_right(told(1.0, math.nan), (2,), wanted, 1.0)
    assert not bands.is_right(told(1.0, math.inf), (2,), wanted, 1.0)


def test_none_is_right_where_nothing_should_arrive() -> None:
    nothing = ArrayExpected((1.0,), (((0.0, 0.0), (0.0, 0.0)),))
    row = ArrayRow(told(1.0), (NonNumeric("None"),))
    assert bands.right_gradients(row, nothing, ((1,), (2,)))
    something = msgspec.structs.replace(nothing, gradients=(((0.0, 0.0), (1.0, 1.0)),))
    assert not bands.right_gradients(row, something, ((1,), (2,)))


def test_a_row_that_did_not_come_is_a_miss() -> None:
    targets = ArrayTargets("a", (ArrayExpected((1.0,), ()),) * 3, (((1,),),) * 3)
    judged = bands.values([ArrayRow(told(1.0))], [targets])
    assert judged.misses == (1, 2)


def test_of_several_formulas_the_one_that_was_come_closest_to_counts() -> None:
    first, second = (ArrayTargets(text, (ArrayExpected((x,), ()),), (((1,),),)) for text, x in (("a", 1.0), ("b", 2.0)))
    assert bands.values([ArrayRow(told(2.0))], [first, second]) == ArrayJudgement((), second)


TEXT = "log(a)"
FORMULA = parse(TEXT, {"a": (2, 3)})
CORPUS = draw([FORMULA], [Domain(0.0, 1e4, nonzero=True)], 4, "judging")
TARGETS = ArrayTargets(TEXT, CORPUS.answers, (((2, 3), (2, 3)),) * len(CORPUS.inputs))


def rows_of(forward: str, slope: float = 1.0, inputs: Sequence[ArrayInput] = CORPUS.inputs) -> list[ArrayRow]:
    """Return rows of a student whose forward is another formula, with its own gradient times something."""
    other = parse(forward, {"a": (2, 3)})
    found = []
    for one in inputs:
        partials = answer(other, one.args).partials
        sent = [sum(c * row[j][0] for c, row in zip(one.cotangent, partials)) * slope for j in range(6)]
        gradient = told(*sent, shape=(2, 3))
        found.append(ArrayRow(told(*value(other, one.args), shape=(2, 3)), (gradient,)))
    return found


def looked_at(rows: list[ArrayRow], again: Callable[[Sequence[ArrayInput]], Sequence[ArrayRow]]) -> str:
    judgement = bands.gradients(rows, [TARGETS])
    assert judgement.misses
    return second_look.reason(rows, CORPUS, judgement, again)


def test_a_gradient_that_goes_with_a_forward_with_an_eps_is_honest() -> None:
    eps = "log(a + 1e-6)"
    assert looked_at(rows_of(eps), lambda inputs: rows_of(eps, 1.0, inputs)) == second_look.OWN


def test_an_eps_in_forward_excuses_no_gradient_that_is_not_its_slope() -> None:
    eps = "log(a + 1e-6)"
    assert not looked_at(rows_of(eps, 1.001), lambda inputs: rows_of(eps, 1.001, inputs))
    assert not looked_at(rows_of(eps, -1.0), lambda inputs: rows_of(eps, -1.0, inputs))


def test_a_forward_that_is_wrong_by_more_than_an_eps_excuses_nothing() -> None:
    wrong = "log(a + 0.1)"
    assert not looked_at(rows_of(wrong), lambda inputs: rows_of(wrong, 1.0, inputs))


def test_a_worker_that_does_not_answer_again_excuses_nothing() -> None:
    assert not looked_at(rows_of("log(a + 1e-6)"), lambda _: ())


def test_a_gradient_that_is_a_little_off_everywhere_is_wrong() -> None:
    assert not looked_at(rows_of(TEXT, 1.0 + 1e-6), lambda inputs: rows_of(TEXT, 1.0 + 1e-6, inputs))


def test_gradients_that_do_not_go_with_what_is_sent_are_not_proportional() -> None:
    rows = rows_of(TEXT)
    twice = [ArrayRow(one.value, (told(*[2 * x for x in one.gradients[0].data], shape=(2, 3)),)) for one in rows]  # type: ignore[index,union-attr]
    assert bands.scaled(rows, twice, 2.0)
    assert not bands.scaled(rows, twice, 2.0001)
    assert not bands.scaled(rows, twice[:-1], 2.0)
    assert bands.same(rows, rows)
    assert not bands.same(rows, twice)


class Loud(np.ndarray):  # type: ignore[type-arg]
    """An array of a student's whose every method lies."""

    def tolist(self) -> list[float]:
        return [99.0]

    def ravel(self, *_: object) -> Loud:  # type: ignore[override]
        raise RuntimeError

    @property
    def dtype(self) -> str:  # type: ignore[override]
        return "lies"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (np.array([1.0, 2.0]), told(1.0, 2.0)),
        (np.array([[1, 2]], dtype=np.int32), told(1.0, 2.0, shape=(1, 2), dtype="int32")),
        (np.float32(0.5), told(0.5, shape=(), dtype="float32")),
        (np.array([True]), told(1.0, dtype="bool")),
        (np.array([1.0, 2.0]).view(Loud), told(1.0, 2.0)),
        (np.array([[1.0, 2.0], [3.0, 4.0]]).T, told(1.0, 3.0, 2.0, 4.0, shape=(2, 2))),
        (np.broadcast_to(1.0, (2, 2)), told(1.0, 1.0, 1.0, 1.0, shape=(2, 2))),
        ([[1, 2.5]], told(1.0, 2.5, shape=(1, 2))),
        (2.5, told(2.5, shape=())),
        (3, told(3.0, shape=())),
        (np.broadcast_to(1.0, (10**5, 10**5)), ArrayTold((10**5, 10**5), ())),
        (np.array([1.0, 2], dtype=object), told(1.0, 2.0)),
        (np.array([1j]), NonNumeric("array of complex128")),
        (np.array(["a"]), NonNumeric("array of <U1")),
        (np.array([object()], dtype=object), NonNumeric("array of object")),
        ([[1.0], [1.0, 2.0]], NonNumeric("list")),
        (None, NonNumeric("None", "None")),
        ("text", NonNumeric("str", "'text'")),
    ],
)
def test_what_came_back_is_told_as_an_array_or_as_what_it_was(given: object, wanted: object) -> None:
    assert array_told(given) == wanted


@pytest.mark.parametrize(
    ("found", "count", "wanted"),
    [
        ((1, 2), 2, [1, 2]),
        ([1, 2], 2, [1, 2]),
        ((one for one in (1, 2)), 2, [1, 2]),
        ((1,), 1, [1]),
        ([1.0, 2.0], 1, [[1.0, 2.0]]),
        ((1, 2, 3), 2, NonNumeric("tuple of more")),
        ((1,), 2, NonNumeric("tuple of 1")),
        ({"a": 1}, 2, NonNumeric("dict")),
        (3.0, 2, NonNumeric("float")),
    ],
)
def test_gradients_are_taken_apart_however_they_are_put_together(found: object, count: int, wanted: object) -> None:
    assert probe._several(found, count, np) == wanted


def test_an_array_of_gradients_is_one_per_argument() -> None:
    several = probe._several(np.array([[1.0], [2.0]]), 2, np)
    assert isinstance(several, list)
    assert [one.tolist() for one in several] == [[1.0], [2.0]]


def asked(count: int) -> ArraysRequest:
    how = Interface("d", "ops")
    return ArraysRequest(
        "ops", how, "backward", (RowAsked("_0", ((2,),)),), (), (), ((0, ((1.0, 2.0),), (1.0, 1.0)),) * count
    )


@pytest.mark.parametrize(
    ("rows", "whole"),
    [
        ((ArrayRow(told(1.0, 2.0), (told(1.0, 2.0),)),) * 2, True),
        ((ArrayRow(told(1.0, 2.0), (told(1.0, 2.0),)),), False),
        ((ArrayRow(told(1.0, 2.0), (told(1.0), told(2.0))),) * 2, False),
        ((ArrayRow(ArrayTold((3,), (1.0,)), None),) * 2, False),
        ((ArrayRow(ArrayTold((-1, -1), (1.0,)), None),) * 2, False),
        ((ArrayRow(ArrayTold((2,), ()), None),) * 2, False),
        ((ArrayRow(ArrayTold((MOST_TOLD + 1,), ()), None),) * 2, True),
        ((), False),
    ],
)
def test_an_answer_with_parts_left_out_is_none(rows: tuple[ArrayRow, ...], whole: bool) -> None:
    assert probe.complete(asked(2), ArraysReply(rows=rows)) is whole


def test_where_an_accepted_formula_is_undefined_nothing_is_right_by_it() -> None:
    assert usable(parse("log(a - 100)", {"a": (2, 3)}), CORPUS.inputs[0].args, CORPUS.inputs[0].cotangent) is None
    nowhere = ArrayTargets("log(a - 100)", (None,) * len(CORPUS.inputs), TARGETS.shapes)
    assert bands.gradients(rows_of(TEXT), [nowhere, TARGETS]).misses == ()
    assert len(bands.gradients(rows_of(TEXT), [nowhere]).misses) == len(CORPUS.inputs)


def test_rows_stand_under_each_other() -> None:
    assert arrays.grid("[[[1.0], [2.0]], [[3.0], [4.0]]]", 2) == "[[[1.0],\n    [2.0]],\n   [[3.0],\n    [4.0]]]"
    assert arrays.grid("[1.0, 2.0]") == "[1.0, 2.0]"
