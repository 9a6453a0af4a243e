"""Mistakes in `central_difference`, each written as a student writes it: caught, and named for what it is."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from grader.assignment.exercise import CheckSpec, Exercise
from grader.audit.mutants import syntax
from grader.diagnosis import difference_mistakes
from grader.diagnosis.difference_mistakes import single
from grader.exercise_kinds import difference, quoting
from grader.exercise_kinds.difference import KIND, TEXTS
from grader.model import Outcome
from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.difference import FUNCTIONS, Difference, DifferenceReply
from grader.sandbox.worker.plain import number
from tests.conftest import ROOT

EXERCISE = Exercise(
    "central-difference",
    "difference",
    "central_difference",
    "",
    "autodiff",
    ("central_difference",),
    (CheckSpec("value", 1, "visible", None, ()),),  # type: ignore[arg-type]
    "central_difference",
    "",
    "",
    package="minitorch",
)

HEAD = "def central_difference(f, *vals, arg=0, epsilon=1e-6):\n"
COPIES = "    above, below = list(vals), list(vals)\n    above[arg] += epsilon\n    below[arg] -= epsilon\n"


def body(quotient: str, copies: str = COPIES) -> str:
    return f"{HEAD}{copies}    return {quotient}\n"


def moved(above: str, below: str, quotient: str = "(f(*above) - f(*below)) / (2 * epsilon)") -> str:
    return body(quotient, f"    above = {above}\n    below = {below}\n")


def stepped(size: str) -> str:
    return f"{HEAD}    epsilon = {size}\n{COPIES}    return (f(*above) - f(*below)) / (2 * epsilon)\n"


def one_moved(by: str) -> str:
    return f"[v {by} if i == arg else v for i, v in enumerate(vals)]"


QUOTIENT = "(f(*above) - f(*below)) / (2 * epsilon)"
HALF = COPIES.replace("epsilon", "epsilon / 2")

RIGHT: dict[str, str] = {
    "as in the handout": body(QUOTIENT),
    "half a step to each side": body("(f(*above) - f(*below)) / epsilon", HALF),
    "both points made by comprehension": moved(one_moved("+ epsilon"), one_moved("- epsilon")),
    "slices": moved(
        "(*vals[:arg], vals[arg] + epsilon, *vals[arg + 1:])", "(*vals[:arg], vals[arg] - epsilon, *vals[arg + 1:])"
    ),
    "two halves of a slope": body("(f(*above) - f(*vals)) / epsilon / 2 + (f(*vals) - f(*below)) / epsilon / 2"),
    "one list, moved there and back": (
        f"{HEAD}    vals = list(vals)\n    vals[arg] += epsilon\n    above = f(*vals)\n    vals[arg] -= 2 * epsilon\n"
        "    return (above - f(*vals)) / (2 * epsilon)\n"
    ),
    "another default": body(QUOTIENT).replace("1e-6", "1e-5"),
    "rounded to single precision at the end": body(f"single({QUOTIENT})"),
    "a float of its own": f"class Float(float): pass\n{body(f'Float({QUOTIENT})')}",
}

MISTAKES: dict[str, tuple[str, str]] = {
    "forward only": (body("(f(*above) - f(*vals)) / epsilon"), "it steps forward only"),
    "backward only": (body("(f(*vals) - f(*below)) / epsilon"), "it steps backward only"),
    "forward, over 2ε": (body("(f(*above) - f(*vals)) / (2 * epsilon)"), "one of the two points is not moved"),
    "backward, over 2ε": (body("(f(*vals) - f(*below)) / (2 * epsilon)"), "one of the two points is not moved"),
    "ε forgotten above": (
        body(QUOTIENT, COPIES.replace("    above[arg] += epsilon\n", "")),
        "one of the two points is not moved",
    ),
    "one list under two names": (
        body(QUOTIENT, "    above = below = list(vals)\n    above[arg] += epsilon\n    below[arg] -= epsilon\n"),
        "both points are the same one",
    ),
    "one list under two names, in turn": (
        f"{HEAD}    above = below = list(vals)\n    above[arg] += epsilon\n    up = f(*above)\n"
        "    below[arg] -= epsilon\n    return (up - f(*below)) / (2 * epsilon)\n",
        "one of the two points is not moved",
    ),
    "both moved up": (body(QUOTIENT, COPIES.replace("-=", "+=")), "both points are the same one"),
    "over ε": (body("(f(*above) - f(*below)) / epsilon"), "and it divides by ε"),
    "half a step, over 2ε": (body(QUOTIENT, HALF), "and it divides by 2ε"),
    "/ 2 * ε": (body("(f(*above) - f(*below)) / 2 * epsilon"), "it divides by 2 and multiplies by ε"),
    "half a step, / 2 * ε": (
        body("(f(*above) - f(*below)) / 2 * epsilon", HALF),
        "it divides by 2 and multiplies by ε",
    ),
    "/ ε * 2": (body("(f(*above) - f(*below)) / epsilon * 2"), "it multiplies by 2 where it should divide"),
    "no parentheses": (body("f(*above) - f(*below) / (2 * epsilon)"), "only the second value is divided"),
    "not divided": (body("f(*above) - f(*below)"), "it never divides"),
    "half a step, not divided": (body("f(*above) - f(*below)", HALF), "it never divides"),
    "multiplied": (body("(f(*above) - f(*below)) * (2 * epsilon)"), "it multiplies by the distance"),
    "the wrong way round": (body("(f(*below) - f(*above)) / (2 * epsilon)"), "the wrong way round"),
    "added": (body("(f(*above) + f(*below)) / (2 * epsilon)"), "the two values are added"),
    "only one value": (body("f(*above) / (2 * epsilon)"), "only one of the two values is used"),
    "replaced": (
        body(QUOTIENT, COPIES.replace("+= ", "= ").replace("-= ", "= -")),
        "the argument is replaced by ε",
    ),
    "3ε": (body("(f(*above) - f(*below)) / (3 * epsilon)"), "the quotient is 0.666667 times"),
    "two mistakes": (body("(f(*below) - f(*above)) / epsilon"), "the quotient is -2 times"),
    "1 % too much": (body(f"{QUOTIENT} * 1.01"), "the quotient is 1.01 times"),
    "another default, not divided": (body("f(*above) - f(*below)").replace("1e-6", "1e-5"), "it never divides"),
    "another default, forward": (
        body("(f(*above) - f(*vals)) / epsilon").replace("1e-6", "1e-4"),
        "it steps forward only",
    ),
    "cut down": (body("(f(*above) - f(*below)) // (2 * epsilon)"), "`//` cuts the quotient down"),
    "the first argument": (body(QUOTIENT, COPIES.replace("[arg]", "[0]")), "by the first argument"),
    "the last argument": (body(QUOTIENT, COPIES.replace("[arg]", "[-1]")), "by the last argument"),
    "arg from 1": (body(QUOTIENT, COPIES.replace("[arg]", "[arg - 1]")), "`arg` is counted from 1"),
    "all moved": (
        moved("[v + epsilon for v in vals]", "[v - epsilon for v in vals]"),
        "all arguments are moved at once",
    ),
    "all moved by half": (
        moved(
            "[v + epsilon / 2 for v in vals]", "[v - epsilon / 2 for v in vals]", "(f(*above) - f(*below)) / epsilon"
        ),
        "all arguments are moved at once",
    ),
    "times 1 + ε": (moved(one_moved("* (1 + epsilon)"), one_moved("* (1 - epsilon)")), "multiplied by 1 + ε"),
    **{
        f"a step of {c}": (stepped(c), f"the step is always {float(c):g}")
        for c in ("0.5", "0.1", "0.25", "1.0", "0.01", "0.005", "2")
    },
    **{
        f"a step of {c}": (stepped(c), "does not depend on `epsilon`")
        for c in ("1e-3 / 2", "1e-4", "1e-5", "1e-6", "1e-7", "1e-8")
    },
    "divided by 2e-6": (body("(f(*above) - f(*below)) / 2e-6"), "it divides by 2e-06"),
    "divided by 2": (body("(f(*above) - f(*below)) / 2"), "it divides by 2,"),
    "moved by 1e-6": (body(QUOTIENT, COPIES.replace("epsilon", "1e-6")), "moved by a step of its own"),
    "better than asked": (
        f"{HEAD}    def g(d):\n        at = list(vals)\n        at[arg] += d\n        return f(*at)\n"
        "    return (8 * (g(epsilon) - g(-epsilon)) - (g(2 * epsilon) - g(-2 * epsilon))) / (12 * epsilon)\n",
        "does not depend on `epsilon`",
    ),
    "a default of 0.1": (body(QUOTIENT).replace("1e-6", "0.1"), "the default of `epsilon` is 0.1"),
    "a default of 0.01": (body(QUOTIENT).replace("1e-6", "1e-2"), "the default of `epsilon` is 0.01"),
    "all in float32": (
        moved(
            f"[F(v) for v in {one_moved('+ epsilon')}]",
            f"[F(v) for v in {one_moved('- epsilon')}]",
            "single(single(f(*above) - f(*below)) / single(2 * epsilon))",
        ),
        "single precision",
    ),
    "points in float32": (
        moved(
            f"[single(v) for v in {one_moved('+ single(epsilon)')}]",
            f"[single(v) for v in {one_moved('- single(epsilon)')}]",
        ),
        "single precision",
    ),
}
"""Mistake -> (source, what its name says)."""

NAMELESS: dict[str, str] = {
    "a constant": body("1.0"),
    "the value": body("f(*vals)"),
    "nothing": body("None"),
    "off by 0.1": body(f"{QUOTIENT} + 0.1"),
    "the square": body(f"({QUOTIENT}) ** 2"),
    "absolute": body(f"abs({QUOTIENT})"),
    "rounded to one digit": body(f"round({QUOTIENT}, 1)"),
    "not a number": body("float('nan')"),
    "infinite": body("float('inf')"),
}


class F(difference_mistakes._Single):
    """A `numpy.float32`, as far as it is needed."""


def reply(source: str, calls: tuple[Difference, ...]) -> DifferenceReply:
    space: dict[str, Any] = {"single": single, "F": F, "math": math}
    exec(source, space)
    values: list[float | NonNumeric | Fault] = []
    for one in calls:
        options = {k: v for k, v in (("arg", one.arg), ("epsilon", one.epsilon)) if v is not None}
        try:
            values.append(number(space["central_difference"](FUNCTIONS[one.function], *one.vals, **options)))
        except NotImplementedError:
            values.append(Fault("not implemented", "NotImplementedError"))
        except Exception as error:
            values.append(Fault("exception", type(error).__name__, str(error), "autodiff.py", 3))
    return DifferenceReply(values=tuple(values))


def judged(source: str, public: bool = True) -> Outcome:
    half = KIND.prepare(EXERCISE, 50, "a seed", public)
    return quoting.of_outcome(KIND.judge(EXERCISE, half, lambda ask: reply(source, ask.calls))["value"])


@pytest.mark.parametrize("name", RIGHT)
def test_right_code_in_any_style_is_right(name: str) -> None:
    assert [judged(RIGHT[name], public).verdict for public in (True, False)] == ["accepted", "accepted"]


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_caught_and_named_with_one_sentence_of_why(name: str) -> None:
    source, said = MISTAKES[name]
    outcome = judged(source)
    assert outcome.verdict == "wrong answer"
    assert any(said in one.name for one in outcome.diagnosis), outcome.diagnosis
    for one in outcome.diagnosis:
        assert one.why.endswith(".")
        assert len(one.why.split()) <= 30


@pytest.mark.parametrize("name", NAMELESS)
def test_what_is_in_no_table_is_caught_and_has_no_name(name: str) -> None:
    outcome = judged(NAMELESS[name])
    assert (outcome.verdict, outcome.diagnosis) == ("wrong answer", ())


@pytest.mark.parametrize("name", MISTAKES)
def test_the_private_half_catches_it_and_shows_nothing(name: str) -> None:
    outcome = judged(MISTAKES[name][0], public=False)
    if "single" not in MISTAKES[name][1] and "default" not in name:
        assert outcome.verdict == "wrong answer"
    assert (outcome.counterexample, outcome.diagnosis, outcome.detail) == (None, (), "")


def test_no_mutant_of_right_code_gets_a_name_that_another_mistake_has() -> None:
    """A name says what the change did; what is named by it is listed here, read one by one."""
    told: dict[str, set[str]] = {}
    count = 0
    for source in RIGHT.values():
        for mutant in syntax.mistakes("autodiff", source, ["central_difference"], True):
            outcome = judged(mutant.source)
            count += outcome.verdict != "accepted"
            assert len(outcome.diagnosis) < 2
            for one in outcome.diagnosis:
                told.setdefault(one.name.partition(":")[0], set()).add(mutant.name.partition("→ ")[2])
    assert count > 180
    expected = {
        "the two sides are subtracted the wrong way round": r"return -.*|.*f\(\*below\) - f.*",
        "it multiplies by the distance between the two points": r".*\* \(?(2 \* )?epsilon\)*",
        "it divides by 2, whatever `epsilon` is": r".*/ 2\)?",
        "the two values are added": r".*\+.*",
    }
    for name, pattern in expected.items():
        assert all(re.fullmatch(pattern, change) for change in told[name]), (name, told[name])


def test_the_table_of_names_is_as_the_docs_say() -> None:
    """Right name first, tied with another, none, wrong."""
    table: Counter[str] = Counter()
    for source, said in MISTAKES.values():
        names = [one.name for one in judged(source).diagnosis]
        right = [name for name in names if said in name]
        table["right" if right and len(names) == 1 else "tied" if right else "wrong" if names else "none"] += 1
    assert dict(table) == {"right": len(MISTAKES)}
    said = f"| `central_difference` | {len(MISTAKES)} | {len(MISTAKES)} | 0 | 0 | 0 |"
    assert said in (ROOT / "docs" / "architecture.md").read_text("utf-8"), said


UNWRITTEN = f"{HEAD}    if len(vals) > 2:\n        raise NotImplementedError\n"


def test_not_written_is_said_only_where_no_call_was_answered() -> None:
    outcome = judged(f"{HEAD}    raise NotImplementedError\n")
    assert (outcome.verdict, outcome.reason) == ("not attempted", "central_difference is not written yet")
    partly = judged(UNWRITTEN + body(QUOTIENT).partition("\n")[2])
    assert partly.verdict == "runtime error"
    assert (
        partly.reason
        == "central_difference is right for one or two arguments, and for three arguments it is not written yet"
    )
    wrong = judged(UNWRITTEN + body("(f(*above) - f(*vals)) / epsilon").partition("\n")[2])
    assert wrong.verdict == "wrong answer"
    assert wrong.detail == "for three arguments it is not written yet"
    assert "it steps forward only" in wrong.diagnosis[0].name


def test_an_exception_hides_no_wrong_number() -> None:
    raises = f"{HEAD}    if arg == 1:\n        return vals[7]\n"
    outcome = judged(raises + body("(f(*above) - f(*below)) / epsilon").partition("\n")[2])
    assert outcome.counterexample is not None
    assert outcome.counterexample.args == {"x": 2.0, "epsilon": 0.5}
    assert outcome.detail.endswith("it raised IndexError")
    assert "and it divides by ε" in outcome.diagnosis[0].name
    right = judged(raises + body(QUOTIENT).partition("\n")[2])
    assert (right.verdict, right.said) == ("runtime error", "IndexError: tuple index out of range")
    assert right.reason.endswith("it raised an exception")


@pytest.mark.parametrize(
    ("condition", "answered", "unanswered"),
    [
        ("len(vals) == 1", "for two or three arguments", "for one argument"),
        ("len(vals) > 1", "for one argument", "for two or three arguments"),
        ("epsilon == 1e-6", "where `epsilon` is given", "where no `epsilon` is given"),
        ("arg", "by the first argument", "by any argument but the first"),
        ("vals[0] == 4.0", "for 10 of 11 calls", "for 1 of 11 calls"),
    ],
)
def test_which_calls_raise_is_said(condition: str, answered: str, unanswered: str) -> None:
    source = f"{HEAD}    if {condition}:\n        raise NotImplementedError\n{body(QUOTIENT).partition(chr(10))[2]}"
    assert judged(source).reason == f"central_difference is right {answered}, and {unanswered} it is not written yet"


@pytest.mark.parametrize("name", [*MISTAKES, "nothing", "a constant"])
def test_a_shown_call_fails_again_when_it_is_pasted(name: str, capsys: Any) -> None:
    source = MISTAKES[name][0] if name in MISTAKES else NAMELESS[name]
    shown = judged(source).counterexample
    assert shown is not None
    code = re.sub(r"^from minitorch\.autodiff import central_difference; ", "", shown.snippet)
    assert code != shown.snippet
    space: dict[str, Any] = {"single": single, "F": F}
    exec(source, space)
    exec(code, space)
    printed = capsys.readouterr().out.strip()
    if name != "nothing":
        assert float(printed) == pytest.approx(float(shown.returned), rel=1e-5)
        assert float(shown.expected.partition(",")[0]) != float(printed)


def test_the_texts_are_the_functions_that_are_asked() -> None:
    for name, text in TEXTS.items():
        count = {"cube": 1, "product": 2, "mixed": 3, "line": 1}[name]
        shown: Callable[..., float] = eval(f"lambda {', '.join('xyz'[:count])}: {text}")
        assert shown(*(2.0, -3.0, 0.5)[:count]) == FUNCTIONS[name](*(2.0, -3.0, 0.5)[:count])


def test_no_reply_however_odd_breaks_the_judge() -> None:
    half = KIND.prepare(EXERCISE, 50, "a seed", True)
    count = len(half.ask.calls)
    for value in (math.nan, math.inf, -math.inf, 1e308, -1e308, 0.0, 5e-324, NonNumeric("list"), Fault("memory")):
        outcome = difference._outcome(EXERCISE, half, DifferenceReply(values=(value,) * count))
        assert outcome.verdict != "accepted"
    empty = msgspec.structs.replace(half, ask=msgspec.structs.replace(half.ask, calls=()))
    assert difference._outcome(EXERCISE, empty, DifferenceReply()).verdict == "accepted"
