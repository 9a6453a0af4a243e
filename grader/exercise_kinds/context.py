"""Judge `Context`: what is saved is there for backward, in order, and nowhere else."""

from __future__ import annotations

import random

import msgspec

from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.kind import Call, Description, Kind, Outcomes, Problems
from grader.exercise_kinds import blame, wording
from grader.exercise_kinds.question_set import QuestionSet
from grader.model import Outcome
from grader.sandbox.boundary.protocol import Fault
from grader.sandbox.probes.context import ContextReply, ContextRequest, Held

Scene = tuple[str, tuple[float, ...], str]

SCENES: dict[str, tuple[Scene, ...]] = {
    "save": (
        ("saves", (1.5, 2.5, 3.5), "after save_for_backward(1.5, 2.5, 3.5)"),
        ("saves one", (1.5,), "after save_for_backward(1.5)"),
        ("saves again", (2.5, 3.5), "after save_for_backward(1.5) and then save_for_backward(2.5, 3.5)"),
        ("saves nothing", (), "with nothing saved"),
        ("reads twice", (1.5, 2.5), "read a second time after save_for_backward(1.5, 2.5)"),
    ),
    "no_grad": (("no_grad", (), "after Context(True) and save_for_backward(1.5, 2.5)"),),
    "independent": (("one of two", (1.5, 2.5), "after another context has saved something else"),),
}
"""Check name -> (scene, what saved_values should hold, when)."""

SAVES = "saves"


class ContextForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exercise on the context as its file has it."""

    class_: str = msgspec.field(name="class", default="Context")


Questions = QuestionSet[ContextRequest]


def read(form: ContextForm, problems: Problems) -> tuple[str, tuple[str, ...]]:
    """Turn the one key there is into a name."""
    if not form.class_.isidentifier():
        problems.add("class", f"class {form.class_!r} should be a Python name")
    return form.class_, (form.class_,)


def prepare(exercise: Exercise, _count: int, seed: str, public: bool) -> Questions:
    """Return the scenes of the checks there are, and the one that says whether anything is ever saved.

    Private ones have other numbers: a list of those above wins nothing.
    """
    scenes = (SAVES, *(scene for check in exercise.checks for scene, _, _ in SCENES[check.name]))
    shift = 0.0 if public else random.Random(seed).randint(1, 1000) / 4
    return QuestionSet(ContextRequest(exercise.module, exercise.spec, tuple(dict.fromkeys(scenes)), shift), public)


def judge(exercise: Exercise, half: Questions, call: Call) -> Outcomes:
    """Return an outcome for every check."""
    names = [check.name for check in exercise.checks]
    told: ContextReply = call(half.ask)
    gone = blame.of_what_is_not_there(told.missing, told.absent, exercise.module, exercise.spec)
    if gone is not None:
        return dict.fromkeys(names, gone)
    held = dict(zip(half.ask.scenes, told.held))
    return {name: _outcome(name, held, half.ask.shift) for name in names}


SHARED = "one of two"
"""The scene that shows whether contexts share what they hold: what another scene holds is then no matter of its own."""


def _outcome(check: str, held: dict[str, Held], shift: float) -> Outcome:
    shared = SHARED in held and held[SHARED] == (3.5 + shift, 4.5 + shift)
    earlier = "other contexts saved something before; " if shared and check != "independent" else ""
    if check == "no_grad" and not held[SAVES]:
        return Outcome("skipped", "it is judged once save_for_backward saves something")
    for scene, values, when in SCENES[check]:
        got, wanted = held[scene], tuple(value + shift for value in values)
        if isinstance(got, Fault):
            return blame.of_fault(got, "using a Context")
        if got != wanted:
            shown = ", ".join(map(wording.shown, got))
            return Outcome(
                "wrong answer",
                "saved_values does not hold what it should",
                judged=len(SCENES[check]),
                detail=f"{earlier}{when} it holds ({shown}) and should hold ({', '.join(map(repr, wanted))})",
            )
    return Outcome("accepted", judged=len(SCENES[check]))


def describe(_exercise: Exercise, public: Questions, _private: Questions | None) -> Description:
    """Say what is held, in which scenes and how closely."""
    return Description(
        {
            "save": "what was saved comes back, in order, and anew each time",
            "no_grad": "nothing is saved where no_grad is set",
            "independent": "two contexts share nothing",
        },
        (
            f"{len(public.ask.scenes)} scenes with a context: with public numbers, the same in every course, and with "
            "private ones, drawn from the assignment's seed.",
        ),
        ("What comes back is what was saved, exactly.",),
    )


KIND = Kind(
    name="context",
    form=ContextForm,
    checks=tuple(SCENES),
    read=read,
    prepare=prepare,
    judge=judge,
    records=(str, Questions),
    describe=describe,
    alone=True,
)
