"""Work spread over this machine's processes: everyone gets a turn, and who dies takes nobody along."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.batch import cohort, local
from grader.grading import config, planning
from grader.grading.config import Assignment
from grader.grading.planning import Plan
from grader.reports import stored
from grader.sandbox.supervisor import Supervisor
from grader.submissions.handed_in import HandedIn
from tests.end_to_end.test_cli import RIGHT
from tests.sandbox.station import alive, below


def poisoned(_: Supervisor) -> Callable[[int], int]:
    def work(index: int) -> int:
        if index == 3:
            os._exit(1)
        return 10 * index

    return work


def test_a_piece_that_kills_its_process_twice_is_given_up_the_rest_is_done(assignment: Assignment) -> None:
    did = {one.index: one for one in local.spread(poisoned, range(8), planning.box(assignment), 2)}
    assert did.pop(3) == local.Did(3, None, "the grading process died twice on it")
    assert {index: one.made for index, one in did.items()} == {i: 10 * i for i in range(8) if i != 3}


def test_work_for_a_process_that_just_died_is_undone_and_ends_no_run(
    assignment: Assignment,
) -> None:
    with local._Children(planning.box(assignment), poisoned, [None]) as children:
        children.begin(0)
        dead = children.all[0]
        dead.process.kill()
        dead.process.join()
        dead.give((1,))
        assert children.heard() == [0]
        children.end(0)
        children.begin(0)
        children.all[0].give(dead.taken())
        assert children.heard() == [0]
        assert local._receive(children.all[0].pipe) == [local.Did(1, 10)]
        children.all[0].taken()


def one_waits(_: Supervisor) -> Callable[[int], int]:
    def work(index: int) -> int:
        time.sleep(1.0 if index == 0 else 0.0)
        return os.getpid()

    return work


def test_a_process_that_dies_with_nothing_to_do_is_not_replaced(assignment: Assignment) -> None:
    before = len(multiprocessing.active_children())
    found = local.spread(one_waits, range(2), planning.box(assignment), 2)
    first = next(found)
    assert first.index == 1 and first.made is not None
    os.kill(first.made, signal.SIGKILL)
    assert next(found).index == 0
    assert len(multiprocessing.active_children()) == before + 1
    found.close()


def slow(_: Supervisor) -> Callable[[int], int]:
    def work(index: int) -> int:
        time.sleep(1.2 * local.MOMENT_SECONDS)
        return index

    return work


@pytest.mark.parametrize(("start", "most"), [(poisoned, local.MOST_TOGETHER), (slow, 2)])
def test_few_are_handed_out_at_a_time_and_not_before_somebody_is_free(
    assignment: Assignment, start: local.Start[int], most: int
) -> None:
    asked = 0

    def indexes() -> Iterator[int]:
        nonlocal asked
        for i in range(10, 60):
            asked += 1
            yield i

    done = set()
    for one in local.spread(start, indexes(), planning.box(assignment), 2):
        done.add(one.index)
        assert asked <= len(done) + 2 * most + (most - 1)  # at two processes, and come back together with this one
    assert done == set(range(10, 60)) and asked == 50


def one_that_lasts(_: Supervisor) -> Callable[[int], int]:
    def work(index: int) -> int:
        time.sleep(1.0 if index == 21 else 0.001)
        return index

    return work


def test_what_waits_behind_a_long_one_is_only_what_was_handed_out_with_it(assignment: Assignment) -> None:
    came = [one.index for one in local.spread(one_that_lasts, range(200), planning.box(assignment), 2)]
    assert sorted(came) == list(range(200))
    assert len(came[came.index(21) + 1 :]) < local.MOST_TOGETHER


def test_a_submission_is_read_by_the_process_that_grades_it(tmp_path: Path, plan: Plan, supervisor: Supervisor) -> None:
    (tmp_path / "u1.py").write_text(RIGHT)

    class Watched(HandedIn):
        """Knows which process reads."""

        def __getitem__(self, index):  # type: ignore[no-untyped-def]
            assert os.getpid() != here, "the parent read a submission"
            return super().__getitem__(index)

    here = os.getpid()
    handed_in = Watched(tmp_path, cohort.layout(config.load(Path("config.yaml"))))
    (done,) = local.grade_all(plan, supervisor.box, handed_in, [0], 2)
    assert done.made is not None
    assert stored.decode(done.made.result).earned == done.made.row.total == 3


def cores_of(_: Supervisor) -> Callable[[int], set[int]]:
    def work(_: int) -> set[int]:
        time.sleep(0.05)  # so that every process has its turn
        return os.sched_getaffinity(0)

    return work


def test_where_there_is_a_process_for_every_core_each_stays_on_its_own(assignment: Assignment) -> None:
    here = os.sched_getaffinity(0)
    did = list(local.spread(cores_of, range(4 * len(here)), planning.box(assignment), len(here)))
    assert {frozenset(one.made or ()) for one in did} == {frozenset((core,)) for core in here}
    for one in local.spread(cores_of, range(2), planning.box(assignment), len(here) - 1 or 1):
        assert one.made == here


def test_the_first_process_goes_on_with_what_is_warm_and_is_replaced_else(tmp_path: Path, plan: Plan) -> None:
    for i in range(30):
        (tmp_path / f"u{i}.py").write_text(RIGHT)
    handed_in = HandedIn(tmp_path, cohort.layout(plan.assignment))
    others = below(os.getpid())
    with Supervisor(planning.box(plan.assignment), 940) as warm:
        warm.probe()
        zygote = warm._zygotes[False]._process
        assert zygote is not None
        found = local.grade_all(plan, warm.box, handed_in, range(30), 2, warm)
        done = [next(found)]
        assert alive(zygote.pid), "what was started before ended too soon"
        first = min(multiprocessing.active_children(), key=lambda one: int(one.name.rpartition("-")[2]))
        first.kill()
        done += found
        assert sorted(one.index for one in done) == list(range(30))
        assert not [one.fault for one in done if one.fault]
    deadline = time.monotonic() + 10
    while any(map(alive, below(os.getpid()) - others)):
        assert time.monotonic() < deadline, "something was left behind"
        time.sleep(0.01)
