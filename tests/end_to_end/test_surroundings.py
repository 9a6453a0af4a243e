"""Right code keeps its points though its other parts are not ours; wrong code gains nothing by its own surroundings."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from grader.exercise_kinds.stand_ins import CONTEXT_MODULE
from grader.grading import planning
from grader.grading.ahead import AheadSession
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.grading.second_chance import GROWTH
from grader.model import ExerciseResult, Result, Submission
from grader.sandbox.fresh import Fresh
from grader.sandbox.supervisor import Supervisor
from grader.selfcheck import finding
from grader.selfcheck.checking import SelfCheck
from grader.submissions.papers import answers
from tests.conftest import ROOT
from tests.end_to_end.test_machinery import held, module1, prepared
from tests.machinery import REFERENCE, replaced

ANSWERS = (ROOT / "reference" / "answers.yaml").read_bytes()
NOT_COUNTED = {"queue-backpropagation"}

Change = dict[str, str]
Grade = Callable[..., Result]


__all__ = ["held", "module1", "prepared"]


@pytest.fixture
def module(prepared: Plan, held: Supervisor) -> Grade:
    """Grade a whole Module 1, each unit alone: the reference with some places replaced, and more files."""
    alone = msgspec.structs.replace(prepared, together=())

    def graded(changes: Change, **files: str) -> Result:
        sources = {**changed(changes), **{name.replace("__", "."): text for name, text in files.items()}}
        known = {name: (f"minitorch/{name}.py", text.encode()) for name, text in sources.items() if name in REFERENCE}
        extras = {
            name: (f"minitorch/{name.replace('.', '/')}.py", text.encode())
            for name, text in sources.items()
            if name not in REFERENCE
        }
        return Grader(alone, held).grade(Submission("s", known, extras, answers=answers(ANSWERS)))

    return graded


def changed(changes: Change) -> dict[str, str]:
    """Return the reference's sources with several places replaced."""
    sources = dict(REFERENCE)
    for where, source in changes.items():
        sources = replaced(where, source, sources)
    return sources


def lost(result: Result) -> dict[str, set[str]]:
    """Return what was lost, exercise by exercise; checks that are worth nothing are left out."""
    found = {
        one.id: {c.name for c in one.checks if c.outcome.verdict != "accepted" and c.possible}
        for one in result.exercises
        if one.id not in NOT_COUNTED
    }
    return {name: checks for name, checks in found.items() if checks}


def exercise(result: Result, name: str) -> ExerciseResult:
    return next(one for one in result.exercises if one.id == name)


PAIRS_WITH_DEPTH = {
    "autodiff.topological_sort": """
        def topological_sort(variable):
            found = []
            def visit(one):
                if all(one is not other for other, _ in found) and not one.is_constant():
                    for parent in one.parents:
                        visit(parent)
                    found.append((one, len(found)))
            visit(variable)
            return found
    """,
    "autodiff.backpropagate": """
        def backpropagate(variable, deriv):
            arrived = {variable.unique_id: deriv}
            for current, _ in reversed(topological_sort(variable)):
                d = arrived.get(current.unique_id, 0.0)
                if current.is_leaf():
                    current.accumulate_derivative(d)
                else:
                    for parent, share in current.chain_rule(d):
                        arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
    """,
}
"""A sort and a backpropagate that belong together and follow nobody else's contract."""

EVERY_PATH = """
    def topological_sort(variable):
        found = {}
        def visit(one):
            if not one.is_constant():
                for parent in one.parents:
                    visit(parent)
                found[one.unique_id] = one
        visit(variable)
        return list(found.items())
"""
"""Walks every path, and lists nothing twice."""

TUPLES = {
    "scalar.Scalar.chain_rule": """
        def chain_rule(self, d_output):
            history = self.history
            gradients = history.last_fn.backward(history.ctx, d_output)
            pairs = []
            for i in range(len(history.inputs)):
                pairs.append((history.inputs[i], gradients[i]))
            return pairs
    """,
    **{
        f"scalar_functions.{name}.backward": f"""
            @staticmethod
            def backward(ctx, d_out):
                {body}
        """
        for name, body in {
            "Inv": "return (operators.inv_back(ctx.saved_values[0], d_out),)",
            "Neg": "return (-d_out,)",
            "Log": "return (operators.log_back(ctx.saved_values[0], d_out),)",
            "Exp": "return (ctx.saved_values[0] * d_out,)",
            "Sigmoid": "return (operators.sigmoid_back(ctx.saved_values[0], d_out),)",
            "ReLU": "return (operators.relu_back(ctx.saved_values[0], d_out),)",
        }.items()
    },
}
"""A chain rule that takes tuples only, and functions that return nothing else."""

