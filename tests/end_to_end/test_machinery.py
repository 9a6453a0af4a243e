"""Every planted mistake in the machinery costs the exercise it is in, and no other; every right style costs nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import msgspec
import pytest

from grader.audit.mutants import machinery
from grader.batch import cohort
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, planning
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import ExerciseResult, Result, Submission
from grader.reports import feedback
from grader.sandbox.probes.graph import GraphReply
from grader.sandbox.supervisor import Supervisor
from grader.submissions import papers
from tests.conftest import ROOT
from tests.machinery import MODULES, REFERENCE, RIGHT, WRONG, replaced


@pytest.fixture(scope="module")
def module1() -> Assignment:
    return config.load(ROOT / "examples" / "module1" / "config.yaml")


@pytest.fixture(scope="module")
def held(module1: Assignment) -> Iterator[Supervisor]:
    box, _ = cohort.open_box(module1)
    with Supervisor(box, 910) as opened:
        yield opened


@pytest.fixture(scope="module")
def prepared(module1: Assignment) -> Plan:
    return planning.prepare(module1)


def graded(sources: dict[str, str], plan: Plan, supervisor: Supervisor) -> Result:
    modules = {name: (f"minitorch/{name}.py", text.encode()) for name, text in sources.items()}
    answers = papers.answers((ROOT / "reference" / "answers.yaml").read_bytes())
    return Grader(plan, supervisor).grade(Submission("s", modules, answers=answers))


def lost(result: Result) -> dict[str, tuple[str, ...]]:
    found = {one.id: tuple(c.name for c in one.checks if c.outcome.verdict != "accepted") for one in result.exercises}
    return {name: checks for name, checks in found.items() if checks and name != "queue-backpropagation"}


def exercise(result: Result, name: str) -> ExerciseResult:
    return next(one for one in result.exercises if one.id == name)


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_costs_its_own_exercise_only(name: str, prepared: Plan, held: Supervisor) -> None:
    wrong = WRONG[name]
    result = graded(replaced(wrong.where, wrong.source), prepared, held)
    found = lost(result)
    assert set(found) - {"all-together"} == set(wrong.loses) - {"all-together"}
    assert all(set(checks) <= set(found.get(one, ())) for one, checks in wrong.loses.items()), found
    main = exercise(result, next(iter(wrong.loses)))
    verdicts = {c.outcome.verdict for c in main.checks if c.name in wrong.loses[main.id]}
    assert verdicts <= {"wrong answer", "runtime error"}
    if wrong.named:
        assert any(wrong.named in said.name for c in main.checks for said in c.outcome.diagnosis), [
            c.outcome.diagnosis for c in main.checks
        ]


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_style_costs_nothing(name: str, prepared: Plan, held: Supervisor) -> None:
    result = graded(replaced(*RIGHT[name]), prepared, held)
    missing = lost(result)
    missing.pop("all-together", None) if "without leaves" in name or "leaves first" in name else None
    assert [(c.name, c.outcome) for one in missing for c in exercise(result, one).checks if one] == []


def test_the_reference_earns_all_and_the_lectures_queue_is_told_its_cost(prepared: Plan, held: Supervisor) -> None:
    result = graded(REFERENCE, prepared, held)
    assert result.earned == result.possible
    queue = exercise(result, "queue-backpropagation")
    assert queue.verdict == "accepted"
    outcome = queue.checks[-1].outcome
    assert outcome.reason == "right, but its work grows with the number of paths, not of nodes"
    assert outcome.detail == "25 nodes took 252 calls of backward, 33 took 1,020, and 41 took over 1,410"
    assert [one.name.partition(":")[0] for one in outcome.diagnosis] == ["every arrival is passed on"]


def test_an_order_over_every_path_is_told_and_loses_nothing(prepared: Plan, held: Supervisor) -> None:
    wrong = WRONG["every path sorted"]
    order, cost = exercise(graded(replaced(wrong.where, wrong.source), prepared, held), "topological-sort").checks
    assert (order.outcome.verdict, order.earned, cost.possible) == ("accepted", 4, 0)
    assert cost.outcome.reason == "right, but its work grows with the number of paths, not of nodes"
    assert cost.outcome.detail.endswith("; what has been visited need not be visited again")
    assert cost.outcome.diagnosis == ()


AT_LENGTH = """
    def backpropagate(variable, deriv):
        arrived = {variable.unique_id: deriv}
        for current in topological_sort(variable):
            d = arrived.get(current.unique_id, 0.0)
            if current.is_leaf():
                current.accumulate_derivative(d)
                continue
            for _ in range(300):
                pairs = current.chain_rule(d)
            for parent, share in pairs:
                arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
