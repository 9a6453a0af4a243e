"""Every sentence of feedback is so: over planted mistakes, sample submissions and wrong walks through graphs.

Each is held to what the files do when they run as at home, without the grader (`tests.sentences`). CI looks at a share
of what the audit plants, and of the wrong walks and beginners' mistakes; `make prove` at all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from grader.audit import plants
from grader.batch import cohort, local
from grader.exercise_kinds import exceptions
from grader.grading import config, planning, provided
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Diagnosis, Result, Submission
from grader.sandbox.supervisor import Supervisor
from grader.submissions.handed_in import find
from tests import beginner_mistakes, homes, sentences
from tests.claiming import Claim
from tests.conftest import ROOT
from tests.machinery import REFERENCE, WRONG, replaced

CONFIGS = ("config.yaml", "examples/module1/config.yaml")
SHARE = 10
OF_MACHINES = 4
"""CI looks at each of so many; every one of them takes seven exercises."""

SAMPLES = {"examples/cohort/submissions": "u2", "examples/module1/submissions": "v2"}
"""The samples that are wrong, and do nothing else than be wrong: they are run as they are."""

Work = tuple[str, Submission, tuple[str, ...]]
"""(what it is, a submission, the exercises to ask)"""


def of_audit(assignment: Assignment, plan: Plan, step: int) -> Iterator[Work]:
    """Yield every mistake and every right style that the audit plants, or each of so many."""
    sources = provided.read(assignment.reference, assignment.layout.modules)
    answers = cohort.reference_submission(assignment).answers
    made = [
        (f"{one.module}: {one.name}", submission, code.ids())
        for code in plants.codes(assignment.exercises, sources)
        for held in [plants.planted(code, sources, answers, plan.public)]
        for one, submission in (*held.wrong, *held.right)
    ]
    yield from made[::step]


def of_samples(assignment: Assignment) -> Iterator[Work]:
    """Yield the wrong ones of the sample class, with right files beside them."""
    assert assignment.submissions is not None
    start = SAMPLES[str(assignment.submissions.relative_to(ROOT))]
    every = tuple(one.id for one in assignment.exercises)
    for one in find(assignment.submissions, cohort.layout(assignment)):
        if one.id.startswith(start):
            yield one.id, one, every


def of_machines() -> Iterator[Work]:
    """Yield wrong walks, and beginners' mistakes that are not endless."""
    every = (
        "chain-rule",
        "topological-sort",
        "backpropagate",
        "all-together",
        "scalar-operators",
        "scalar-roles",
        "apply",
    )
    for name, wrong in WRONG.items():
        yield name, submission(replaced(wrong.where, wrong.source)), every
    for slip in beginner_mistakes.MODULE_1:
        yield slip.what, submission(replaced(slip.where, slip.code)), (slip.exercise,)


def submission(sources: dict[str, str]) -> Submission:
    return Submission("s", {name: (f"{name}.py", text.encode()) for name, text in sources.items()})


def graded(assignment: Assignment, plan: Plan, work: Sequence[Work]) -> Iterator[tuple[Work, Result]]:
    limits = msgspec.structs.replace(assignment.limits, exercise_cpu_seconds=1.0, submission_cpu_seconds=4.0)
    box, _ = cohort.open_box(msgspec.structs.replace(assignment, limits=limits))

    def start(supervisor: Supervisor):  # type: ignore[no-untyped-def]
        return lambda i: Grader(planning.only(plan, work[i][2]), supervisor).grade(work[i][1])

    for did in local.spread(start, range(len(work)), box, 2):
        assert did.made is not None, did.fault
        yield work[did.index], did.made


def untrue(assignment: Assignment, plan: Plan, work: Sequence[Work], folder: Path) -> tuple[Counter[str], list[str]]:
    """Return how many sentences there were and how many are not so, and a line for each of those."""
    exercises = {one.id: one for one in assignment.exercises}
    counts: Counter[str] = Counter()
    lines = []
    for number, ((what, handed_in, _), result) in enumerate(graded(assignment, plan, work)):
        theirs = {name: text.decode("utf-8-sig", "replace") for name, (_, text) in handed_in.modules.items()}
        with homes.home(folder / str(number), {**REFERENCE, **theirs}) as load:
            for one in result.exercises:
                exercise = exercises[one.id]
                halves = [half.get(one.id) for half in (plan.public, plan.private)]
                asked = [getattr(half, "corpus", None) for half in halves]
                inputs = [corpus.inputs if corpus else () for corpus in asked]
                for check in () if exercise.on_paper else one.checks:
                    claim = Claim(load, {**REFERENCE, **theirs}, exercise, check, one, *inputs)
                    counts["sentences"] += sum(1 for _ in sentences.said(check.outcome))
                    lines += [f"{what}: {one.id}, {check.name}: {text}" for text in sentences.false_sentences(claim)]
    counts["untrue"] = len(lines)
    return counts, lines


