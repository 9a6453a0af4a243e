"""What a unit provides is built once, in a branch of the zygote, and nobody's result can tell."""

from __future__ import annotations

import contextlib
import marshal
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.batch import cohort
from grader.errors import JudgeError
from grader.grading import config, loading, planning
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Result, Submission
from grader.sandbox.boundary.protocol import Load, Module, encode
from grader.sandbox.launch import ENVIRONMENT
from grader.sandbox.supervisor import Supervisor
from grader.sandbox.worker.loading import Package
from tests.conftest import ROOT
from tests.end_to_end.test_cli import RIGHT
from tests.sandbox.station import alive, below

WRITES_ON_WHAT_IS_PROVIDED = (
    RIGHT + "\nfrom minitorch import autodiff\nautodiff.mark = getattr(autodiff, 'mark', 0) + 1\n"
)
READS_IT = RIGHT.replace("return 5 * x", "from minitorch import autodiff; return 5 * x / autodiff.mark")


@pytest.fixture
def fresh(plan: Plan) -> Iterator[Supervisor]:
    with Supervisor(planning.box(plan.assignment), 930) as opened:
        yield opened


def descriptors() -> set[int]:
    """Return the descriptors of this process."""
    return {number for number in range(1 << 12) if Path(f"/proc/self/fd/{number}").is_symlink()}


def graded(plan: Plan, supervisor: Supervisor, source: str, **more: str) -> Result:
    modules = {"lecture8": source, **more}
    files = {name: (f"{name}.py", text.encode()) for name, text in modules.items()}
    return Grader(plan, supervisor).grade(Submission("s", files))


def test_a_branch_is_there_from_the_second_time_on_and_grades_alike(plan: Plan, fresh: Supervisor) -> None:
    first = graded(plan, fresh, RIGHT)
    assert not fresh._branches
    assert graded(plan, fresh, RIGHT) == first
    assert len(fresh._branches) == 1


def test_who_hands_in_more_than_the_file_that_is_asked_is_built_anew(plan: Plan, fresh: Supervisor) -> None:
    for _ in range(3):
        graded(plan, fresh, RIGHT, operators="def mul(x, y):\n    return x * y\n")
    assert not fresh._branches


def test_what_one_student_does_to_what_is_provided_reaches_no_other(plan: Plan, fresh: Supervisor) -> None:
    for _ in range(3):
        assert (
            graded(plan, fresh, WRITES_ON_WHAT_IS_PROVIDED.replace(RIGHT, READS_IT)).exercises[0].verdict == "accepted"
        )


def test_a_branch_that_is_killed_is_replaced_with_its_zygote(plan: Plan, fresh: Supervisor) -> None:
    whole = [graded(plan, fresh, RIGHT) for _ in range(2)][-1]
    zygote = fresh._zygotes[False]._process
    assert zygote is not None
    while len(found := [pid for pid in below(zygote.pid) if below(pid) == {pid}]) > 1:
        time.sleep(0.01)  # the last worker is on its way out
    (branch,) = found
    os.kill(branch, signal.SIGKILL)
    assert graded(plan, fresh, RIGHT) == whole


def test_a_supervisor_that_is_closed_leaves_nothing(plan: Plan, fresh: Supervisor) -> None:
    results = [graded(plan, fresh, RIGHT) for _ in range(4)]
    assert all(one == results[0] for one in results)
    zygote = fresh._zygotes[False]._process
    assert zygote is not None
    there = below(zygote.pid)
    assert len(there) >= 2
    fresh.close()
    deadline = time.monotonic() + 10
    while [pid for pid in there if alive(pid)] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [pid for pid in there if alive(pid)]


def test_without_descriptors_left_a_worker_is_refused_and_none_leaks(plan: Plan, fresh: Supervisor) -> None:
    whole = graded(plan, fresh, RIGHT)
    before = descriptors()
    free = [number for number in range(max(before) + 4) if number not in before]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free[2], hard))  # enough for a wire's two ends, and no pidfd
    try:
        with pytest.raises((JudgeError, OSError)):
            graded(plan, fresh, RIGHT)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    fresh.close()
    assert descriptors() <= before
    assert graded(plan, fresh, RIGHT) == whole


def test_a_unit_whose_parts_build_on_what_is_asked_is_built_later(assignment: Assignment) -> None:
    module1 = config.load(ROOT / "examples/module1/config.yaml")
    box, containment = cohort.open_box(module1)
    prepared = cohort.plan(module1, box, containment.tier)
    operators = next(unit for unit in prepared.units if unit.module == "operators")
    source = (ROOT / "reference" / "operators.py").read_bytes()
    with Supervisor(box, 931) as supervisor:
        grader = Grader(prepared, supervisor)
        alone = [grader.grade(Submission("s", {"operators": ("operators.py", source)})) for _ in range(3)]
        assert supervisor._branches
    ids = {one.id for one in operators.exercises}
    assert all(one.verdict == "accepted" for result in alone for one in result.exercises if one.id in ids)
    assert assignment.layout.package == "minitorch"


def test_what_a_branch_is_built_with_holds_nothing_that_is_asked(plan: Plan) -> None:
    for unit in plan.units:
        if not unit.on_paper:
            held = loading.base(plan.assignment, unit)
            assert b"SquareOfTimesFive" not in held
            assert b"operators" in held


