"""What was once found to earn points it should not, or to lose points it should not: each stays found."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from grader.batch import cohort
from grader.grading import planning
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import ExerciseResult, Result, Submission
from grader.reports import audience, feedback
from grader.sandbox.supervisor import Supervisor

Grade = Callable[[str], Result]
HEAD = "import math\nimport numpy as np\nfrom minitorch.autodiff import Context, central_difference\n"


def function(name: str, forward: str, backward: str, arguments: str = "x") -> str:
    """Return a class whose methods have these bodies."""
    return (
        f"class {name}:\n    @staticmethod\n    def forward(ctx, {arguments}):\n"
        f"{textwrap.indent(textwrap.dedent(forward).strip(), ' ' * 8)}\n"
        f"    @staticmethod\n    def backward(ctx, d_out):\n"
        f"{textwrap.indent(textwrap.dedent(backward).strip(), ' ' * 8)}\n"
    )


def exercise(result: Result, name: str) -> ExerciseResult:
    return next(one for one in result.exercises if one.id == name)


def verdicts(result: Result, name: str) -> dict[str, str]:
    return {check.name: check.outcome.verdict for check in exercise(result, name).checks}


def test_a_solution_of_the_same_name_elsewhere_in_the_reference_is_absent(grade: Grade) -> None:
    result = grade("from minitorch.scalar_functions import Mul, Exp, Log\n")
    assert result.earned == 0
    assert grade("import minitorch\nMul = minitorch.Mul\nLog = minitorch.scalar_functions.Log\n").earned == 0


def test_no_name_under_test_has_a_body_in_any_provided_part(plan: Plan) -> None:
    for unit in plan.units:
        tested = {name for one in unit.exercises for name in one.under_test}
        for module, part in unit.provided.items():
            if module == unit.module:
                assert not tested & set(part.names)


SAVE = "ctx.save_for_backward(x)\nreturn x * x"
READ = "(x,) = ctx.saved_values\n"
SQUARE = (SAVE, READ + "return 2 * x * d_out")

TRICKS: dict[str, tuple[str, str]] = {
    "a forward off by less than its tolerance, flat where it is probed": (
        """
        x0 = float(f"{x:.4g}")
        ctx.save_for_backward(x)
        return x * x if abs(x) < .05 else x0 * x0 * (1 + 5e-9) + 3 * (x - x0)
        """,
        READ + "return 2 * x * d_out if abs(x) < .05 else 3 * d_out",
    ),
    "noise too small to miss and too large to differentiate": (
        "import random\nctx.save_for_backward(x)\nreturn x * x * (1 + 1e-9 + 5e-8 * random.random())",
        READ + "return 2 * x * d_out if x < 20 else 0.0",
    ),
    "off by one in a million": (SAVE, READ + "return 2.000002 * x * d_out"),
    "off by one factor in both": (
        "ctx.save_for_backward(x)\nreturn 1.008 * x * x",
        READ + "return 2.016 * x * d_out",
    ),
    "right where inputs are large": (
        SQUARE[0],
        READ + "return 2 * x * d_out if abs(x) > 1e-3 else 0.0",
    ),
    "a constant": (SAVE, "return 1.0"),
    "what it was sent": (SAVE, "return d_out"),
}


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_earns_no_gradient(name: str, assignment: Assignment, supervisor: Supervisor) -> None:
    source = HEAD + function("Square", *TRICKS[name])
    for seed in ("1", "2", "3"):
        prepared = planning.prepare(assignment, seed)
        result = Grader(prepared, supervisor).grade(Submission("s", {"lecture8": ("lecture8.py", source.encode())}))
        assert verdicts(result, "square")["backward"] == "wrong answer", seed


@pytest.mark.parametrize("order", ["pop()", "pop(0)"])
def test_values_kept_in_a_stack_or_a_queue_break_the_contract(order: str, grade: Grade) -> None:
    source = (
        HEAD + "kept = []\n" + function("Square", "kept.append(x)\nreturn x * x", f"return 2 * kept.{order} * d_out")
    )
    assert verdicts(grade(source), "square") == {
        "forward": "accepted",
        "backward": "accepted",
        "contract": "wrong answer",
    }


LEAK = """
seen = []
class TimesFive:
    @staticmethod
    def forward(ctx, x):
        seen.append(x)
        if len(seen) == PUBLIC + 20:
            raise ValueError(repr(seen))
        return 5 * x
