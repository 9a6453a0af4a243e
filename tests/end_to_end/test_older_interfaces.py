"""MiniTorch's interfaces of 2020 and 2021 are judged as today's: each mistake costs its own exercise, and is named."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.audit.mutants import machinery
from grader.batch import cohort
from grader.grading import config, planning
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Result, Submission
from grader.sandbox.supervisor import Supervisor
from tests.conftest import ROOT
from tests.end_to_end.test_graph_snippets import pasted, shows_it
from tests.end_to_end.test_machinery import exercise, only

YEARS = ("2020", "2021")
MODULES = ("operators", "autodiff", "scalar")


@functools.cache
def plan(year: str) -> Plan:
    return planning.prepare(config.load(ROOT / "examples" / f"minitorch-{year}" / "config.yaml"))


@pytest.fixture(scope="module")
def held() -> Iterator[Supervisor]:
    box, _ = cohort.open_box(plan("2020").assignment)
    with Supervisor(box, 911) as opened:
        yield opened


def sources(year: str, module: str = "", *changes: tuple[str, str]) -> dict[str, str]:
    """Return the reference's sources, with changes in one module."""
    folder = ROOT / "examples" / f"minitorch-{year}" / "reference"
    found = {name: (folder / f"{name}.py").read_text("utf-8") for name in MODULES}
    for old, new in changes:
        assert old in found[module], old
        found[module] = found[module].replace(old, new)
    return found


def graded(texts: dict[str, str], year: str, held: Supervisor, wanted: str = "") -> Result:
    modules = {name: (f"minitorch/{name}.py", text.encode()) for name, text in texts.items()}
    asked = only(plan(year), {wanted}) if wanted else plan(year)
    return Grader(asked, held).grade(Submission("s", modules))


CHANGES = [
    ("2020", "autodiff", ("arrived.get(step.variable.unique_id, 0.0) + step.deriv", "step.deriv"), "backpropagate"),
    ("2021", "autodiff", ("arrived.get(one.unique_id, 0.0) + share", "share"), "backpropagate"),
    ("2021", "autodiff", ("order[::-1]", "sorted(order, key=lambda one: one.data)"), "topological-sort"),
    *(
        (year, *change)
        for year in YEARS
        for change in (
            ("autodiff", ("for one, d in zip(inputs, g", "for one, d in zip(inputs[::-1], g"), "chain-rule"),
            ("autodiff", ("History(cls, ctx, vals)", "History(cls, ctx, raw_vals)"), "chain-rule"),
            ("scalar", ("return Mul.apply(self, Inv.apply(b))", "return Mul.apply(self, b)"), "scalar-operators"),
            ("scalar", ("return b * d_output, a * d_output", "return a * d_output, b * d_output"), "function-mul"),
            ("scalar", ("float(ctx.saved_values * d_output)", "float(ctx.saved_values)"), "function-exp"),
        )
    ),
]


@pytest.mark.parametrize("year", YEARS)
def test_the_reference_earns_all(year: str, held: Supervisor) -> None:
    result = graded(sources(year), year, held)
    assert result.earned == result.possible


@pytest.mark.parametrize(("year", "module", "change", "loses"), CHANGES)
def test_a_mistake_costs_its_own_exercise_and_its_snippet_shows_it(
    year: str, module: str, change: tuple[str, str], loses: str, tmp_path: Path, held: Supervisor
) -> None:
    texts = sources(year, module, change)
    result = graded(texts, year, held)
    assert {one.id for one in result.exercises if one.verdict != "accepted"} - {"all-together"} == {loses}
    for i, check in enumerate(exercise(result, loses).checks):
        shown = check.outcome.counterexample
        if shown is not None and shown.picture is not None and shown.snippet:
            shows_it(check.outcome, tmp_path / str(i), texts, sources(year))


@pytest.mark.parametrize("year", YEARS)
def test_a_function_that_reads_a_bare_value_is_shown_with_one(year: str, tmp_path: Path, held: Supervisor) -> None:
    texts = sources(year, "scalar", ("float(ctx.saved_values * d_output)", "float(ctx.saved_values)"))
    _, backward = exercise(graded(texts, year, held, "function-exp"), "function-exp").checks
    shown = backward.outcome.counterexample
    assert shown is not None
    for folder, files, told in (("theirs", texts, shown.returned), ("ours", sources(year), shown.expected)):
        done = pasted(tmp_path / folder, files, shown.snippet)
        assert float(done.stdout.split()[-1]) == pytest.approx(float(told), rel=1e-5), done.stderr


def test_pairs_are_as_right_as_objects_for_whoever_asks_the_chain_rule(held: Supervisor) -> None:
    texts = sources("2020", "autodiff", ("[VariableWithDeriv(one, d) for", "[(one, d) for"))
    assert exercise(graded(texts, "2020", held, "chain-rule"), "chain-rule").verdict == "accepted"


