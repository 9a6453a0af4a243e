"""A picture that a fault of ours costs is missed, and a line says so: the words stay."""

from __future__ import annotations

import pytest

from grader.exercise_kinds import curves
from grader.sandbox.fresh import Fresh
from grader.selfcheck import page, showing, tracing
from grader.selfcheck.checking import SelfCheck
from grader.selfcheck.page import Seen
from tests.machinery import replaced
from tests.trace.runs import course


def fail(*_: object, **__: object) -> None:
    """Fail as the grader's own code might."""
    raise KeyError("ours")


def test_a_fault_costs_a_picture_and_a_note_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    bundle, solved = course("module1")
    wrong = replaced("autodiff.backpropagate", "def backpropagate(variable, deriv):\n    variable.derivative = deriv")
    modules = {name: (path, wrong.get(name, raw.decode()).encode()) for name, (path, raw) in solved.modules.items()}
    submission = type(solved)(
        **{name: getattr(solved, name) for name in solved.__struct_fields__} | {"modules": modules}
    )
    monkeypatch.setattr(tracing, "smallest", fail)
    monkeypatch.setattr(curves, "curves", fail)
    with Fresh() as workers:
        desk = SelfCheck(bundle, workers)
        found = [*desk.check(submission, [one for one in bundle.exercises if one.id == "backpropagate"])]
        seen = showing.with_pictures(desk, submission, Seen(bundle, found))
    title = found[0].exercise.title
    assert [one.status for one in found] == ["wrong"]
    for what in ("curves", "steps"):
        assert f"the {what} of {title} could not be drawn: grader fault (KeyError); its checks stand" in seen.notes
    assert "could not be drawn: grader fault (KeyError)" in page.html(seen)
