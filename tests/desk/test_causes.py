"""An exercise that fails because of another part of the student's says which part, and only where that part fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from grader.batch import cohort
from grader.grading import config
from grader.model import Submission
from grader.sandbox import starting
from grader.sandbox.fresh import Fresh
from grader.selfcheck import finding, report
from grader.selfcheck.checking import Because, Checked, SelfCheck
from grader.selfcheck.parts import BELOW
from grader.selfcheck.prepared import AssignmentBundle
from grader.selfcheck.references import References
from tests import machinery
from tests.conftest import ROOT
from tests.desk.homes import MODULE1, check, home, solve

Edit = tuple[str, str, str]
"""(module, old, new)."""

SORT: Edit = (
    "autodiff",
    "    order.reverse()\n    return order\n",
    "    order.sort(key=lambda one: one.data)\n    return order\n",
)
MUL: Edit = ("scalar_functions", "return y * d_out, x * d_out", "return x * d_out, y * d_out")
BACKPROPAGATE: Edit = ("autodiff", "arrived.get(parent.unique_id, 0.0) + share", "share")
OP_MUL: Edit = ("operators", "return x * y", "return x + y")
LAST = "return self.history.last_fn is None"
IS_LEAF: Edit = ("scalar", "return self.history is not None and self.history.last_fn is None", "return True")
OWN_WALK: Edit = ("autodiff", "for current in topological_sort(variable):", "for current in _walked(variable):")
WALKED: Edit = (
    "autodiff",
    "def backpropagate(",
    "def _walked(variable):\n    todo = [variable]\n    while todo:\n        one = todo.pop()\n        yield one\n"
    "        todo.extend(p for p in one.parents if not p.is_constant())\n\n\ndef backpropagate(",
)


@pytest.fixture(scope="module")
def bundle() -> AssignmentBundle:
    return finding.assignment(ROOT, ROOT / MODULE1).assignment


@pytest.fixture(scope="module")
def solved() -> Submission:
    return cohort.reference_submission(config.load(ROOT / MODULE1))


def edited(solved: Submission, *edits: Edit) -> Submission:
    modules = dict(solved.modules)
    for module, old, new in edits:
        path, source = modules[module]
        assert old in source.decode(), (module, old)
        modules[module] = (path, source.decode().replace(old, new, 1).encode())
    return msgspec.structs.replace(solved, modules=modules)


def found(bundle: AssignmentBundle, submission: Submission, *chosen: str) -> dict[str, Checked]:
    with Fresh() as workers:
        desk = SelfCheck(bundle, workers)
        exercises = [one for one in bundle.exercises if not one.on_paper and (not chosen or one.id in chosen)]
        checked = {one.exercise.id: one for one in desk.check(submission, exercises)}
        return desk.explained(submission, checked)


def causes(bundle: AssignmentBundle, submission: Submission, *chosen: str) -> dict[str, list[str]]:
    """Return what each wrong exercise is said to fail because of."""
    everything = found(bundle, submission, *chosen)
    return {id: [cause.exercise for cause in one.because] for id, one in everything.items() if one.status == "wrong"}


def test_a_wrong_sort_is_named_where_it_is_run(bundle: AssignmentBundle, solved: Submission) -> None:
    assert causes(bundle, edited(solved, SORT)) == {
        "topological-sort": [],
        "backpropagate": ["topological-sort"],
        "all-together": ["topological-sort"],
    }


def test_a_part_that_was_not_chosen_is_checked_for_it(bundle: AssignmentBundle, solved: Submission) -> None:
    assert causes(bundle, edited(solved, SORT), "backpropagate") == {"backpropagate": ["topological-sort"]}


def test_a_wrong_mul_is_named_by_every_graph_that_has_one(bundle: AssignmentBundle, solved: Submission) -> None:
    wrong = causes(bundle, edited(solved, MUL))
    assert wrong.pop("function-mul") == []
    assert {"chain-rule", "backpropagate", "all-together"} <= set(wrong)
    assert all(named == ["function-mul"] for named in wrong.values())


def test_what_lies_lowest_is_named_and_nothing_above_it(bundle: AssignmentBundle, solved: Submission) -> None:
    wrong = causes(bundle, edited(solved, OP_MUL))
    assert wrong.pop("op-mul") == []
    assert {"function-mul", "scalar-operators", "backpropagate"} <= set(wrong)
    assert all(named == ["op-mul"] for named in wrong.values())


def test_no_other_part_is_named_where_all_below_is_right(bundle: AssignmentBundle, solved: Submission) -> None:
    wrong = causes(bundle, edited(solved, BACKPROPAGATE))
    assert wrong["backpropagate"] == []
    assert wrong["all-together"] == ["backpropagate"]


def test_what_code_does_not_use_is_not_named(bundle: AssignmentBundle, solved: Submission) -> None:
    wrong = causes(bundle, edited(solved, SORT, OWN_WALK, WALKED, BACKPROPAGATE))
    assert wrong["topological-sort"] == []
    assert wrong["backpropagate"] == []


def test_what_says_a_leaf_is_none_is_named_by_what_walks(bundle: AssignmentBundle, solved: Submission) -> None:
    wrong = causes(bundle, edited(solved, IS_LEAF))
    assert wrong.pop("scalar-roles") == []
    assert "backpropagate" in wrong
    assert all(named == ["scalar-roles"] for named in wrong.values())


NO_HISTORY: Edit = ("scalar", "return self.history is not None and self.history.last_fn is None", LAST)
SIGMOID: Edit = ("scalar_functions", "return operators.sigmoid_back(x, d_out)", "return operators.sigmoid_back(x, 1.0)")
LISTED: Edit = ("scalar_functions", "cls.forward(ctx, *", "cls.forward(ctx, ")


def test_an_exception_belongs_to_the_part_whose_line_raised_it(bundle: AssignmentBundle, solved: Submission) -> None:
    submission = edited(solved, NO_HISTORY)
    wrong = causes(bundle, submission)
    assert wrong.pop("scalar-roles") == []
    assert wrong.pop("apply") == ["scalar-roles"]
    assert not any("apply" in named for named in wrong.values())
    assert [one.part for one in found(bundle, submission)["apply"].because] == ["Scalar.is_leaf"]


def test_no_exception_is_blamed_on_a_wrong_number(bundle: AssignmentBundle, solved: Submission) -> None:
    wrong = causes(bundle, edited(solved, SIGMOID, LISTED))
    assert (wrong["function-sigmoid"], wrong["apply"]) == ([], [])
    assert wrong["all-together"] == ["apply"]


def test_no_unknown_name_is_blamed_on_another_part(bundle: AssignmentBundle, solved: Submission) -> None:
    wrong = causes(
        bundle, edited(solved, MUL, ("lecture8", "    z = x * y\n    return", "    z = mul(x, y)\n    return"))
    )
    assert (wrong["h"], wrong["function-mul"]) == ([], [])


def test_no_graph_is_blamed_on_a_context_that_ignores_no_grad(bundle: AssignmentBundle, solved: Submission) -> None:
    wrong = causes(bundle, edited(solved, BACKPROPAGATE, ("autodiff", "if not self.no_grad:", "if True:")))
    assert (wrong["context"], wrong["backpropagate"]) == ([], [])


def test_an_order_is_not_blamed_on_a_wrong_number(bundle: AssignmentBundle, solved: Submission) -> None:
    wrong = causes(bundle, edited(solved, SORT, MUL))
    assert (wrong["topological-sort"], wrong["backpropagate"]) == ([], ["function-mul", "topological-sort"])


def test_the_table_of_layers_has_no_circle() -> None:
    order = list(BELOW)
    for layer, below in BELOW.items():
        assert all(order.index(one) < order.index(layer) for one in below if one != layer)
    assert [layer for layer, below in BELOW.items() if layer in below] == ["number", "built"]


def test_two_functions_that_call_each_other_blame_nobody(bundle: AssignmentBundle, solved: Submission) -> None:
    wrong = edited(
        solved,
        ("operators", "return x * y", "return add(x, y) * 1.0 if x else add(0.0, 0.0)"),
        ("operators", "return x + y", "return x - y if x or y else mul(1.0, 1.0) and 0.0"),
    )
    named = causes(bundle, wrong, "op-mul", "op-add")
    assert named == {"op-mul": [], "op-add": []} or named["op-add"] == []


def test_a_function_is_named_where_another_one_calls_it(bundle: AssignmentBundle, solved: Submission) -> None:
    wrong = edited(
        solved,
        ("operators", "return x * y", "return x + y"),
        ("operators", "return -float(x)", "return mul(-1.0, x)"),
    )
    assert causes(bundle, wrong, "op-mul", "op-neg") == {"op-mul": [], "op-neg": ["op-mul"]}


@pytest.mark.parametrize(
    "imports",
    [
        "from .autodiff import topological_sort as walk",
        "from minitorch.autodiff import *\nwalk = topological_sort",
        "import minitorch.autodiff as machine\nwalk = lambda one: machine.topological_sort(one)",
        "from . import autodiff\nwalk = lambda one: autodiff.topological_sort(one)",
        "import minitorch.autodiff\nwalk = lambda one: minitorch.autodiff.topological_sort(one)",
    ],
)
def test_a_name_is_followed_however_it_is_imported(imports: str) -> None:
    files = {
        "autodiff": ("autodiff.py", b"def topological_sort(one): ...\n"),
        "lecture8": ("lecture8.py", f"{imports}\ndef backpropagate(one): walk(one)\n".encode()),
    }
    reached = References(Submission("s", files)).reached([("lecture8", "backpropagate")])
    assert ("autodiff", "topological_sort") in reached


@pytest.mark.parametrize(
    "source",
    [
        b"this is no python\n",
        b"\x00\xff\xfe",
        b"x = " + b"(" * 5000,
        b"from .a import *\nfrom .b import *\nf = f\n",
        b"class f(f):\n    f = f\n",
        b"# code cell 1\n%magic\n# code cell 2\ndef f(): g()\n# code cell 3\ndef g(: ...\n",
    ],
    ids=["no Python", "no text", "too deep", "stars in a circle", "itself", "a notebook"],
)
def test_any_source_can_be_followed(source: bytes) -> None:
    files = {name: (f"{name}.py", source) for name in ("a", "b")}
    assert ("a", "f") in References(Submission("s", files)).reached([("a", "f")])


def test_the_methods_of_math_are_not_those_of_operators() -> None:
    files = {
        "operators": ("operators.py", b"def exp(x): ...\ndef mul(x, y): ...\n"),
        "lecture8": (
            "lecture8.py",
            b"import math\nfrom . import operators as ops\ndef f(x): return ops.mul(math.exp(x), x)\n",
        ),
    }
    assert References(Submission("s", files)).reached([("lecture8", "f")]) == {("lecture8", "f"), ("operators", "mul")}


UNSAID = {"every path sorted"}
"""The cost of a sort is worth no points, so its exercise is not wrong."""


@pytest.mark.ci
@pytest.mark.parametrize("name", machinery.WRONG)
def test_each_planted_mistake_is_blamed_on_the_part_it_is_in(
    name: str, bundle: AssignmentBundle, solved: Submission
) -> None:
    wrong = machinery.WRONG[name]
    sources = machinery.replaced(wrong.where, wrong.source)
    modules = {module: (path, sources[module].encode()) for module, (path, _) in solved.modules.items()}
    for exercise, named in causes(bundle, msgspec.structs.replace(solved, modules=modules)).items():
        assert set(named) <= set(wrong.loses)
        assert named or exercise in wrong.loses or name in UNSAID, exercise


def test_it_is_said_in_words_and_what_is_to_be_done(tmp_path: Path) -> None:
    template = home(tmp_path)
    solve(template, "operators", "autodiff", "scalar_functions", "scalar", "lecture8")
    path = template / "minitorch" / "autodiff.py"
    path.write_text(path.read_text().replace(SORT[1], SORT[2], 1))
    done = check(template, "--config", f"../{MODULE1}", "--all", "--exercise", "backpropagate")
    said = " ".join(done.stdout.split())
    assert (
        "This ran through your topological_sort (autodiff.py), which fails on its own: see 'topological_sort'." in said
    )
    assert "scalar.py" not in said


def test_several_parts_are_named_up_to_a_few(bundle: AssignmentBundle, solved: Submission) -> None:
    def said(count: int) -> str:
        because = tuple(Because(f"op-{i}", f"f{i}", "operators.py", f"operators.f{i}") for i in range(count))
        (one,) = found(bundle, edited(solved, OP_MUL), "op-mul").values()
        told = report.details(msgspec.structs.replace(one, because=because), 80, {})
        return " ".join(told.split()).partition("This ran")[2]

    assert said(0) == ""
    assert said(2) == (
        " through parts that fail on their own: your f0 (operators.py), see 'operators.f0'; "
        "your f1 (operators.py), see 'operators.f1'. Correct them first."
    )
    assert said(5).endswith("see 'operators.f2'; and 2 more. Correct them first.")


def test_a_file_that_is_not_there_is_said_of_what_runs_with_it(tmp_path: Path) -> None:
    template = home(tmp_path)
    solve(template, "autodiff")
    for name in ("operators", "scalar_functions", "scalar", "lecture8"):
        (template / "minitorch" / f"{name}.py").unlink()
    done = check(template, "--config", f"../{MODULE1}", "--exercise", "topological-sort", "--exercise", "context")
    assert "· topological_sort" in done.stdout
    assert "there is no scalar.py here" in done.stdout
    assert "✓ Context" in done.stdout
    solve(template, "scalar")
    done = check(
        template, "--config", f"../{MODULE1}", "--exercise", "topological-sort", "--exercise", "scalar-operators"
    )
    assert done.stdout.count("there is no scalar_functions.py here") == 2
    assert "attribute" not in done.stdout


BROKEN = """
import sys
sys.path += sys.argv[1:]
from grader.sandbox import local_worker, probes
values = probes.PROBES["values"]
space = {}
exec(compile("def answer(ask, package): ask.nothing", local_worker.__file__, "exec"), space)
probes.PROBES["values"] = type(values)(values.name, values.ask, values.told, space["answer"], values.complete)
local_worker.main()
"""
"""A worker that has a mistake of ours."""


@pytest.fixture
def failing_once() -> Iterator[Fresh]:
    """Yield workers of which the first has a fault of the grader's own."""
    first = subprocess.Popen(
        [sys.executable, *starting.FLAGS, "-c", BROKEN, *starting._paths()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(os.environ),
    )
    with Fresh(first) as workers:
        yield workers


def test_an_exception_of_the_graders_is_not_told_as_the_students(
    bundle: AssignmentBundle, solved: Submission, failing_once: Fresh
) -> None:
    desk = SelfCheck(bundle, failing_once)
    first, second = desk.check(solved, [one for one in bundle.exercises if one.id in ("op-mul", "op-add")])
    assert (first.status, second.status) == ("ours", "done")
    assert first.exercise.checks[0].outcome.verdict == "judge error"
    assert "not checked: the grader's own fault" in report.line(first, bundle, 80, False)


def test_code_that_really_ends_the_process_is_still_told_so(bundle: AssignmentBundle, solved: Submission) -> None:
    ended = edited(solved, ("operators", "return x * y", "import os; os._exit(1)"))
    (one,) = found(bundle, ended, "op-mul").values()
    assert "it ended the whole process" in one.exercise.checks[0].outcome.reason