def held_to_be_true(path: str, step: int, folder: Path) -> Counter[str]:
    assignment = config.load(ROOT / path)
    plan = planning.prepare(assignment)
    work = [*of_audit(assignment, plan, step), *of_samples(assignment)]
    if "module1" in path:
        work += [*of_machines()][:: 1 if step == 1 else OF_MACHINES]
    counts, lines = untrue(assignment, plan, work, folder)
    print(f"{path}: {counts['sentences']} sentences over {len(work)} submissions, {counts['untrue']} not so")
    assert lines == []
    return counts


@pytest.mark.ci
@pytest.mark.parametrize("path", CONFIGS)
def test_every_sentence_is_so_over_a_share_of_the_mistakes(path: str, tmp_path: Path) -> None:
    assert held_to_be_true(path, SHARE, tmp_path)["sentences"] >= 200


@pytest.mark.prove
@pytest.mark.parametrize("path", CONFIGS)
def test_every_sentence_is_so_over_all_mistakes(path: str, tmp_path: Path) -> None:
    assert held_to_be_true(path, 1, tmp_path)["sentences"] >= 2000


def test_a_sentence_that_nobody_wrote_down_is_not_so() -> None:
    assignment = config.load(ROOT / CONFIGS[0])
    exercise = next(one for one in assignment.exercises if one.id == "square")
    claim = Claim(lambda _: None, {}, exercise, None, None)  # type: ignore[arg-type]
    assert not sentences.holds("reason: the moon is in the wrong house", claim)


@pytest.fixture(scope="module")
def flipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Claim]:
    """A backward with its sign flipped, as it is told."""
    assignment = config.load(ROOT / CONFIGS[0])
    plan = planning.prepare(assignment)
    source = REFERENCE["lecture8"].replace("return float(2.0 * x * d_out)", "return float(-2.0 * x * d_out)")
    work = [("flipped", submission({**REFERENCE, "lecture8": source}), ("square",))]
    ((_, result),) = graded(assignment, plan, work)
    exercise = next(one for one in assignment.exercises if one.id == "square")
    check = next(one for one in result.exercises[0].checks if one.name == "backward")
    folder = tmp_path_factory.mktemp("flipped")
    with homes.home(folder, {**REFERENCE, "lecture8": source}) as load:
        yield Claim(load, {**REFERENCE, "lecture8": source}, exercise, check, result.exercises[0])


def told_otherwise(claim: Claim, **changes: object) -> list[str]:
    """Return what is not so where an outcome says something else."""
    outcome = msgspec.structs.replace(claim.outcome, **changes)
    return sentences.false_sentences(
        msgspec.structs.replace(claim, check=msgspec.structs.replace(claim.check, outcome=outcome))
    )


def test_what_is_not_so_is_found(flipped: Claim) -> None:
    shown = flipped.outcome.counterexample
    assert shown is not None
    assert told_otherwise(flipped) == []
    for lie in (
        {"diagnosis": (Diagnosis("d_out was forgotten"),)},
        {"diagnosis": (Diagnosis("it is right only where x > 0"),)},
        {"counterexample": msgspec.structs.replace(shown, returned="7.25")},
        {"counterexample": msgspec.structs.replace(shown, expected=shown.returned)},
        {"counterexample": msgspec.structs.replace(shown, snippet="print(4.0)")},
        {"place": "lecture8.py:1: def backward(ctx, d_out):"},
        {"detail": "on other inputs it raises ZeroDivisionError: division by zero"},
        {"help": exceptions.TABLE[0].sentence},
        {"reason": "Square.backward raised an exception", "said": "ValueError: no"},
        {"reason": "backward is not proportional to d_out"},
        {"reason": "it was still running when its time was up"},
        {"reason": "there is no Square in lecture8.py"},
    ):
        assert told_otherwise(flipped, **lie) != [], lie