def test_what_a_student_hands_in_takes_its_place_among_what_is_built() -> None:
    provided = Module(
        "second",
        provided=marshal.dumps(compile("Name, Other = 2, 2", "second", "exec")),
        names=("Name", "Other"),
        listed=True,
    )
    base = Load(0, "built_before", (Module("first", eager=True, listed=True), provided), ("math",), 1024)
    package = Package.prepared(encode(base))
    assert package is not None
    try:
        handed_in = Module("first", "first.py", b"import math\nName = math.floor(1.5)", eager=True, listed=True)
        package.receive(Load(1, "built_before", (handed_in,), (), 1024))
        package.build()
        assert not package.failures
        top = sys.modules["built_before"]
        assert (top.Name, top.Other) == (1, 2)
    finally:
        package._undo()


def beside(provided: str, handed_in: str, *names: str) -> Package:
    """Return a package built with what is provided beside names under test, and then with what was handed in."""
    code = marshal.dumps(compile(provided, "one", "exec"))
    other = Module("other", provided=marshal.dumps(compile("seen = []", "other", "exec")), names=("seen",), listed=True)
    one = Module("one", provided=code, names=names, eager=True, listed=True)
    package = Package.prepared(encode(Load(0, "beside", (one, other), ("math",), 1024)))
    assert package is not None
    theirs = Module("one", "one.py", handed_in.encode(), code, names, eager=True, listed=True)
    package.receive(Load(1, "beside", (theirs,), (), 1024))
    package.build()
    package._undo()
    assert not package.failures
    return package


def test_what_is_provided_beside_names_under_test_runs_first_and_sees_them() -> None:
    package = beside(
        "from .other import seen\nseen.append(1)\ndef both(x): return helper(x) + Asked.of(x) + helper.more",
        "class Asked:\n    def of(x): return 10 * x\ndef helper(x): return x\nhelper.more = 100\ndef both(x): return 0",
        "both",
    )
    assert package.spaces["one"].both(1) == 111
    assert package.spaces["other"].seen == [1]


def test_what_builds_on_a_name_under_test_waits_for_it_and_is_run_once() -> None:
    package = beside(
        "from .other import seen\nseen.append(1)\nclass Derived(Asked): more = 1", "class Asked: less = 2", "Derived"
    )
    assert (package.spaces["one"].Derived.less, package.spaces["one"].Derived.more) == (2, 1)
    assert package.spaces["other"].seen == [1]


def test_what_is_provided_is_out_of_reach_of_what_a_student_puts_there() -> None:
    package = beside(
        "from .other import seen\ndef told(): return seen",
        "from beside import other\nother.seen = 'theirs'\nseen = 'theirs'\nlen = None",
        "told",
    )
    assert package.spaces["one"].told() == []


def test_a_zygote_keeps_to_the_limits_that_it_can_itself(plan: Plan, fresh: Supervisor) -> None:
    for _ in range(3):
        graded(plan, fresh, RIGHT)
    zygote = fresh._zygotes[False]._process
    assert zygote is not None
    wanted = {"Max file size": "0", "Max core file size": "0", "Max locked memory": "0"}
    for pid in below(zygote.pid):
        if b"bwrap" not in Path(f"/proc/{pid}/cmdline").read_bytes():
            lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
            held = {line[:25].strip(): line[25:].split()[:2] for line in lines[1:]}
            assert all(held[name] == [limit, limit] for name, limit in wanted.items())
            assert "unlimited" not in held["Max address space"]


def test_a_worker_is_told_only_what_a_zygote_is_to_know_of_the_world(plan: Plan, fresh: Supervisor) -> None:
    asks = f"import os; return 5 * x if set(os.environ) - {{'PWD', 'HOME', 'USER'}} == {set(ENVIRONMENT)} else None"
    assert graded(plan, fresh, RIGHT.replace("return 5 * x", asks)).exercises[0].verdict == "accepted"


def test_a_zygote_and_its_branch_have_no_files_either(plan: Plan, fresh: Supervisor) -> None:
    for _ in range(3):
        graded(plan, fresh, RIGHT)
    zygote = fresh._zygotes[False]._process
    assert zygote is not None
    ours = []
    for pid in below(zygote.pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # as below
            if b"bwrap" not in Path(f"/proc/{pid}/cmdline").read_bytes():
                ours.append(pid)
    assert len(ours) > 1
    if "chroot" not in fresh.box.skip and os.geteuid() == 0:
        looked = 0
        for pid in ours:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # the last worker, ending just now
                assert not list(Path(f"/proc/{pid}/root").iterdir())
                looked += 1
        assert looked > 1  # the zygote's init and the branch stay


@pytest.mark.parametrize("module", ["ast", "dataclasses", "inspect"])
def test_what_only_some_import_is_there_for_those_who_name_it(plan: Plan, fresh: Supervisor, module: str) -> None:
    assert graded(plan, fresh, f"import {module}\n{RIGHT}").exercises[0].verdict == "accepted"
    assert list(fresh._zygotes) == [True]


def test_what_python_imports_on_the_way_is_there_for_everyone(plan: Plan, fresh: Supervisor) -> None:
    asks = "from typing import SupportsFloat; return 5 * x if not isinstance('', SupportsFloat) else None"
    assert graded(plan, fresh, RIGHT.replace("return 5 * x", asks)).exercises[0].verdict == "accepted"
    assert list(fresh._zygotes) == [False]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (b"# at last, a fast castle", False),
        (b"import ast", True),
        (b"from numpy.linalg import norm", True),
        (b"__import__('json')", True),
        (b"\xff\xfe# gr\xfc\xdfe: inspected", False),
        (b"datetime.datetime.strptime(text, form)", True),
    ],
)
def test_a_module_is_named_by_its_whole_name(plan: Plan, source: bytes, names: bool) -> None:
    mentioned = loading.names_any(
        Submission("s", {"lecture8": ("lecture8.py", source)}), planning.box(plan.assignment).on_mention
    )
    assert mentioned is names