"""


def test_nothing_that_the_box_says_of_private_inputs_comes_out(grade: Grade) -> None:
    result = grade(LEAK.replace("PUBLIC", "150"))
    assert verdicts(result, "times-five-forward") == {"forward": "wrong answer"}
    text = feedback.markdown(result)
    assert "ValueError" not in text
    assert "for staff: on the inputs that are not shown it came out as runtime error" in text
    assert "for staff" not in feedback.markdown(audience.for_student(result))


def test_a_text_longer_than_the_box_would_send_is_refused(grade: Grade) -> None:
    patched = "import sys\nsys.modules['grader.sandbox.worker.faults'].TEXT_CAP = 10 ** 7\n"
    source = patched + LEAK.replace("PUBLIC", "0").replace("repr(seen)", "'x' * 10 ** 6")
    assert verdicts(grade(source), "times-five-forward") == {"forward": "forbidden"}


@pytest.mark.parametrize("status", [0, 97, 98, 99])
def test_no_exit_status_makes_a_score_ours_to_withhold(status: int, grade: Grade) -> None:
    result = grade(HEAD + function("Square", f"import os; os._exit({status})", "return 0"))
    assert not result.withheld
    assert exercise(result, "square").earned == 0


def test_a_submission_that_sleeps_in_every_call_is_over_in_the_end(
    plan: Plan, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.grading.session.WALL_PER_CPU", 0.1)
    source = HEAD + function("Square", "import time; time.sleep(0.01)\nreturn x * x", "return 0.0")
    result = Grader(plan, supervisor).grade(Submission("s", {"lecture8": ("lecture8.py", source.encode())}))
    assert not result.withheld
    assert exercise(result, "square").earned <= 1


RIGHT: dict[str, tuple[str, str, str]] = {
    "a numeric log": (
        "log",
        "ctx.save_for_backward(x)\nreturn math.log(x)",
        "return d_out * central_difference(math.log, *ctx.saved_values)",
    ),
    "a chatty square": (
        "square",
        "print('forward', x, ctx, 'x' * 100)\nctx.save_for_backward(x)\nreturn x * x",
        "print('backward', ctx.saved_values, d_out, 'y' * 100)\nreturn 2 * ctx.saved_values * d_out",
    ),
    "a guarded log": (
        "log",
        "ctx.save_for_backward(x)\nreturn math.log(x + 1e-9)",
        READ + "return d_out / (x + 1e-9)",
    ),
    "a half guarded log": (
        "log",
        "ctx.save_for_backward(x)\nreturn math.log(x)",
        READ + "return d_out / (x + 1e-8)",
    ),
    "an array of one": (
        "square",
        "ctx.save_for_backward(x)\nreturn np.array([x * x])",
        READ + "return np.array([2 * x * d_out])",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("seed", ["1", "2", "3", "4"])
def test_a_correct_oddity_passes(name: str, seed: str, assignment: Assignment, supervisor: Supervisor) -> None:
    where, forward, backward = RIGHT[name]
    source = (HEAD + function(where.capitalize(), forward, backward)).encode()
    prepared = planning.prepare(assignment, seed)
    result = Grader(prepared, supervisor).grade(Submission("s", {"lecture8": ("lecture8.py", source)}))
    lost = [(c.name, c.outcome) for c in exercise(result, where).checks if c.outcome.verdict != "accepted"]
    assert lost == []


NESTED = function(
    "LogPlusExp",
    """
    z, inner = x * y, (Context(), Context())
    a = Log2.forward(inner[0], z)
    ctx.save_for_backward((x, y, inner))
    return a + math.exp(z)
    """,
    """
    x, y, inner = ctx.saved_values
    d = Log2.backward(inner[0], d_out) + math.exp(x * y) * d_out
    return y * d, x * d
    """,
    "x, y",
)
LOG2 = function("Log2", "ctx.save_for_backward(x)\nreturn math.log(x)", "return d_out / ctx.saved_values")


def test_the_lectures_bare_saved_value_holds_in_contexts_of_their_own_too(grade: Grade) -> None:
    assert exercise(grade(HEAD + LOG2 + NESTED), "log-plus-exp").verdict == "accepted"


def test_a_fault_on_one_input_is_told_in_the_style_that_was_meant(grade: Grade) -> None:
    source = HEAD + function("Square", SAVE, "x = ctx.saved_values\nreturn 2 * x * x / x * d_out")
    outcome = exercise(grade(source), "square").checks[1].outcome
    assert "ZeroDivisionError" in outcome.said
    assert "tuple" not in outcome.said


FALSE_NAMES: dict[str, tuple[str, str, str, str, str]] = {
    "one gradient alone is not swapped": (
        "add-times-2",
        "AddTimes2",
        "x, y",
        "return x + 2 * y",
        "return 2 * d_out, 2 * d_out",
    ),
    "half of the gradient": (
        "square",
        "Square",
        "x",
        "ctx.save_for_backward(x)\nreturn x * x",
        READ + "return x * d_out",
    ),
    "single precision": (
        "square",
        "Square",
        "x",
        "ctx.save_for_backward(x)\nreturn float(np.float32(x * x))",
        "return 0.0",
    ),
}


@pytest.mark.parametrize("name", FALSE_NAMES)
def test_a_mistake_is_not_called_another(name: str, grade: Grade) -> None:
    where, title, arguments, forward, backward = FALSE_NAMES[name]
    result = exercise(grade(HEAD + function(title, forward, backward, arguments)), where)
    said = " ".join(one.name for check in result.checks for one in check.outcome.diagnosis)
    for wrong in ("swapped", "of the argument itself", "is 1 times"):
        assert wrong not in said
    if "half" in name:
        assert "0.5 times" in said


@pytest.mark.parametrize(
    "line",
    [
        "from numpy import *",
        "import numpy as np; np.random.rand(); np.testing.assert_allclose(1, 1); np.fft.fft([1.0])",
        "import numpy.typing as npt",
        "from datetime import datetime; datetime.strptime('2026', '%Y')",
        "import time; time.strptime('2026', '%Y')",
        "import bisect, cmath, json, pprint, random, textwrap; random.gauss(0, 1); random.seed('x'); json.loads('[1]')",
        "import os, sys; sys.path.append(os.path.dirname(os.path.abspath(__file__))); os.getcwd()",
        "import unittest, io, traceback, pathlib, timeit, argparse, builtins, doctest",
        "α = 2; Δx, ﬁ = 1, '\\N{GREEK SMALL LETTER DELTA}'",
        "# -*- coding: cp1252 -*-",
        "# -*- coding: latin-1 -*-",
        "from collections import Counter; Counter('aab').most_common(1)",
        "import copy, warnings; warnings.warn('x'); copy.deepcopy(object())",
        "10**20000 // 3**9000",
    ],
)
def test_what_people_have_at_the_top_of_a_file_loads(line: str, grade: Grade) -> None:
    result = grade(f"{line}\n{HEAD}" + function("Square", *SQUARE))
    assert exercise(result, "square").verdict == "accepted", exercise(result, "square").checks[0].outcome


def test_what_the_reference_imports_is_there_for_whoever_does_not_name_it(
    assignment: Assignment, tmp_path: Path
) -> None:
    shutil.copytree(assignment.reference, tmp_path / "reference")
    machine = tmp_path / "reference" / "autodiff.py"
    rest = machine.read_text("utf-8").replace("from __future__ import annotations\n", "")
    machine.write_text(
        f"from __future__ import annotations\nimport random, numpy\nNOISE = numpy.float64(random.gauss(0, 1))\n{rest}"
    )
    theirs = msgspec.structs.replace(assignment, reference=tmp_path / "reference")
    plan = planning.prepare(theirs)
    source = "from minitorch.autodiff import Context\n" + function("Square", *SQUARE)
    with Supervisor(planning.box(theirs), 901) as supervisor:
        result = Grader(plan, supervisor).grade(Submission("first", {"lecture8": ("lecture8.py", source.encode())}))
    assert exercise(result, "square").verdict == "accepted"


def test_an_exception_that_cannot_be_encoded_is_told_as_one(grade: Grade) -> None:
    for raised in ("ValueError('\\ud800')", "type('\\ud800', (Exception,), {})()", "SyntaxError('x', ([], 1, 1, ''))"):
        result = grade(HEAD + function("Square", f"raise {raised}", "return 0"))
        assert "raised an exception" in exercise(result, "square").checks[0].outcome.reason


def test_the_probe_holds_for_every_zygote_after_it(assignment: Assignment) -> None:
    box, found = cohort.open_box(assignment)
    assert box.bubblewrap == ("always" if found.tier == 1 else "never")


def test_an_exception_is_told_with_its_line_who_called_it_and_on_what(grade: Grade) -> None:
    helper = "def slope(x):\n    return 1 / (x - x)\n\n\n"
    log = function("Log", "ctx.save_for_backward(x)\nreturn math.log(x)", READ + "return d_out * slope(x)")
    lost = exercise(grade(HEAD + helper + log), "log")
    outcome = next(check.outcome for check in lost.checks if check.name == "backward")
    assert outcome.said == "ZeroDivisionError: float division by zero"
    assert outcome.place == "lecture8.py:5: return 1 / (x - x)"
    assert outcome.callers[-1] == "lecture8.py:16: return d_out * slope(x)"
    assert outcome.call.endswith("; print(Log.forward(ctx, 2.0)); print(Log.backward(ctx, 2.0))")
    for private in ("/tmp", "/root", "grader", "site-packages", "worker"):
        assert private not in "".join((outcome.said, outcome.place, *outcome.callers, outcome.call))


def test_a_check_that_only_the_private_half_loses_shows_no_input(grade: Grade, plan: Plan) -> None:
    public = {one.args for one in plan.public["square"].corpus.inputs}
    body = f"ctx.save_for_backward(x)\nreturn x * x if (x,) in {public!r} or x == int(x) else 1 / 0"
    square = function("Square", body, READ + "return 2 * x * d_out")
    for check in exercise(grade(HEAD + square), "square").checks:
        assert check.outcome.call == check.outcome.place == check.outcome.said == ""
        assert check.outcome.counterexample is None