NO_LONE_LEAF = {
    "autodiff.backpropagate": """
        def backpropagate(variable, deriv):
            arrived = {variable.unique_id: deriv}
            for current in topological_sort(variable):
                if current.is_leaf():
                    continue
                for parent, share in current.chain_rule(arrived[current.unique_id]):
                    if parent.is_leaf():
                        parent.accumulate_derivative(share)
                    else:
                        arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
    """,
}

ASKS_THE_HISTORY = {
    "autodiff.topological_sort": """
        def topological_sort(variable):
            order, seen = [], set()
            def visit(one):
                if one.unique_id in seen:
                    return
                seen.add(one.unique_id)
                if one.history.last_fn is not None:
                    for parent in one.history.inputs:
                        visit(parent)
                order.insert(0, one)
            visit(variable)
            return order
    """,
}

OWN_HELPERS = {
    "operators.relu_back": """
        def relu_back(x, d, slope=1.0, *, at_zero=0.0):
            return slope * d if x > 0 else at_zero * d
    """,
    "operators.log": """
        def log(x):
            return math.log(x)

        def safe_log_derivative(x):
            return 1.0 / x
    """,
    "scalar_functions.ReLU.backward": """
        @staticmethod
        def backward(ctx, d_out):
            (x,) = ctx.saved_values
            return operators.relu_back(x, d_out, 1.0, at_zero=0.0)
    """,
    "scalar_functions.Log.backward": """
        @staticmethod
        def backward(ctx, d_out):
            (x,) = ctx.saved_values
            return operators.safe_log_derivative(x=x) * d_out
    """,
}

BOUND = {
    "scalar_functions.ScalarFunction.apply": """
        @classmethod
        def apply(cls, *vals):
            import functools
            from .scalar import Scalar, ScalarHistory
            inputs = [val if isinstance(val, Scalar) else Scalar(val) for val in vals]
            ctx = Context()
            out = Scalar(cls._forward(ctx, *(one.data for one in inputs)), ScalarHistory(cls, ctx, inputs))
            out.send = functools.partial(cls.backward, ctx)
            return out
    """,
    "scalar.Scalar.chain_rule": """
        def chain_rule(self, d_output):
            found = self.send(d_output)
            return list(zip(self.history.inputs, found if isinstance(found, tuple) else (found,)))
    """,
}
"""Every scalar keeps its own backward, bound to its context."""