# --- what a year's course does not ask for -------------------------------------------------------------------------

RTRUEDIV = "    def __neg__", "    def __rtruediv__(self, b):\n        return {}\n\n    def __neg__"
EXP = """    def exp(self) -> Any:
        \"\"\"Return e to this.\"\"\"
        # solution: apply Exp
        return Exp.apply(self)
        # end solution

"""


def operators(year: str, held: Supervisor, *changes: tuple[str, str]) -> dict[str, str]:
    """Return the verdicts on a scalar's operators."""
    result = graded(sources(year, "scalar", *changes), year, held, "scalar-operators")
    return {one.name: one.outcome.verdict for one in exercise(result, "scalar-operators").checks}


def test_nobody_is_asked_in_2020_for_what_only_some_copies_have(held: Supervisor) -> None:
    for text in ("__eq__", "__rtruediv__", "__rsub__"):
        assert text not in sources("2020")["scalar"]
    assert set(operators("2020", held, (EXP, "")).values()) == {"accepted"}


@pytest.mark.parametrize("body", ["return self", "return 1.0", "return self.missing", "return Exp.apply(self, self)"])
def test_an_exp_that_is_there_is_judged(body: str, held: Supervisor) -> None:
    change = ("        return Exp.apply(self)\n", f"        {body}\n")
    assert operators("2020", held, change)["methods"] != "accepted"


def test_in_2021_what_the_course_asks_for_is_asked(held: Supervisor) -> None:
    assert operators("2021", held, ("def exp(", "def expo("))["methods"] == "runtime error"
    assert operators("2021", held, ("def __rtruediv__", "def rtruediv"))["arithmetic"] == "runtime error"
    assert operators("2021", held, ("def __eq__", "def eq"))["comparisons"] == "wrong answer"


def test_a_number_over_a_scalar_is_not_asked_for_in_2020(held: Supervisor) -> None:
    old, new = RTRUEDIV
    assert operators("2020", held, (old, new.format("self / b")))["arithmetic"] == "accepted"


@pytest.mark.parametrize("year", YEARS)
def test_a_constant_need_not_know_whether_it_is_a_leaf(year: str, held: Supervisor) -> None:
    """The course's own `is_leaf` reads the history of a constant, which is None."""
    texts = sources(year, "autodiff", ("        assert self.history is not None\n", ""))
    assert "return self.history.last_fn is None" in texts["autodiff"]
    assert graded(texts, year, held).earned == plan(year).assignment.possible


@pytest.mark.parametrize("year", YEARS)
def test_a_walk_may_tell_constants_by_their_type(year: str, held: Supervisor) -> None:
    """Numbers stay numbers there, and no course makes another constant. The chain rule may give constants or not."""
    change = ("elif not is_constant(current)", "elif isinstance(current, Variable)")
    result = graded(sources(year, "autodiff", change), year, held)
    assert result.earned == result.possible
    change = ("if not is_constant(one)]", "if isinstance(one, Variable)]")
    told = exercise(graded(sources(year, "autodiff", change), year, held, "chain-rule"), "chain-rule")
    assert told.verdict == "accepted"


# --- walks ---------------------------------------------------------------------------------------------------------

WORDS = (
    ("current.unique_id in seen or current.is_constant()", "is_constant(current) or current.unique_id in seen"),
    ("current.chain_rule(", "current.history.backprop_step("),
    ("current.is_constant()", "is_constant(current)"),
    ("parent.is_constant()", "is_constant(parent)"),
    ("in current.parents", "in current.history.inputs or ()"),
    ("(current.parents)", "(current.history.inputs or ())"),
    ("-one.unique_id", "-int(one.unique_id[8:])"),
    (", one.unique_id)", ", int(one.unique_id[8:]))"),
)
"""Today's words for what a walk asks of a variable, and those of 2021."""

WALKS = [what for what, one in machinery.WRONG.items() if what in machinery.NAMED and one.name != "Context"]


@pytest.mark.parametrize("what", WALKS)
def test_a_wrong_walk_in_the_words_of_2021_is_caught_and_named(what: str, held: Supervisor) -> None:
    one = machinery.WRONG[what]
    code = one.code
    for old, new in WORDS:
        code = code.replace(old, new)
    texts = sources("2021")
    texts["autodiff"] += f"\n\n{code}"
    wanted = "topological-sort" if one.name == "topological_sort" else "backpropagate"
    checks = exercise(graded(texts, "2021", held, wanted), wanted).checks
    wrong = [check.outcome for check in checks if check.outcome.verdict == "wrong answer"]
    assert wrong
    names = {each.name for outcome in wrong for each in outcome.diagnosis}
    assert names
    assert all(each.startswith(machinery.NAMED[what]) for each in names), names
