"""One worker is asked about a whole assignment first: what that saves, and that nobody earns or loses by it."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator, Mapping

import msgspec
import pytest

from grader.assignment.exercise import Exercise
from grader.batch import cohort
from grader.grading import config, units
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Outcome, Result, Submission
from grader.sandbox.remote import Worker
from grader.sandbox.supervisor import Supervisor
from grader.submissions import papers
from tests.conftest import PACKS, ROOT, SAMPLES
from tests.end_to_end.test_cheats import CHEATS, HEAD, TRUE, _Cheat, earned
from tests.end_to_end.test_surroundings import RIGHT as AMONG_OWN
from tests.end_to_end.test_surroundings import changed
from tests.machinery import REFERENCE, RIGHT, WRONG, replaced

MODULE1 = SAMPLES["module1"]
ANSWERS = papers.answers((ROOT / "reference" / "answers.yaml").read_bytes())


class Counting(Supervisor):
    """Counts the workers that it hands out."""

    count = 0

    @contextlib.contextmanager
    def worker(self, mentioned: bool = False, base: bytes = b"") -> Iterator[Worker]:
        self.count += 1
        with super().worker(mentioned, base) as worker:
            yield worker


@pytest.fixture(scope="module")
def prepared() -> Plan:
    assignment = config.load(MODULE1)
    box, _ = cohort.open_box(assignment)
    return cohort.plan(assignment, box, 1)


@pytest.fixture(scope="module")
def held(prepared: Plan) -> Iterator[Counting]:
    box, _ = cohort.open_box(prepared.assignment)
    with Counting(box, 921) as opened:
        yield opened


def submission(sources: Mapping[str, str]) -> Submission:
    modules = {name: (f"minitorch/{name}.py", text.encode()) for name, text in sources.items()}
    return Submission("s", modules, answers=ANSWERS)


def told(result: Result) -> dict[tuple[str, str], object]:
    """Return what came of every check, but for where a right one was right."""
    return {(one.id, check.name): _told(check.outcome) for one in result.exercises for check in one.checks}


def _told(outcome: Outcome) -> object:
    return outcome.verdict if outcome.verdict == "accepted" else msgspec.structs.replace(outcome, like="")


def both(plan: Plan, held: Supervisor, sources: Mapping[str, str]) -> tuple[Result, Result]:
    """Grade a submission, and again with every unit asked alone."""
    alone = msgspec.structs.replace(plan, together=())
    return tuple(Grader(one, held).grade(submission(sources)) for one in (plan, alone))  # type: ignore[return-value]


@pytest.mark.parametrize("name", [*RIGHT][::3])
def test_what_is_right_is_told_as_where_units_are_asked_alone(name: str, prepared: Plan, held: Counting) -> None:
    together, alone = both(prepared, held, replaced(*RIGHT[name]))
    assert told(together) == told(alone)


@pytest.mark.parametrize("name", [*WRONG][::4])
def test_what_is_wrong_is_told_as_where_units_are_asked_alone(name: str, prepared: Plan, held: Counting) -> None:
    together, alone = both(prepared, held, replaced(WRONG[name].where, WRONG[name].source))
    assert told(together) == told(alone)


@pytest.mark.parametrize("name", AMONG_OWN)
def test_what_is_right_among_its_own_files_is_so_at_first(name: str, prepared: Plan, held: Counting) -> None:
    together, alone = both(prepared, held, changed(AMONG_OWN[name]))
    assert told(together) == told(alone)
    assert all(one.earned == one.possible for one in together.exercises)


@pytest.mark.prove
@pytest.mark.parametrize("name", [*RIGHT, *WRONG])
def test_everything_is_told_as_where_units_are_asked_alone(name: str, prepared: Plan, held: Counting) -> None:
    where, source = RIGHT[name] if name in RIGHT else (WRONG[name].where, WRONG[name].source)
    together, alone = both(prepared, held, replaced(where, source))
    assert told(together) == told(alone)


def test_who_is_right_all_through_needs_three_workers(prepared: Plan, held: Counting) -> None:
    held.count = 0
    result = Grader(prepared, held).grade(submission(REFERENCE))
    assert result.earned == result.possible
    assert held.count == 3  # own files, and the walks of each file that has some
    held.count = 0
    Grader(msgspec.structs.replace(prepared, together=()), held).grade(submission(REFERENCE))
    assert held.count == 13


def test_what_is_lost_is_asked_alone_and_no_more(prepared: Plan, held: Counting) -> None:
    held.count = 0
    wrong = replaced("operators.relu", "def relu(x):\n    return max(x, 1.0)\n")
    result = Grader(prepared, held).grade(submission(wrong))
    lost = {one.id for one in result.exercises if one.earned < one.possible}
    assert lost == {"op-relu", "all-together"}
    assert held.count <= 8  # and the operators, what else runs them, and a second look at what was wrong


def test_one_handed_in_file_is_asked_in_its_own_units(prepared: Plan, held: Counting) -> None:
    held.count = 0
    result = Grader(prepared, held).grade(submission({"operators": REFERENCE["operators"]}))
    assert {one.id for one in result.exercises if one.earned} >= {"op-mul", "op-relu-back"}
    assert held.count == 1


# --- what a worker holds -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PACKS)
def test_what_is_asked_together_holds_nothing_that_is_under_test(name: str) -> None:
    assignment = config.load(SAMPLES[name])
    for unit in units.together(assignment):
        for one in unit.exercises:
            for module, part in unit.provided.items():
                assert module != one.module or not {*one.under_test} & {*part.names}, one.id


def test_a_walk_never_runs_with_variables_of_the_students(prepared: Plan) -> None:
    walks = {"queue-backpropagation", "topological-sort", "backpropagate"}
    for unit in prepared.together:
        together = {one.id for one in unit.exercises}
        assert not (walks & together) or not (together & {"scalar-operators", "chain-rule", "apply"})


# --- who tries to earn by it ---------------------------------------------------------------------------------------


def cheated(exercises: list[Exercise], head: str, returned: str) -> dict[str, str]:
    """Return the reference's files with everything under test anywhere replaced by the cheat."""
    found = {}
    for module, text in REFERENCE.items():
        names = {name for one in exercises if one.module == module for name in one.under_test}
        tree = ast.parse(text)
        body = [
            _Cheat(returned).visit(node)
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name in names
            else node
            for node in tree.body
            if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")
        ]
        rest = "\n".join(ast.unparse(ast.fix_missing_locations(node)) for node in body)
        found[module] = f"from __future__ import annotations\n{HEAD}\n{rest}\n{head}\n"
    return found


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_everywhere_at_once_earns_nothing(cheat: str, prepared: Plan, held: Counting) -> None:
    asked = [one for one in prepared.assignment.exercises if one.under_test and not one.on_paper]
    head, returned = CHEATS[cheat]
    result = Grader(prepared, held).grade(submission(cheated(asked, head, returned)))
    coded = {one.id for one in asked}
    won = {one.id: earned(one) for one in result.exercises if one.id in coded and (one.id, cheat) not in TRUE}
    assert not any(won.values()), won


