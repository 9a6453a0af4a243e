"""What hostile code tries comes to nothing, costs its own exercise only, and leaves nothing behind."""

from __future__ import annotations

import os
import socket
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from grader import planning
from grader.grading import Grader
from grader.model import Result, Submission, Verdict
from grader.planning import Plan
from grader.sandbox.launch import Box, Limits
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

EVERY_DESCRIPTOR = """import os
for fd in range(64):
    try: os.write(fd, {})
    except OSError: pass
"""

ATTACKS: dict[str, tuple[str, Verdict]] = {
    "loops for ever": ("while True: pass", "time limit"),
    "loops and swallows everything": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "time limit",
    ),
    "a number too large to compute": ("return 10 ** 10 ** 9", "time limit"),
    "a regular expression that explodes": ("import re; re.match('(a+)+$', 'a' * 40 + 'b')", "time limit"),
    "prints for ever": ("while True: print('x' * 100)", "output limit"),
    "writes to stderr for ever": ("import sys\nwhile True: sys.stderr.write('x' * 100)", "output limit"),
    "asks for all memory": ("return len(bytearray(10 ** 10))", "memory limit"),
    "grows a list without end": ("x = []\nwhile True: x.append(bytearray(10 ** 7))", "memory limit"),
    "exits": ("import sys; sys.exit(0)", "runtime error"),
    "exits at once": ("import os; os._exit(0)", "runtime error"),
    "exits with the status of success": ("import os; os._exit(97)", "output limit"),
    "closes the wire": ("import os; os.closerange(0, 256); return 5 * x", "runtime error"),
    "forks": ("import os; os.fork(); return 5 * x", "runtime error"),
    "starts a thread": (
        "import sys; t = sys.modules['threading'].Thread(target=print); t.start(); return 5 * x",
        "runtime error",
    ),
    "runs a program": ("import os; os.execv('/bin/true', ['true'])", "runtime error"),
    "opens a socket": ("import sys; sys.modules['socket'].socket()", "runtime error"),
    "connects to a canary": (
        "import sys; s = sys.modules['socket']; s.create_connection(('127.0.0.1', CANARY_PORT), 1)",
        "runtime error",
    ),
    "reads a file": ("return len(open('CANARY_FILE').read())", "runtime error"),
    "reads the reference": ("return len(open('reference/lecture8.py').read())", "runtime error"),
    "lists a directory": ("import os; return len(os.listdir('/'))", "runtime error"),
    "writes to the canary": ("open('CANARY_FILE', 'w').write('x')", "runtime error"),
    "writes to /tmp": ("open('/tmp/CANARY', 'w').write('x')", "runtime error"),
    "makes a directory": ("import os; os.mkdir('/tmp/CANARY')", "runtime error"),
    "kills its parent": ("import os; os.kill(os.getppid(), 9)", "runtime error"),
    "kills everyone": ("import os; os.kill(-1, 9)", "runtime error"),
    "raises its limits": (
        "import sys; r = sys.modules['resource']; r.setrlimit(r.RLIMIT_AS, (-1, -1))",
        "runtime error",
    ),
    "reads its parent's memory": (
        "import os; return len(open(f'/proc/{os.getppid()}/mem', 'rb').read(1))",
        "runtime error",
    ),
    "looks for secrets in the environment": ("import os; return float(os.environ['SECRET_TOKEN'])", "runtime error"),
    "dereferences nothing": ("import sys; sys.modules['ctypes'].string_at(0)", "runtime error"),
    "recurses for ever": ("f = lambda: f()\nf()", "runtime error"),
    "raises what cannot be shown": (
        "class E(Exception):\n    def __str__(self): raise SystemExit\nraise E",
        "runtime error",
    ),
    "raises a hundred megabytes": ("raise ValueError('x' * 10 ** 8)", "runtime error"),
    "interrupts": ("raise KeyboardInterrupt", "runtime error"),
    "forges a reply": (
        EVERY_DESCRIPTOR.format("b'\\x00\\x00\\x00\\x01\\xc0'") + "return 5 * x",
        "forbidden",
    ),
    "forges an endless frame": (
        EVERY_DESCRIPTOR.format("b'\\xff\\xff\\xff\\xff'") + "return 5 * x",
        "forbidden",
    ),
    "drips": (
        EVERY_DESCRIPTOR.format("b'\\x00'") + "import time\nwhile True: time.sleep(0.1)",
        "time limit",
    ),
    "returns a string": ("return 'five'", "wrong answer"),
    "returns a number that is always equal": (
        "class F(float):\n    __eq__ = __le__ = __ge__ = lambda *_: True\n    __hash__ = float.__hash__\nreturn F(1e9)",
        "wrong answer",
    ),
    "returns a hundred megabytes": ("return 'x' * 10 ** 7", "wrong answer"),
    "returns an integer too large": ("return 10 ** 5000", "wrong answer"),
    "returns NaN": ("return float('nan')", "wrong answer"),
    "returns infinity": ("return float('inf')", "wrong answer"),
    "patches the standard library": (
        "import math, os\nmath.isfinite = lambda *_: True\nos.write = lambda fd, b: len(b)\nreturn 0.0",
        "wrong answer",
    ),
}


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


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int, list[object]]]:
    """A file that must stay as it is and a port that nobody may connect to."""
    file = tmp_path_factory.mktemp("canary") / "canary"
    file.write_text("untouched")
    file.chmod(0o666)
    file.parent.chmod(0o777)
    touched: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    touched.append(server.accept())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        yield file, server.getsockname()[1], touched
        stop.set()
        thread.join()


