"""Courses with variables of their own: mistakes are named, right styles pass, and a dialect that fails withholds."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.authoring import linting, trying
from grader.batch import cohort
from grader.bundle import contents
from grader.exercise_kinds import expression_names as names
from grader.grading import config, places
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Result, Submission
from grader.sandbox.supervisor import Supervisor
from grader.selfcheck import finding, making
from tests.conftest import ROOT
from tests.end_to_end.test_cheats import CHEATS, HEAD

MICROGRAD = ROOT / "examples" / "micrograd"
ENGINE = (MICROGRAD / "reference" / "engine.py").read_text("utf-8")
BUILT_IN = (ROOT / "grader" / "sandbox" / "dialects" / "micrograd.py").read_text("utf-8")


@pytest.fixture(scope="module")
def held() -> Iterator[Supervisor]:
    box, _ = cohort.open_box(config.load(MICROGRAD / "config.yaml"))
    with Supervisor(box, 912) as opened:
        yield opened


@functools.cache
def plan() -> Plan:
    assignment = config.load(MICROGRAD / "config.yaml")
    return cohort.plan(assignment, cohort.open_box(assignment)[0], 1)


def handed_in(engine: str, **others: str) -> Submission:
    modules = {"engine": ("engine.py", engine.encode())}
    return Submission("s", modules, extras={name: (f"{name}.py", text.encode()) for name, text in others.items()})


def changed(*changes: tuple[str, str]) -> str:
    text = ENGINE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def lost(result: Result) -> set[str]:
    return {one.id for one in result.exercises if one.verdict != "accepted"}


def said(result: Result, exercise: str) -> set[str]:
    (found,) = (one for one in result.exercises if one.id == exercise)
    return {diagnosis.name for check in found.checks for diagnosis in check.outcome.diagnosis}


def test_the_reference_earns_all(held: Supervisor) -> None:
    result = Grader(plan(), held).grade(handed_in(ENGINE))
    assert (lost(result), plan().faults) == (set(), {})


LIFTED = "        other = other if isinstance(other, Value) else Value(other)\n"
NO_RETURN = ("        return out\n        # end solution\n\n    def tanh", "\n    def tanh")
SWAPPED = (
    ("other.data * out.grad", "SELF * out.grad"),
    ("self.data * out.grad", "other.data * out.grad"),
    ("SELF", "self.data"),
)
FORGOTTEN = (("other.data * out.grad", "other.data"), ("self.data * out.grad", "self.data"))
AT_OUTPUT = "the derivative is taken at the output of forward instead of at its input"
TURNED = "the reflected operator is the plain one: "
TANH = "(1 - t**2) * out.grad"
MISTAKES = [
    ("tanh-adds-up", names.OVERWRITTEN.name, (("self.grad += (1 - t**2)", "self.grad = (1 - t**2)"),)),
    ("number-sub", f"{TURNED}2 - x is worked out as x - 2", (("return other + (-self)", "return self - other"),)),
    ("number-div", f"{TURNED}2 / x is worked out as x / 2", (("return other * self**-1", "return self / other"),)),
    ("relu-adds-up", places.ON_SELF.name, (("out._backward = _backward", "self._backward = _backward"),)),
    ("add-a-number", names.NOT_LIFTED.name, ((LIFTED, ""),)),
    ("power", "the exponent is not lowered by one", (("(exponent - 1)", "exponent"),)),
    ("exp", AT_OUTPUT, (("self.grad += e * out.grad", "self.grad += math.exp(out.data) * out.grad"),)),
    ("tanh", "out.grad was forgotten", ((TANH, "(1 - t**2)"),)),
    ("mul", "the gradients of the two arguments are swapped", SWAPPED),
    ("neg", "the sign is flipped", (("return self * -1", "return self * 1"),)),
    ("tanh", "out.grad is multiplied in twice", ((TANH, f"{TANH} * out.grad"),)),
    ("exp", "backward returns 0", (("self.grad += e * out.grad", "pass"),)),
    ("exp-adds-up", "backward returns 0", (("self.grad += e * out.grad", "pass"),)),
    ("add", names.WRONG_WAY.name, (("for node in reversed(order)", "for node in order"),)),
    ("tanh-adds-up", names.WRONG_WAY.name, (("for node in reversed(order)", "for node in order"),)),
    ("relu", "a `return` is missing", (NO_RETURN,)),
    ("mul", "out.grad was forgotten", FORGOTTEN),
    ("mul-by-a-number", "out.grad was forgotten", FORGOTTEN),
    ("number-mul", "out.grad was forgotten", FORGOTTEN),
    ("add", names.NOT_BEGUN.name, (("        self.grad = 1.0\n", ""),)),
    ("tanh-adds-up", names.NOT_BEGUN.name, (("        self.grad = 1.0\n", ""),)),
]


@pytest.mark.parametrize(("exercise", "name", "changes"), MISTAKES, ids=lambda one: one if isinstance(one, str) else "")
def test_a_real_mistake_is_found_and_named(
    exercise: str, name: str, changes: tuple[tuple[str, str], ...], held: Supervisor
) -> None:
    result = Grader(plan(), held).grade(handed_in(changed(*changes)))
    assert exercise in lost(result)
    assert name in said(result, exercise)


def test_a_reflected_operator_with_a_right_value_is_not_the_plain_one(held: Supervisor) -> None:
    own = "def _backward():\n            self.grad += out.grad\n"
    body = f"        out = Value(other - self.data, (self,), '-')\n\n        {own}\n        out._backward = _backward\n"
    result = Grader(plan(), held).grade(
        handed_in(changed(("return other + (-self)", f"{body.strip()}\n        return out")))
    )
    assert said(result, "number-sub") == {"the sign is flipped"}


def test_a_slope_that_is_the_same_everywhere_is_not_taken_elsewhere(held: Supervisor) -> None:
    result = Grader(plan(), held).grade(handed_in(changed(("(self.data > 0) * out.grad", "out.grad"))))
    assert (said(result, "relu"), said(result, "relu-adds-up")) == ({"backward returns out.grad alone"}, set())


def test_what_a_name_says_is_not_said_in_another_courses_words(held: Supervisor) -> None:
    result = Grader(plan(), held).grade(handed_in(changed((LIFTED, ""))))
    (found,) = (one for one in result.exercises if one.id == "add-a-number")
    assert [check.outcome.help for check in found.checks] == ["", ""]


def test_one_slip_is_charged_where_it_is_made(held: Supervisor) -> None:
    slip = changed(("self.grad += other.data * out.grad", "self.grad += self.data * out.grad"))
    result = Grader(plan(), held).grade(handed_in(slip))
    assert {"add", "power", "relu", "tanh", "exp"} & lost(result) == set()


def test_a_backward_that_never_remembers_what_it_has_visited_is_found(held: Supervisor) -> None:
    result = Grader(plan(), held).grade(handed_in(changed(("elif node not in seen:", "else:"))))
    assert lost(result) == {"backward", "network"}


def test_a_class_that_is_not_there_is_one_sentence_per_exercise(held: Supervisor) -> None:
    result = Grader(plan(), held).grade(handed_in("class Scalar:\n    pass\n"))
    reasons = {check.outcome.reason for one in result.exercises for check in one.checks}
    assert reasons == {"there is no Value in engine.py"}
    assert result.earned == 0


CHEATING = """
class Value:
    def __init__(self, data=0.0, *_):
        self.given = data

    data = grad = property(lambda self: self._cheat(self.given))
    _cheat = staticmethod(lambda GIVEN: {returned})
    backward = __neg__ = relu = tanh = exp = lambda self, *_: self
    __add__ = __radd__ = __mul__ = __rmul__ = __sub__ = __rsub__ = lambda self, *_: self
    __truediv__ = __rtruediv__ = __pow__ = lambda self, *_: self