"""


def test_work_that_is_large_and_does_not_grow_is_counted_only(prepared: Plan, held: Supervisor) -> None:
    result = graded(replaced("autodiff.backpropagate", AT_LENGTH), prepared, held)
    checks = {one.name: one.outcome for one in exercise(result, "backpropagate").checks}
    assert checks["gradients"].verdict == "accepted"
    assert checks["cost"].reason == "it was stopped: 25 nodes took over 1,250 calls of backward"
    assert (checks["cost"].detail, checks["cost"].diagnosis) == ("", ())


def test_cost_says_of_a_wrong_walk_that_it_is_wrong(prepared: Plan, held: Supervisor) -> None:
    wrong = WRONG["breadth first, sums passed on early"]
    result = graded(replaced(wrong.where, wrong.source), prepared, held)
    cost = next(one.outcome for one in exercise(result, "backpropagate").checks if one.name == "cost")
    assert cost.reason == "a leaf's derivative is wrong, so how its work grows was not judged"
    assert (cost.detail, cost.diagnosis) == ("", ())


def test_a_count_that_is_caught_on_the_way_is_told_all_the_same(prepared: Plan, held: Supervisor) -> None:
    source = """
        cheap = topological_sort
        def topological_sort(variable):
            order = list(cheap(variable))
            try:
                for i in range(2 ** min(len(order) // 4, 14)):
                    i += 1
            except BaseException:
                pass
            return order
    """
    text = f"{REFERENCE['autodiff']}\n\n{textwrap.dedent(source)}"
    result = graded({**REFERENCE, "autodiff": text}, prepared, held)
    order, cost = exercise(result, "topological-sort").checks
    assert (order.outcome.verdict, cost.outcome.verdict) == ("accepted", "wrong answer")
    assert not result.withheld


def test_the_smallest_graph_is_shown(prepared: Plan, held: Supervisor) -> None:
    result = graded(
        replaced(WRONG["what arrives overwrites"].where, WRONG["what arrives overwrites"].source), prepared, held
    )
    shown = exercise(result, "backpropagate").checks[0].outcome.counterexample
    assert shown is not None
    assert shown.picture is not None
    assert [node.formula for node in shown.picture.nodes] == ["Scalar(3.0)", "x * x"]
    assert shown.snippet == (
        "from minitorch.scalar import Scalar; from minitorch.autodiff import backpropagate; "
        "x = Scalar(3.0); a = x * x; backpropagate(a, 2.0); print(x.derivative)"
    )
    assert (shown.returned, shown.expected) == ("6.0", "12.0")
    assert "x.derivative" in feedback.markdown(result)


PROPOSALS = {
    "breadth first, each node passed once": "each variable is passed through once, with what came first",
    "depth first, before all has arrived": "variables pass on in the order in which a depth-first walk first meets",
    "post-order marked at first sight": "variables are marked as visited too early",
    "by the shortest distance": "variables pass on in breadth-first order, by their shortest distance from the output",
    "every path walked": "every arrival is passed on",
    "every arrival passed on by a queue": "every arrival is passed on",
    "in the order of creation": "",
    "by the longest depth": "",
}
"""Ways to do without the topological order that were proposed in public, and the name that each must get."""


@pytest.mark.parametrize("proposal", PROPOSALS)
def test_a_proposal_to_do_without_the_order_is_told_as_what_it_is(
    proposal: str, prepared: Plan, held: Supervisor
) -> None:
    code = {**machinery.WRONG, **machinery.RIGHT}[proposal].code
    plan = only(prepared, {"backpropagate"})
    checks = exercise(graded(replaced("autodiff.backpropagate", code), plan, held), "backpropagate").checks
    outcomes = {one.name: one.outcome for one in checks}
    names = {one.name for outcome in outcomes.values() for one in outcome.diagnosis}
    assert len(names) == bool(PROPOSALS[proposal])
    assert all(one.startswith(PROPOSALS[proposal]) for one in names)
    lost = {name for name, outcome in outcomes.items() if outcome.verdict != "accepted"} - {"depth"}
    if not names or "arrival" in PROPOSALS[proposal]:
        assert lost == ({"cost"} if names else set())
    else:
        assert "gradients" in lost
        shown = outcomes["gradients"].counterexample
        assert shown is not None
        assert shown.picture is not None
        assert any(node.returned != node.expected for node in shown.picture.nodes)


def test_right_boxes_on_a_broken_machine_earn_their_points_and_the_reverse(prepared: Plan, held: Supervisor) -> None:
    broken = {**REFERENCE, "scalar": "class Scalar:\n    def __init__(self, *a):\n        raise RuntimeError\n"}
    result = graded(broken, prepared, held)
    alone = {"scalar-operators", "scalar-roles", "chain-rule", "all-together"}
    assert set(lost(result)) == alone
    boxes = {**REFERENCE, "scalar_functions": "this is no Python"}
    result = graded(boxes, prepared, held)
    of_the_file = {one.id for one in result.exercises if one.id.startswith("function-")} | {"apply", "all-together"}
    assert set(lost(result)) == of_the_file


def test_a_package_with_a_broken_init_cycles_and_missing_files_is_graded(prepared: Plan, held: Supervisor) -> None:
    cyclic = {
        **REFERENCE,
        "operators": REFERENCE["operators"].replace("import math", "import math\n\nfrom . import scalar"),
    }
    assert lost(graded(cyclic, prepared, held)) == {}
    sources = {name: text for name, text in REFERENCE.items() if name != "operators"}
    result = graded(sources, prepared, held)
    of_the_file = {one.id for one in result.exercises if one.id.startswith("op-")}
    assert of_the_file <= set(lost(result)) <= of_the_file | {"all-together"}
    assert "operators.py was not handed in" in exercise(result, "op-mul").checks[0].outcome.reason


@pytest.mark.parametrize(("module", "name"), [("autodiff", "backpropagate"), ("autodiff", "topological_sort")])
def test_no_process_that_has_a_unit_under_test_holds_its_solution(module: str, name: str, prepared: Plan) -> None:
    for unit in prepared.units:
        for one in (unit, *unit.variants):
            tested = {tested for exercise in one.exercises for tested in exercise.under_test}
            if one.module == module and name in tested:
                for part_name, part in one.provided.items():
                    if part_name == module:
                        assert name not in part.names
                        assert f"def {name}".encode() not in part.code


def test_what_is_provided_is_swapped_for_a_stub_without_giving_it_away(prepared: Plan, held: Supervisor) -> None:
    stolen = """
    def backpropagate(variable, deriv):
        import gc, sys
        for one in gc.get_objects():
            if getattr(one, "__name__", "") == "backpropagate" and one is not backpropagate:
                return one(variable, deriv)
        for module in list(sys.modules.values()):
            other = getattr(module, "backpropagate", None)
            if other is not None and other is not backpropagate:
                return other(variable, deriv)
    """
    result = graded(replaced("autodiff.backpropagate", stolen), prepared, held)
    assert exercise(result, "backpropagate").earned == 0


@pytest.mark.prove
def test_so_it_is_under_a_hundred_seeds(module1: Assignment, held: Supervisor) -> None:
    for seed in range(100):
        plan = planning.prepare(module1, f"proof {seed}")
        assert lost(graded(REFERENCE, plan, held)) == {}
        names = sorted(WRONG)
        wrong = WRONG[names[seed % len(names)]]
        result = graded(replaced(wrong.where, wrong.source), plan, held)
        assert set(lost(result)) - {"all-together"} == set(wrong.loses) - {"all-together"}
        assert all(set(checks) <= set(lost(result).get(one, ())) for one, checks in wrong.loses.items())
        right = sorted(RIGHT)[seed % len(RIGHT)]
        assert set(lost(graded(replaced(*RIGHT[right]), plan, held))) <= {"all-together"}


def test_every_module_of_the_layout_is_a_reference() -> None:
    assert set(MODULES) == set(REFERENCE)


GRAB = """
import builtins, sys


def grab():
    for module in list(sys.modules.values()):
        one = getattr(module, "backpropagate", None)
        if one is not None and one.__code__.co_filename.startswith("<provided"):
            builtins.stash = sys.stash = one
    return getattr(builtins, "stash", None)


grab()
"""


def test_what_early_exercises_stash_no_later_one_finds(prepared: Plan, held: Supervisor) -> None:
    greedy = {name: text.replace("from __future__ import annotations", "") + GRAB for name, text in REFERENCE.items()}
    greedy["operators"] = greedy["operators"].replace("    return x * y\n", "    grab()\n    return x * y\n")
    stolen = replaced(
        "autodiff.backpropagate",
        "def backpropagate(variable, deriv):\n    found = grab()\n    return found and found(variable, deriv)\n",
    )
    greedy["autodiff"] = stolen["autodiff"] + GRAB
    result = graded(greedy, prepared, held)
    assert exercise(result, "op-mul").verdict == "accepted"
    assert exercise(result, "backpropagate").earned == 0


def only(plan: Plan, wanted: set[str]) -> Plan:
    """Return the plan with the units of these exercises alone."""
    units = tuple(unit for unit in plan.units if wanted & {one.id for one in unit.exercises})
    kept = tuple(one for unit in units for one in unit.exercises)
    return msgspec.structs.replace(
        plan, units=units, assignment=msgspec.structs.replace(plan.assignment, exercises=kept)
    )


@pytest.mark.prove
@pytest.mark.parametrize("chunk", range(10))
def test_every_mistake_is_caught_and_right_styles_pass_under_100_seeds(
    chunk: int, module1: Assignment, held: Supervisor
) -> None:
    for seed in range(10 * chunk, 10 * chunk + 10):
        plan = planning.prepare(module1, f"each {seed}")
        for name, wrong in WRONG.items():
            mine = {one: checks for one, checks in wrong.loses.items() if one != "all-together"} or wrong.loses
            found = lost(graded(replaced(wrong.where, wrong.source), only(plan, set(mine)), held))
            assert all(set(checks) <= set(found.get(one, ())) for one, checks in mine.items()), (seed, name, found)
        for name, (where, source) in RIGHT.items():
            module = where.partition(".")[0]
            mine = {one.id: () for one in module1.exercises if one.module == module and one.id != "all-together"}
            assert lost(graded(replaced(where, source), only(plan, set(mine)), held)) == {}, (seed, name)


def test_a_forged_answer_without_rows_is_no_pass(module1: Assignment) -> None:
    forged = GraphReply(absent=True)
    for one in module1.exercises:
        if one.kind in ("graph", "scalars"):
            kind = KINDS[one.kind]
            outcomes = kind.judge(one, kind.prepare(one, 10, "s", True), lambda _: forged)
            assert {outcome.verdict for outcome in outcomes.values()} == {"not attempted"}, one.id


def test_a_wrong_pair_at_a_leaf_is_nobodys_business(prepared: Plan, held: Supervisor) -> None:
    """Shrinking once asked a lone leaf for its chain rule, and the score was withheld: found by the audit."""
    wrong = "def chain_rule(self, d_output):\n    return [(d_output, self)]\n"
    result = graded(replaced("scalar.Scalar.chain_rule", wrong), prepared, held)
    outcome = exercise(result, "chain-rule").checks[0].outcome
    assert outcome.verdict == "wrong answer"
    assert not result.withheld


@pytest.mark.parametrize("name", ["TimesFive", "Square"])
def test_a_history_shows_a_forgotten_d_out(name: str, prepared: Plan, held: Supervisor) -> None:
    body = {"TimesFive": "return 5.0", "Square": "return 2.0 * ctx.saved_values[0]"}[name]
    wrong = f"@staticmethod\ndef backward(ctx, d_out):\n    {body}\n"
    result = graded(replaced(f"lecture8.{name}.backward", wrong), prepared, held)
    assert exercise(result, "square-history").earned == 0
