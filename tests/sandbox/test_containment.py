"""What a supervisor promises beside the attacks: a tier is found by trying, and a refusal is final."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from grader.batch import cohort
from grader.errors import ContainmentError
from grader.grading import planning
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Result, Submission
from grader.sandbox.box import Box, Limits
from grader.sandbox.supervisor import Supervisor
from grader.sandbox.tiers import contained

LAYERS_OFF = {
    1: (),
    2: ("bubblewrap",),
    3: ("bubblewrap", "chroot", "uid"),
}
"""What to leave off for the worker to be as firmly held as on that tier."""

HONEST = """
class TimesFive:
    @staticmethod
    def forward(ctx, x):
        return 5 * x

    @staticmethod
    def backward(ctx, d_out):
        return 5 * d_out
"""


def box_of(plan: Plan) -> Box:
    return planning.box(plan.assignment)


@pytest.fixture(scope="module", params=sorted(LAYERS_OFF))
def held(request: pytest.FixtureRequest, plan: Plan) -> Iterator[tuple[int, Supervisor]]:
    """A supervisor whose workers are held as on one tier, with short limits."""
    tier = request.param
    limits = Limits(exercise_cpu=0.5, wall_factor=8.0, memory=128 * 1024 * 1024)
    box = msgspec.structs.replace(box_of(plan), skip=LAYERS_OFF[tier], limits=limits)
    found = contained(box)
    if found.tier > tier:
        pytest.skip(f"this machine does not offer tier {tier}: {found.describe()}")
    with Supervisor(box, 800 + tier) as supervisor:
        yield tier, supervisor


def graded(source: str, plan: Plan, supervisor: Supervisor) -> Result:
    return Grader(plan, supervisor).grade(Submission("attacker", {"lecture8": ("lecture8.py", source.encode())}))


TAKEN_AWAY: tuple[tuple[tuple[str, ...], int], ...] = (
    ((), 1),
    (("landlock",), 1),
    (("arguments",), 1),
    (("bubblewrap",), 2),
    (("bubblewrap", "landlock"), 2),
    (("bubblewrap", "chroot"), 3),
    (("bubblewrap", "uid"), 3),
    (("bubblewrap", "chroot", "uid", "landlock"), 3),
    (("seccomp",), 4),
    (("bubblewrap", "seccomp"), 4),
    (("bubblewrap", "landlock", "seccomp"), 4),
)
"""28. Each layer taken away in turn, and the tier that must be found without it: as root, where all can be had."""


@pytest.mark.parametrize(("skip", "tier"), TAKEN_AWAY)
def test_a_layer_that_is_taken_away_is_missed(skip: tuple[str, ...], tier: int, plan: Plan) -> None:
    whole = contained(box_of(plan))
    if whole.tier != 1 or "uid" not in whole.layers:
        pytest.skip(f"not every layer can be had here: {whole.describe()}")
    found = contained(msgspec.structs.replace(box_of(plan), skip=skip))
    assert found.tier == tier, found
    assert not set(skip) & set(found.layers)
    assert (found.tier == 4) == ("refused" in found.describe())


def test_below_the_tier_that_is_required_nothing_is_graded(
    assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")  # where there is no bubblewrap
    for required in (1, 2):
        asked = msgspec.structs.replace(assignment, required_tier=required)
        found = contained(planning.box(asked))
        if found.tier > required:
            with pytest.raises(ContainmentError, match=f"tier {found.tier} .* requires tier {required}"):
                cohort.open_box(asked)
        else:
            assert cohort.open_box(asked)[1].tier == found.tier


def test_a_module_that_never_loads_is_charged_once(plan: Plan, held: tuple[int, Supervisor]) -> None:
    _, supervisor = held
    for body, verdict in (("while True: pass", "time limit"), ("while True: print('x' * 1000)", "time limit")):
        result = graded(body, plan, supervisor)
        assert {e.verdict for e in result.exercises} == {verdict}


def test_a_zygote_that_is_killed_is_replaced(plan: Plan, held: tuple[int, Supervisor]) -> None:
    _, supervisor = held
    assert graded(HONEST, plan, supervisor).earned == 3
    process = supervisor._zygotes[False]._process
    assert process is not None
    process.kill()
    assert graded(HONEST, plan, supervisor).earned == 3


def test_an_exercise_cannot_see_what_an_earlier_submission_left(plan: Plan, held: tuple[int, Supervisor]) -> None:
    _, supervisor = held
    stash = HONEST + "\nimport math, sys\nmath.stash = 1\nsys.stash = 1\n"
    assert graded(stash, plan, supervisor).earned == 3
    look = HONEST.replace("return 5 * x", "import math, sys; return 5 * x if not hasattr(math, 'stash') else 0")
    assert graded(look, plan, supervisor).earned == 3


def test_private_inputs_come_back_in_no_text(plan: Plan, held: tuple[int, Supervisor]) -> None:
    _, supervisor = held
    public = {abs(x) for one in plan.public["times-five-forward"].corpus.inputs for x in one.args}
    private = {abs(x) for one in plan.private["times-five-forward"].corpus.inputs for x in one.args} - public
    known = sorted(public)
    for how in (
        f"if abs(x) in {known}: return 5 * x\n        raise ValueError(repr(x))",
        f"return 5 * x if abs(x) in {known} else x",
    ):
        result = graded(HONEST.replace("return 5 * x", how), plan, supervisor)
        text = repr(result.exercises[0])
        assert result.exercises[0].verdict in ("wrong answer", "runtime error")
        assert not any(repr(x) in text for x in private if x > 10)