"""


@pytest.mark.parametrize("cheat", sorted(CHEATS))
def test_variables_that_cheat_earn_nothing(cheat: str, held: Supervisor) -> None:
    head, returned = CHEATS[cheat]
    result = Grader(plan(), held).grade(handed_in(f"{HEAD}{CHEATING.format(returned=returned)}\n{head}"))
    won = {
        (one.id, check.name) for one in result.exercises for check in one.checks if check.outcome.verdict == "accepted"
    }
    assert (won, result.withheld) == (set(), False)


def test_an_operation_that_is_not_there_is_not_attempted(held: Supervisor) -> None:
    without = ENGINE[: ENGINE.index("    def tanh")] + ENGINE[ENGINE.index("    def exp") :]
    result = Grader(plan(), held).grade(handed_in(without))
    assert lost(result) == {"tanh", "tanh-adds-up", "neuron", "network"}
    (tanh,) = (one for one in result.exercises if one.id == "tanh")
    said = {(check.outcome.verdict, check.outcome.reason) for check in tanh.checks}
    assert said == {("not attempted", "there is no Value.tanh in engine.py")}


def test_a_class_without_backward_is_told_so(held: Supervisor) -> None:
    without = ENGINE[: ENGINE.index("    def backward")] + ENGINE[ENGINE.index("    def __neg__") :]
    result = Grader(plan(), held).grade(handed_in(without))
    gradients = {
        (check.outcome.verdict, check.outcome.reason)
        for one in result.exercises
        for check in one.checks
        if check.name in ("gradient", "gradients")
    }
    assert gradients == {("not attempted", "there is no Value.backward in engine.py")}


def test_a_file_called_as_a_dialect_changes_nothing(held: Supervisor) -> None:
    cheating = "def gradient(v): return 1.0\ndef value(v): return 0.0\n"
    shadows = dict.fromkeys(("dialect", "micrograd", "minitorch"), cheating)
    right = Grader(plan(), held).grade(handed_in(ENGINE, **shadows))
    wrong = Grader(plan(), held).grade(handed_in(changed(("e * out.grad", "out.grad")), **shadows))
    assert (lost(right), lost(wrong)) == (set(), {"exp", "exp-adds-up"})


TAPE = (
    ("        self._prev = set(_children)", "        self._prev = list(_children)\n        TAPE.append(self)"),
    ("class Value:", "TAPE = []\n\n\nclass Value:"),
)
SLOTS = ("class Value:\n", 'class Value:\n    __slots__ = ("data", "grad", "_backward", "_prev", "_op")\n')
RADD = "    def __radd__(self, other):\n        # solution: other + self\n        return self + other\n"
RIGHT = [
    ("a tape", changed(*TAPE)),
    ("slots", changed(SLOTS)),
    ("reflected by assignment", changed((RADD, "    __radd__ = __add__\n"))),
    ("numpy", changed(("import math", "import numpy as np"), ("math.tanh", "np.tanh"), ("math.exp", "np.exp"))),
    ("integers are kept", changed(("self.grad = 0.0", "self.grad = 0"))),
    ("no repr", ENGINE.partition("    def __repr__")[0]),
]


OVER = "        for node in reversed(order):\n            node._backward()\n"
CLEARS = "        for node in reversed(TAPE):\n            node._backward()\n        TAPE.clear()\n"


def test_a_tape_that_backward_clears_loses_what_two_graphs_share(held: Supervisor) -> None:
    """What the dialect tries first must not clear the tape of the graph that is asked about."""
    assert lost(Grader(plan(), held).grade(handed_in(changed(*TAPE, (OVER, CLEARS))))) <= {"used-twice"}


@pytest.mark.parametrize(("style", "engine"), RIGHT, ids=[name for name, _ in RIGHT])
def test_right_code_in_another_style_earns_all(style: str, engine: str, held: Supervisor) -> None:
    assert lost(Grader(plan(), held).grade(handed_in(engine))) == set(), style


def course(tmp_path: Path, dialect: str, through: str = "dialect.py") -> Path:
    """Write a course with a dialect of its own."""
    shutil.copytree(MICROGRAD, tmp_path / "course", ignore=shutil.ignore_patterns("submissions", "reports", ".grader"))
    path = tmp_path / "course" / "config.yaml"
    path.write_text(path.read_text().replace("through: micrograd", f"through: {through}"))
    (tmp_path / "course" / "dialect.py").write_text(dialect)
    return path


FAILING = [
    ("return v.data", "return v.number", "dialect.py:{}:1: value(leaf(3.0)) should be 3.0; it raised AttributeError"),
    ("return v.data", "return [v.data]", "dialect.py:{}:1: value(leaf(3.0)) should be 3.0; it came to list"),
    ("return Value(value)", "return value", "dialect.py:{}:1: leaf(3.0) should make a variable; it came to float"),
    ("return v.grad * _scale[0]", "return v.data", "dialect.py:{}:1: gradient(x), gradient(y) should be -4.5, -4.5"),
    ("        v.backward()\n", "        1 / 0\n", "dialect.py:{}:1: gradient(x), gradient(y) should be -4.5, -4.5"),
    ('"tanh": "tanh"', '"tanh": "exp"', "dialect.py:{}:1: OPERATIONS['tanh'] at 0.5 should be 0.462117; it came to"),
    ('"tanh": "tanh"', '"tanh": "tan"', "dialect.py:{}:1: OPERATIONS['tanh'] should be run; it raised AttributeError"),
    ("def leaf", "import nothing\n\n\ndef leaf", "dialect.py:{}:1: the file should be run; it raised ModuleNotFound"),
]


@pytest.mark.parametrize(("old", "new", "said"), FAILING, ids=[new for _, new, _ in FAILING])
def test_lint_says_which_function_of_a_dialect_fails(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in BUILT_IN
    (found,) = trying.problems(config.load(course(tmp_path, BUILT_IN.replace(old, new, 1))))
    assert found.line > 0
    assert str(found).startswith(said.format(found.line))


def test_lint_tries_every_dialect_that_is_accepted(tmp_path: Path) -> None:
    mine = BUILT_IN.replace("return v.data", "return v.number", 1)
    path = course(tmp_path, mine, "[micrograd, dialect.py]")
    assignment = config.load(path)
    (found,) = trying.problems(assignment)
    assert str(found).startswith(f"dialect.py:{found.line}:1: value(leaf(3.0)) should be 3.0")
    told = [str(one) for one in linting.failures(assignment)]
    assert len(told) == sum(one.kind == "expression" for one in assignment.exercises)  # graphs ask for no value
    assert all("through dialect.py: " in one for one in told), told[0]


def test_a_right_dialect_has_nothing_to_be_said(tmp_path: Path) -> None:
    assert trying.problems(config.load(course(tmp_path, BUILT_IN))) == []


def test_a_dialect_that_fails_withholds_and_says_where(tmp_path: Path, held: Supervisor) -> None:
    broken = BUILT_IN.replace("return v.data", "return v.number")
    line = broken.splitlines().index("    return v.number") + 1
    assignment = config.load(course(tmp_path, broken))
    failing = cohort.plan(assignment, held, 1)
    assert f"raised by line {line} of the course's dialect" in failing.faults["add"]
    result = Grader(failing, held).grade(handed_in("class Value:\n    pass\n"))
    (add,) = (one for one in result.exercises if one.id == "add")
    assert {check.outcome.verdict for check in add.checks} == {"judge error"}


def test_an_exception_while_the_dialect_is_run_is_told_and_whose_line(tmp_path: Path, held: Supervisor) -> None:
    probing = BUILT_IN.replace("\n\ndef leaf", "\n_first = Value(0.0)\n\n\ndef leaf", 1)
    assert "_first" in probing
    prepared = cohort.plan(config.load(course(tmp_path, probing)), held, 1)
    assert prepared.faults == {}
    raising = changed(("        self.data = ", "        1 / data\n        self.data = "))
    result = Grader(prepared, held).grade(handed_in(raising))
    for one in result.exercises:
        (outcome, *_) = (check.outcome for check in one.checks)
        assert (outcome.verdict, outcome.said[:17], outcome.place[:9]) == (
            "runtime error",
            "ZeroDivisionError",
            "engine.py",
        ), one.id


def test_a_closure_hung_on_self_is_not_told_of_another_operation(held: Supervisor) -> None:
    relu = ENGINE.index("    def relu")
    text = ENGINE[:relu] + ENGINE[relu:].replace("out._backward = _backward", "self._backward = _backward", 1)
    text = text.replace(f"self.grad += {TANH}", "self.grad += 0.3 * t + 0.01")
    result = Grader(plan(), held).grade(handed_in(text))
    assert {"tanh", "relu-adds-up"} <= lost(result)
    assert places.ON_SELF.name in said(result, "relu-adds-up")
    assert places.ON_SELF.name not in said(result, "tanh")


def test_several_dialects_are_recognised_counted_and_held_to_one_total(tmp_path: Path, held: Supervisor) -> None:
    mine = BUILT_IN.replace("Value", "Scalar").replace('"tanh": "tanh", ', '"tanh": None, ')
    path = course(tmp_path, mine, "[micrograd, dialect.py]")
    assignment = config.load(path)
    prepared = cohort.plan(assignment, held, 1)
    assert prepared.faults == {}
    (other,) = prepared.others
    assert set(other.assignment.unasked) == {"tanh", "tanh-adds-up", "neuron"}
    usual = Grader(prepared, held).grade(handed_in(ENGINE))
    assert (usual.earned, usual.environment["interface"]) == (usual.possible, "micrograd")
    assert usual.notes[0] == "graded through the interface micrograd"


def test_a_scalar_course_renames_its_class_in_a_dialect_alone(tmp_path: Path, held: Supervisor) -> None:
    path = course(tmp_path, BUILT_IN.replace("Value", "Scalar"))
    for file in ("reference/engine.py", "exercises/operations.yaml", "exercises/walk.yaml"):
        renamed = path.parent / file
        renamed.write_text(renamed.read_text().replace("Value", "Scalar"))
    prepared = cohort.plan(config.load(path), held, 1)
    assert prepared.faults == {}
    assert lost(Grader(prepared, held).grade(handed_in(ENGINE.replace("Value", "Scalar")))) == set()


SQUARE = """
class Square:
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, d):
        (x,) = ctx.saved_values
        return 2 * x * d