def attack_source(body: str, file: Path, port: int) -> str:
    hostile = body.replace("CANARY_FILE", str(file)).replace("CANARY_PORT", str(port)).replace("CANARY", file.name)
    return (
        HONEST
        + "\n\nclass Mul:\n    @staticmethod\n    def forward(ctx, x, y=0.0):\n"
        + textwrap.indent(hostile, " " * 8)
        + "\n"
    )


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_fails_and_costs_its_own_exercise_only(
    name: str,
    plan: Plan,
    held: tuple[int, Supervisor],
    canary: tuple[Path, int, list[object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "5")
    body, verdict = ATTACKS[name]
    tier, supervisor = held
    file, port, touched = canary
    assert graded(HONEST, plan, supervisor).earned == 3
    before = descendants()
    result = graded(attack_source(body, file, port), plan, supervisor)
    verdicts = {e.id: e.verdict for e in result.exercises}
    assert verdicts["mul-forward"] == verdict, (tier, result.exercises[1])
    assert (verdicts["times-five-forward"], verdicts["times-five-backward"]) == ("accepted", "accepted")
    assert file.read_text() == "untouched"
    assert sorted(path.name for path in file.parent.iterdir()) == [file.name]
    assert not Path("/tmp", file.name).exists()
    assert not touched
    again = graded(HONEST, plan, supervisor)
    assert again.earned == 3
    assert descendants() == before


def graded(source: str, plan: Plan, supervisor: Supervisor) -> Result:
    return Grader(plan, supervisor).grade(Submission("attacker", {"lecture8": ("lecture8.py", source.encode())}))


def descendants() -> set[int]:
    """Return every process that this one started, directly or not."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def test_a_module_that_never_loads_is_charged_once(plan: Plan, held: tuple[int, Supervisor]) -> None:
    _, supervisor = held
    for body, verdict in (("while True: pass", "time limit"), ("while True: print()", "output limit")):
        result = graded(body, plan, supervisor)
        assert {e.verdict for e in result.exercises} == {verdict}


def test_without_a_system_call_filter_grading_is_refused(plan: Plan) -> None:
    box = msgspec.structs.replace(box_of(plan), skip=("bubblewrap", "seccomp"))
    found = contained(box)
    assert found.tier == 4
    assert "refused" in found.describe()


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