RIGHT: dict[str, Change] = {
    "a backward that is bound to its context": BOUND,
    "nothing is done with a leaf that is itself the output": NO_LONE_LEAF,
    "a sort that asks every history for its function": ASKS_THE_HISTORY,
    "a chain rule and functions that agree on tuples": TUPLES,
    "helpers with names and arguments of their own": OWN_HELPERS,
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_among_its_own_files_keeps_its_points(name: str, module: Grade) -> None:
    assert lost(module(RIGHT[name])) == {}


def test_a_result_says_where_it_was_right_and_what_happened_among_ours(module: Grade) -> None:
    relu = exercise(module(OWN_HELPERS), "function-relu")
    reasons = [one.outcome.reason for one in relu.checks if one.outcome.reason]
    assert reasons
    assert all(one.startswith("right among your own files; among the provided parts: TypeError: ") for one in reasons)


def test_a_pair_that_belongs_together_earns_what_the_pair_can(module: Grade) -> None:
    result = module(PAIRS_WITH_DEPTH)
    assert lost(result) == {"topological-sort": {"order"}}


def test_a_pair_that_belongs_together_and_is_slow_is_right_and_slow(module: Grade) -> None:
    result = module(SLOW_PAIR)
    assert lost(result)["backpropagate"] == {"cost"}
    cost = next(one.outcome for one in exercise(result, "backpropagate").checks if one.name == "cost")
    assert "grows with the number of paths" in cost.reason


NUMERIC = {
    "scalar.Scalar.__init__": """
        def __init__(self, v, back=None, name=None):
            self.data = float(v)
            self.history = ScalarHistory() if back is None else back
            self.sent = []
            self.unique_id = next(_ids)
            self.name = str(self.unique_id)

        @property
        def derivative(self):
            total = None
            for output, d in BOOKED:
                slope = (worth(output, self, 1e-5) - worth(output, self, -1e-5)) / 2e-5
                if reaches(output, self):
                    total = (total or 0.0) + slope * d
            return total
    """,
    "scalar.derivative_check": """
        BOOKED = []

        def reaches(one, leaf):
            return one is leaf or any(reaches(i, leaf) for i in one.history.inputs)

        def worth(one, leaf, by):
            if one.history.last_fn is None:
                return one.data + (by if one is leaf else 0.0)
            ctx = Context()
            return one.history.last_fn.forward(ctx, *(worth(i, leaf, by) for i in one.history.inputs))
    """,
    "autodiff.backpropagate": """
        def backpropagate(variable, deriv):
            from . import scalar
            scalar.BOOKED.append((variable, deriv))
    """,
}
"""Backpropagation that notes the call, and a derivative that differentiates numerically."""

NO_HISTORY = {
    "scalar.Scalar.__init__": """
        def __init__(self, v, back=None, name=None):
            self.data = float(v)
            self.slopes, self.fixed = {}, False
            self.derivative = None
            self.unique_id = next(_ids)
            self.name = str(self.unique_id)

        @property
        def history(self):
            return None if self.fixed else ScalarHistory()

        @history.setter
        def history(self, value):
            self.fixed = value is None
    """,
    "scalar_functions.ScalarFunction.apply": """
        @classmethod
        def apply(cls, *vals):
            from .scalar import Scalar
            inputs = [val if isinstance(val, Scalar) else Scalar(val) for val in vals]
            values = [one.data for one in inputs]
            out = Scalar(cls.forward(Context(), *values))
            by = {
                "Add": lambda x, y: (1.0, 1.0),
                "Mul": lambda x, y: (y, x),
                "Neg": lambda x: (-1.0,),
                "Inv": lambda x: (-1.0 / x / x,),
                "Log": lambda x: (1.0 / x,),
                "Exp": lambda x: (math.exp(x),),
                "Sigmoid": lambda x: (out.data * (1.0 - out.data),),
                "ReLU": lambda x: (float(x > 0),),
            }
            for one, slope in zip(inputs, by[cls.__name__](*values)):
                for leaf, factor in (one.slopes or ({} if one.fixed else {one: 1.0})).items():
                    out.slopes[leaf] = out.slopes.get(leaf, 0.0) + slope * factor
            return out
    """,
    "autodiff.backpropagate": """
        def backpropagate(variable, deriv):
            for leaf, slope in (variable.slopes or {variable: 1.0}).items():
                leaf.derivative = (leaf.derivative or 0.0) + deriv * slope
    """,
}
"""No history at all, slopes carried forward on the way, and a backpropagate that hands them out."""

TWICE = {
    "autodiff.topological_sort": """
        def topological_sort(variable):
            order = []
            def visit(one):
                order.append(one)
                for parent in one.parents:
                    visit(parent)
            visit(variable)
            return order
    """,
    "autodiff.backpropagate": """
        def backpropagate(variable, deriv):
            arrived = {variable.unique_id: deriv}
            for current in topological_sort(variable):
                d = arrived[current.unique_id]
                if current.is_leaf():
                    current.accumulate_derivative(d)
                    continue
                for parent, share in current.chain_rule(d):
                    arrived[parent.unique_id] = share
    """,
}
"""Shares overwrite each other, and a sort that lists nodes once per path hides it on some graphs."""

WRONG: dict[str, tuple[Change, str]] = {
    "a numeric derivative in place of backpropagation": (NUMERIC, "backpropagate"),
    "slopes carried forward, and a history that says nothing": (NO_HISTORY, "backpropagate"),
    "overwritten shares behind a sort that lists twice": (TWICE, "backpropagate"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_gains_nothing_among_its_own_files(name: str, module: Grade) -> None:
    changes, where = WRONG[name]
    found = exercise(module(changes), where)
    assert "gradients" in {one.name for one in found.checks if one.outcome.verdict != "accepted"}
    assert not [one for one in found.checks if "your own files" in one.outcome.reason]


LIES = """
import math

class Lie:
    asked = 0

def lying(f, arity):
    class Function:
        @staticmethod
        def forward(ctx, *args):
            Lie.asked += 1
            if Lie.asked > 1:
                return 7.0
            return f(*args) + 5e-6 * max(1.0, abs(f(*args)))

        @staticmethod
        def backward(ctx, d_out):
            Lie.asked = 0
            return (0.0,) * arity if arity > 1 else 0.0
    return Function

TimesFive = lying(lambda x: 5 * x, 1)
Mul = lying(lambda x, y: x * y, 2)
AddTimes2 = lying(lambda x, y: x + 2 * y, 2)
Exp = lying(math.exp, 1)
"""


def test_a_forward_that_answers_otherwise_when_probed_has_no_second_try(plan: Plan, supervisor: Supervisor) -> None:
    result = Grader(plan, supervisor).grade(Submission("s", {"lecture8": ("lecture8.py", LIES.encode())}))
    reasons = [check.outcome.reason for one in result.exercises for check in one.checks]
    assert not [one for one in reasons if "your own files" in one]


SLOW_PAIR = {
    "autodiff.topological_sort": EVERY_PATH,
    "autodiff.backpropagate": PAIRS_WITH_DEPTH["autodiff.backpropagate"].replace("current, _ in", "_, current in"),
}


@pytest.mark.parametrize("changes", [*RIGHT.values(), PAIRS_WITH_DEPTH, SLOW_PAIR, NUMERIC, TWICE])
def test_what_a_self_check_accepts_grading_accepts(changes: Change, module: Grade) -> None:
    known = finding.assignment(ROOT, ROOT / "examples" / "module1" / "config.yaml").assignment
    files = {name: (f"minitorch/{name}.py", text.encode()) for name, text in changed(changes).items()}
    with Fresh() as workers:
        checked = list(SelfCheck(known, workers).check(Submission("s", files), known.exercises))
    result = module(changes)
    accepted = [
        (one.exercise.id, check.name)
        for one in checked
        for check in one.exercise.checks
        if check.outcome.verdict == "accepted" and check.name not in GROWTH and check.possible
    ]
    assert len(accepted) > 50
    graded = {(one.id, check.name): check.outcome for one in result.exercises for check in one.checks}
    assert [one for one in accepted if graded[one].verdict != "accepted"] == []


def test_a_wrong_backpropagate_beside_a_variant_is_not_not_attempted(module: Grade) -> None:
    wrong = {
        "autodiff.backpropagate": """
            def backpropagate(variable, deriv):
                for one in my_order(variable):
                    one.accumulate_derivative(deriv) if one.is_leaf() else None
        """,
        "autodiff.topological_sort": """
            def topological_sort(variable):
                raise NotImplementedError

            def my_order(variable):
                if not hasattr(topological_sort, "__wrapped__") and topological_sort.__module__ is None:
                    raise NotImplementedError
                yield variable
                for parent in variable.parents:
                    yield from my_order(parent)
        """,
    }
    assert exercise(module(wrong), "backpropagate").verdict == "wrong answer"


def test_own_files_are_not_asked_where_nothing_was_attempted(module: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []
    enter = AheadSession.__enter__
    monkeypatch.setattr(AheadSession, "__enter__", lambda self: loads.append(self._load) or enter(self))
    module({"autodiff.backpropagate": "def backpropagate(variable, deriv):\n    raise NotImplementedError\n"})
    assert loads
    assert not [one for one in loads if any(part.name == CONTEXT_MODULE for part in one.modules)]


def test_all_that_is_public_is_asked_before_anything_private(
    prepared: Plan, held: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = {id(ask) for half in map(prepared.private.get, ("backpropagate",)) for ask in _asks(half)}
    asked: list[bool] = []
    ahead = AheadSession.ask_ahead

    def noting(self: AheadSession, questions: tuple[object, ...]) -> None:
        asked.extend(id(one.ask) in private for one in questions if one.kind == "graph")  # type: ignore[attr-defined]
        ahead(self, questions)  # type: ignore[arg-type]

    monkeypatch.setattr(AheadSession, "ask_ahead", noting)
    only = planning.only(prepared, ["backpropagate"])
    sources = {name: (f"{name}.py", text.encode()) for name, text in changed(PAIRS_WITH_DEPTH).items()}
    Grader(only, held).grade(Submission("s", sources))
    assert any(asked)
    assert asked == sorted(asked)


def _asks(half: object) -> list[object]:
    return [one.ask for one in getattr(half, "ask", {}).values()]


def test_two_runs_give_the_same_bytes(module: Grade) -> None:
    first, second = (module(PAIRS_WITH_DEPTH) for _ in range(2))
    assert msgspec.json.encode(first, enc_hook=str) == msgspec.json.encode(second, enc_hook=str)


def test_a_class_in_another_case_is_taken_with_a_note(module: Grade) -> None:
    sources = changed({})
    renamed = sources["scalar_functions"].replace("class LT(", "class Lt(")
    other = sources["scalar"].replace("EQ, LT, Add", "EQ, Add").replace("LT.apply", "Lt.apply")
    other = other.replace(
        "from .scalar_functions import", "from .scalar_functions import Lt\nfrom .scalar_functions import"
    )
    result = module({}, scalar_functions=renamed, scalar=other)
    assert lost(result) == {}
    assert result.notes == ("there is no LT in scalar_functions.py; Lt was taken for it",)


def test_two_classes_that_differ_in_case_only_are_not_guessed_between(module: Grade) -> None:
    two = REFERENCE["scalar_functions"].replace("class LT(", "class Lt(") + "\n\nclass lT(Lt):\n    pass\n"
    assert exercise(module({}, scalar_functions=two), "function-lt").verdict == "not attempted"
