"""What honest code asks of the system beside its computation still works in a locked-down worker.

What is not on the sample's list of imports stands for an assignment that allows it.
"""

from __future__ import annotations

import textwrap

import pytest

from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Submission
from grader.sandbox.supervisor import Supervisor
from tests.end_to_end.test_cli import RIGHT

ASKS = {
    "sleeps": "time.sleep(0.001)",
    "reads every clock": """
        for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time", "localtime"):
            getattr(time, name)()
        time.get_clock_info("process_time")
        """,
    "waits for a lock in vain": """
        lock = sys.modules["threading"].Lock()
        lock.acquire()
        assert not lock.acquire(timeout=0.001)
        lock.release()
        """,
    "waits for a queue in vain": """
        try:
            queue.Queue().get(timeout=0.001)
        except queue.Empty:
            pass
        """,
    "draws random numbers": """
        random.seed()
        os.urandom(8), random.random(), uuid.uuid4()
        """,
    "has itself timed": """
        os.times(), os.getpid(), os.getuid()
        sys.modules["resource"].getrusage(0)
        """,
    "handles an interrupt": """
        signal = sys.modules["signal"]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        """,
    "sets an alarm that never comes": """
        signal = sys.modules["signal"]
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.alarm(5)
        """,
    "has memory grow and go": """
        grown = bytearray()
        for _ in range(3):
            grown.extend(bytes(1 << 20))
        """,
    "computes with large arrays": """
        import numpy
        assert numpy.ones(1_000_000).sum() == 1_000_000
        numpy.random.default_rng().normal(size=100).sort()
        """,
    "has '' on its import path": """
        sys.path.insert(0, "")
        try:
            import nothing_of_that_name
        except ImportError:
            pass
        """,
    "logs": "logging.warning('said')",
}
IMPORTS = "import logging, os, queue, random, sys, time, uuid\n"


@pytest.mark.parametrize("what", ASKS)
def test_honest_code_still(what: str, plan: Plan, supervisor: Supervisor) -> None:
    source = (
        IMPORTS
        + RIGHT.replace("return 5 * x", "asks()\n        return 5 * x")
        + f"\ndef asks():\n{textwrap.indent(textwrap.dedent(ASKS[what]), '    ')}\n"
    )
    result = Grader(plan, supervisor).grade(Submission("s", {"lecture8": ("lecture8.py", source.encode())}))
    assert result.exercises[0].verdict == "accepted", result.exercises[0]
