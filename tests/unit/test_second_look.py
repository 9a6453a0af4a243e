"""What excuses a gradient that is not the formula's: honest reasons do, and nobody's word alone does."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest

from grader.assignment.domains import DOMAINS
from grader.judging import bands, own_forward, tolerance
from grader.model import Corpus, Domain, Input
from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression, parse
from grader.oracle.inputs import draw
from grader.sandbox.probes.function import Evaluation

SEEDS = [f"second {i}" for i in range(12)]
Forward = Callable[..., float]
Backward = Callable[..., tuple[float, ...]]


class Style(NamedTuple):
    """A way to keep a formula from failing at its border, and the derivative of what it computes instead."""

    name: str
    text: str
    domains: tuple[Domain, ...]
    forward: Forward
    backward: Backward


POSITIVE, NONZERO, NEAR = (DOMAINS["positive"],), (DOMAINS["nonzero"],), (Domain(0.05, 10.0),) * 2


def styles() -> list[Style]:
    """Every EPS that the judge has ever taken for honest, by the largest and the smallest of each."""
    found = []
    for eps in (1e-7, 1e-8, 1e-10, 1e-12):
        found += [
            Style(
                f"log(x + {eps})",
                "log(x)",
                POSITIVE,
                lambda x, e=eps: math.log(x + e),
                lambda d, x, e=eps: (d / (x + e),),
            )
        ]
    for eps in (1e-8, 1e-10, 1e-12):
        found += [
            Style(
                f"1 / (x + {eps})",
                "1 / x",
                NONZERO,
                lambda x, e=eps: 1 / (x + e),
                lambda d, x, e=eps: (-d / (x + e) ** 2,),
            ),
            Style(
                f"x / (y + {eps})",
                "x / y",
                (DOMAINS["real"], DOMAINS["nonzero"]),
                lambda x, y, e=eps: x / (y + e),
                lambda d, x, y, e=eps: (d / (y + e), -d * x / (y + e) ** 2),
            ),
        ]
    for eps in (1e-5, 1e-6, 1e-8, 1e-12):
        found += [
            Style(
                f"sqrt(x + {eps})",
                "sqrt(x)",
                POSITIVE,
                lambda x, e=eps: math.sqrt(x + e),
                lambda d, x, e=eps: (d / 2 / math.sqrt(x + e),),
            ),
            Style(
                f"log(z + {eps}) + exp(z)",
                "log(x * y) + exp(x * y)",
                NEAR,
                lambda x, y, e=eps: math.log(x * y + e) + math.exp(x * y),
                lambda d, x, y, e=eps: (
                    d * (y / (x * y + e) + y * math.exp(x * y)),
                    d * (x / (x * y + e) + x * math.exp(x * y)),
                ),
            ),
        ]
    return found


STYLES = styles()


def formula_of(text: str) -> Expression:
    return parse(text, ["x", "y"] if "y" in text else ["x"])


def rows_of(inputs: Sequence[Input], forward: Forward, backward: Backward) -> list[Evaluation]:
    return [Evaluation(float(forward(*one.args)), tuple(map(float, backward(one.d_out, *one.args)))) for one in inputs]


def drawn(text: str, domains: tuple[Domain, ...], seed: str) -> Corpus:
    return draw(domains, formula_of(text), 50, seed)


def judged(
    text: str, corpus: Corpus, first: Sequence[Evaluation], again: own_forward.Again, refuse: bool = False
) -> bands.Judgement:
    targets = [bands.targets(corpus, formula_of(text))]
    return bands.backward(first, corpus, targets, "refuse" if refuse else "accept", again)


def honest(style: Style, corpus: Corpus, refuse: bool = False) -> bands.Judgement:
    def again(inputs: Sequence[Input]) -> list[Evaluation]:
        return rows_of(inputs, style.forward, style.backward)

    return judged(style.text, corpus, again(corpus.inputs), again, refuse)


@pytest.mark.parametrize("style", STYLES, ids=lambda one: one.name)
def test_an_eps_is_honest_under_every_seed_even_with_quotients_refused(style: Style) -> None:
    for seed in SEEDS:
        corpus = drawn(style.text, style.domains, seed)
        assert honest(style, corpus).misses == (), seed
        if max(honest_miss(style, corpus)) > 1e-5:  # else it is "close", which is a numeric derivative's excuse
            assert honest(style, corpus, refuse=True).note in ("", own_forward.OWN), seed


def honest_miss(style: Style, corpus: Corpus) -> list[float]:
    """How far each gradient is off, relatively, of those whose value is as well."""
    found = [0.0]
    for one, answer in zip(corpus.inputs, corpus.answers):
        got = style.backward(1.0, *one.args)
        found += [abs(gradient - lo) / abs(lo) for gradient, (lo, _) in zip(got, answer.partials) if lo]
    return found


@pytest.mark.parametrize("style", STYLES, ids=lambda one: one.name)
def test_an_eps_is_less_steep_than_is_let_through_by_half(style: Style) -> None:
    """The margin: how steep the difference is, of what is excused."""
    steepest = 0.0
    for seed in SEEDS:
        corpus = drawn(style.text, style.domains, seed)
        for one, answer in zip(corpus.inputs, corpus.answers):
            off = abs(style.forward(*one.args) - answer.value)
            if off <= 1e-12 * max(1.0, abs(answer.value)):
                continue
            for x, gradient, (lo, _) in zip(one.args, style.backward(1.0, *one.args), answer.partials):
                excess = abs(gradient - lo) - 1e-12 * abs(lo)
                steepest = max(steepest, excess / (off * (1 + (1 / abs(x) if x else 0.0))))
    assert 0 < steepest <= tolerance.EPS_STEEPEST / 1.5, steepest


DEFINED: dict[str, tuple[str, tuple[Domain, ...], Forward]] = {
    "square": ("x ** 2", (DOMAINS["real"],), lambda x: x * x),
    "log": ("log(x)", POSITIVE, math.log),
    "exp": ("exp(x)", (Domain(-5.0, 5.0),), math.exp),
    "product": ("x * y", (DOMAINS["real"],) * 2, lambda x, y: x * y),
}


def off(value: float) -> float:
    return value + 5e-6 * max(1.0, abs(value))


LIES: dict[str, Backward] = {
    "nothing": lambda d, *a: (0.0,) * len(a),
    "d_out": lambda d, *a: (d,) * len(a),
    "the argument": lambda d, *a: tuple(d * x for x in a),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("name", DEFINED)
def test_a_forward_that_is_off_and_answers_a_probe_to_suit_excuses_nothing(name: str, lie: str) -> None:
    """Whoever could tell a probe would answer it with whatever agrees with the gradient."""
    text, domains, f = DEFINED[name]
    for seed in SEEDS:
        corpus = drawn(text, domains, seed)
        first = rows_of(corpus.inputs, lambda *a: off(f(*a)), LIES[lie])
        known = dict(zip(corpus.inputs, first))
        formula = formula_of(text)

        def suits(
            inputs: Sequence[Input], corpus: Corpus = corpus, known: dict[Input, Evaluation] = known
        ) -> list[Evaluation]:
            """Answer what was asked before as before, and else a straight line with the slope that was returned."""
            found = []
            for one, original in zip(inputs, corpus.inputs):
                row = known.get(one)
                if row is None:
                    slopes = LIES[lie](1.0, *original.args)
                    value = off(f(*original.args)) + sum(
                        s * (a - b) for s, a, b in zip(slopes, one.args, original.args)
                    )
                    row = Evaluation(value, (0.0,) * len(one.args))
                found.append(row)
            return found

        for again in (suits, lambda inputs: [Evaluation(1.0, (0.0,))] * len(inputs), lambda inputs: []):
            assert judged(text, corpus, first, again).misses, (seed, formula)


@pytest.mark.parametrize("waves", [1e2, 1e3, 1e4])
def test_a_wave_on_a_forward_excuses_no_more_than_its_size(waves: float) -> None:
    """It is a function that has this gradient. It is not the one that was asked for."""
    for seed in SEEDS:
        corpus = drawn("exp(x)", (Domain(0.5, 3.0),), seed)

        def again(inputs: Sequence[Input]) -> list[Evaluation]:
            return rows_of(
                inputs,
                lambda x: math.exp(x) + 5e-6 * math.sin(waves * x),
                lambda d, x: (d * (math.exp(x) + 5e-6 * waves * math.cos(waves * x)),),
            )

        assert judged("exp(x)", corpus, again(corpus.inputs), again).misses, seed


def test_what_was_judged_has_to_be_answered_as_before() -> None:
    style = next(one for one in STYLES if one.name == "log(x + 1e-07)")
    corpus = drawn(style.text, style.domains, SEEDS[0])
    first = rows_of(corpus.inputs, style.forward, style.backward)

    def wavers(inputs: Sequence[Input]) -> list[Evaluation]:
        rows = rows_of(inputs, style.forward, style.backward)
        same = next(i for i, one in enumerate(inputs) if one in corpus.inputs)
        rows[same] = Evaluation(math.nextafter(style.forward(*inputs[same].args), 9.0), rows[same].backward)
        return rows

    assert honest(style, corpus).note == own_forward.OWN
    assert judged(style.text, corpus, first, wavers).misses


def test_no_probe_has_an_input_beside_its_neighbour() -> None:
    style = next(one for one in STYLES if one.name == "log(x + 1e-07)")
    corpus = drawn(style.text, style.domains, SEEDS[0])
    seen: list[Sequence[Input]] = []

    def again(inputs: Sequence[Input]) -> list[Evaluation]:
        seen.append(inputs)
        return rows_of(inputs, style.forward, style.backward)

    judged(style.text, corpus, rows_of(corpus.inputs, style.forward, style.backward), again)
    assert len(seen) == 4
    for inputs in seen:
        assert len(inputs) == len(corpus.inputs)
        originals = {one.args: i for i, one in enumerate(corpus.inputs)}
        moved = [i for i, one in enumerate(inputs) if originals.get(one.args) != i]
        assert 0 < len(moved) < len(inputs)
        assert not any(corpus.inputs[i] in inputs for i in moved)


@pytest.mark.parametrize("step", [1e-2, 1e-3])
def test_an_eps_quotient_is_refused_where_one_of_the_formula_is(step: float) -> None:
    def forward(x: float) -> float:
        return off(math.exp(x))

    for seed in SEEDS:
        corpus = drawn("exp(x)", (Domain(-3.0, 3.0),), seed)

        def again(inputs: Sequence[Input]) -> list[Evaluation]:
            return rows_of(inputs, forward, lambda d, x: (d * (forward(x + step) - forward(x - step)) / (2 * step),))

        assert judged("exp(x)", corpus, again(corpus.inputs), again, refuse=True).misses, seed


@pytest.mark.parametrize("wrong_by", [3e-4, 5e-4, 1e-3])
@pytest.mark.parametrize("share", [3, 10])
def test_a_gradient_that_is_a_little_wrong_at_some_inputs_is_wrong(wrong_by: float, share: int) -> None:
    for seed in SEEDS:
        corpus = drawn("x ** 2", (DOMAINS["real"],), seed)
        first = [
            Evaluation(x * x, (2 * x * d * (1 + wrong_by * (i % share == 0) * (1 if i % 2 else -0.9)),))
            for i, ((x,), d) in enumerate((one.args, one.d_out) for one in corpus.inputs)
        ]
        assert judged("x ** 2", corpus, first, lambda _: []).misses, seed


def test_a_step_over_the_border_of_a_formula_is_not_taken() -> None:
    formula = formula_of("log(x)")
    found = own_forward._step(formula, Input((1e-5,), 1.0), 0)
    assert found is not None
    assert all(one.args[0] > 0 for one in found.inputs)
    with pytest.raises(Undefined):
        formula.value((-1e-5,))