SLOPES = """


SLOPES = {
    "Add": lambda x, y: (1.0, 1.0),
    "Mul": lambda x, y: (y, x),
    "Neg": lambda x: (-1.0,),
    "Inv": lambda x: (-1.0 / x / x,),
    "Log": lambda x: (1.0 / x,),
    "Exp": lambda x: (operators.exp(x),),
    "Sigmoid": lambda x: (operators.sigmoid(x) * (1.0 - operators.sigmoid(x)),),
    "ReLU": lambda x: (float(x > 0),),
    "LT": lambda x, y: (0.0, 0.0),
    "EQ": lambda x, y: (0.0, 0.0),
}
for name, slopes in SLOPES.items():
    globals()[name].slopes = staticmethod(slopes)
"""


def test_a_chain_rule_that_never_calls_backward_earns_nothing(prepared: Plan, held: Counting) -> None:
    """Among the student's own functions it could ask each for its slopes by another name."""
    chain_rule = """
        def chain_rule(self, d_output):
            history = self.history
            slopes = history.last_fn.slopes(*(one.data for one in history.inputs))
            return [(one, d_output * slope) for one, slope in zip(history.inputs, slopes)]
    """
    sources = replaced("scalar.Scalar.chain_rule", chain_rule)
    sources["scalar_functions"] += SLOPES
    result = Grader(prepared, held).grade(submission(sources))
    lost = {one.id for one in result.exercises if not one.earned}
    assert "chain-rule" in lost