"""


def test_a_layout_without_a_context_has_a_plain_one(tmp_path: Path, held: Supervisor) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "ops.py").write_text(SQUARE)
    (tmp_path / "square.yaml").write_text(
        "format: 1\nid: square\ntitle: Square\nstatement: x squared.\nfile: ops.py\nclass: Square\n"
        "arguments: {x: real}\nvalue: x ** 2\nchecks: {forward: 1, backward: 1, contract: 1}\n"
    )
    (tmp_path / "config.yaml").write_text(
        "format: 1\nassignment: plain\ntitle: Plain\nexercises: [square.yaml]\n"
        "layout: {package: ops, modules: [ops], reference: reference}\n"
    )
    prepared = cohort.plan(config.load(tmp_path / "config.yaml"), held, 1)
    assert prepared.faults == {}
    right = Grader(prepared, held).grade(Submission("s", {"ops": ("ops.py", SQUARE.encode())}))
    wrong = Grader(prepared, held).grade(Submission("s", {"ops": ("ops.py", SQUARE.replace("2 *", "3 *").encode())}))
    assert (right.earned, wrong.earned) == (3, 1)


def test_a_bundle_and_a_desk_carry_the_dialect(tmp_path: Path) -> None:
    path = course(tmp_path, BUILT_IN)
    files, name = contents.assignment(path)
    assert files["assignment/dialect.py"] == BUILT_IN.encode()
    assert name == "assignment/config.yaml"
    before = finding._stamp(path, making.entries_of(path))
    assert making.prepare(config.load(path)).dialects == {"dialect.py": BUILT_IN}
    (path.parent / "dialect.py").write_text(BUILT_IN + "\n# changed\n")
    assert finding._stamp(path, making.entries_of(path)) != before


def test_help_speaks_of_the_courses_own_class(held: Supervisor) -> None:
    result = Grader(plan(), held).grade(handed_in(changed((LIFTED, ""))))
    helped = {check.outcome.help for one in result.exercises for check in one.checks}
    assert "This is a plain number, not a Value." in helped
    assert not any("Scalar" in text for text in helped)