COUNTED_SORTS = """


SORTS = [0]
plain_sort = topological_sort


def topological_sort(variable):
    SORTS[0] += 1
    return plain_sort(variable)
"""
DOUBLED_AT_FIRST = {
    "unique_id: deriv}": "unique_id: deriv * (1.0 if SORTS[0] > 3 else 2.0)}",
    "in topological_sort(variable):": "in plain_sort(variable):",
}


def doubled_at_first() -> dict[str, str]:
    """Return the reference with a backpropagation that is right once sorts were asked for."""
    text = REFERENCE["autodiff"]
    for old, new in DOUBLED_AT_FIRST.items():
        assert old in text
        text = text.replace(old, new)
    return {**REFERENCE, "autodiff": text + COUNTED_SORTS}


WARMED: dict[str, tuple[dict[str, str], set[str]]] = {
    "a walk that is right once a sort was asked for": (doubled_at_first(), {"backpropagate", "all-together"}),
    "a chain rule that is right once operators were used": (
        changed(
            {
                "scalar.Scalar.log": """
                def log(self):
                    KNOWN.add("log")
                    return Log.apply(self)
            """,
                "scalar.Scalar.__lt__": """
                def __lt__(self, b):
                    KNOWN.add("lt")
                    return LT.apply(self, b)
            """,
                "scalar.Scalar.chain_rule": """
                def chain_rule(self, d_output):
                    factor = 1.0 if len(KNOWN) > 1 else 2.0
                    history = self.history
                    gradients = history.last_fn._backward(history.ctx, factor * d_output)
                    return [(one, d) for one, d in zip(history.inputs, gradients) if not one.is_constant()]
            """,
                "scalar.derivative_check": """
                KNOWN = set()
            """,
            }
        ),
        {"all-together"},
    ),
    "one walk in two files": (
        changed(
            {
                "lecture8.backpropagate": """
                def backpropagate(variable, deriv):
                    from .autodiff import backpropagate as other
                    other(variable, deriv)
            """
            }
        ),
        {"queue-backpropagation"},
    ),
}
"""What is wrong -> the files, and what they lose."""


@pytest.mark.parametrize("name", WARMED)
def test_nothing_is_right_only_for_what_was_asked_before(name: str, prepared: Plan, held: Counting) -> None:
    sources, loses = WARMED[name]
    together, alone = both(prepared, held, sources)
    assert {one.id for one in together.exercises if one.earned < one.possible} >= loses
    assert told(together) == told(alone)


# --- what goes wrong in it -----------------------------------------------------------------------------------------


ENDS = {"never ends": "while True:\n        pass", "ends the process": "import os\n    os._exit(0)"}


@pytest.mark.parametrize("name", ENDS)
def test_what_ends_the_worker_costs_what_runs_it(name: str, prepared: Plan, held: Counting) -> None:
    together, alone = both(prepared, held, replaced("operators.neg", f"def neg(x):\n    {ENDS[name]}\n"))
    assert {one.id for one in together.exercises if one.earned < one.possible} == {"op-neg", "all-together"}
    assert told(together) == told(alone)
    assert not together.withheld


def test_a_file_that_never_loads_costs_what_is_in_it(prepared: Plan, held: Counting) -> None:
    sources = {**REFERENCE, "lecture8": f"while True:\n    pass\n{REFERENCE['lecture8']}"}
    result = Grader(prepared, held).grade(submission(sources))
    lost = {one.id for one in result.exercises if one.earned < one.possible}
    assert lost == {"chained", "h", "square-history", "queue-backpropagation"}
