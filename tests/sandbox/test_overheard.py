"""What a submission does is heard by nobody: not by another process on the machine, and not by another worker.

The attacks numbered 2, 13 and 20 try each way to share something, on every tier, with an ear outside (`ear`). Here each
of their attempts is made once more by a process that nothing holds, where it must work: an attempt that cannot work
shows nothing. Then living workers are looked at from outside, as everybody can look at them.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from grader.grading import planning
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Submission
from grader.sandbox.boundary import syscalls
from grader.sandbox.remote import Worker
from grader.sandbox.supervisor import Supervisor
from grader.sandbox.tiers import contained
from tests.end_to_end.test_cli import RIGHT
from tests.sandbox.ear import Ear
from tests.sandbox.station import ATTACKS, HOSTILE
from tests.sandbox.test_containment import LAYERS_OFF
from tests.sandbox.test_filter import is_allowed, swept

UNHELD = """
import ctypes, json, os, resource, select, signal, sys, _thread
sys.path.insert(0, sys.argv[1])
import hostile
errors = []
def made(attempt):
    try:
        attempt()
    except OSError as error:
        return error.errno
    except MemoryError:
        return 12
    return 0
hostile.denied = lambda *attempts: errors.extend(map(made, attempts))
names = {}
exec(sys.stdin.read(), names)
names["Mul"].forward(None, 1.0, 2.0)
print(json.dumps(errors))
"""
TRY_TO_SHARE = (
    "02-makes-what-two-can-share",
    "13-shares-pages",
    "13-waits-on-a-page-of-libc",
    "13-wakes-on-a-page-of-libc",
    "20-reads-other-clocks",
)
HEARD = {
    "02-makes-what-two-can-share": [
        "it signalled a stranger",
        *(f"it made a {kind} of System V" for kind in ("shm", "sem", "msg")),
        "it made a message queue",
    ],
    "13-wakes-on-a-page-of-libc": ["it woke a stranger on a page of libc"],
}
EPERM = 1


def is_held() -> bool:
    """Say whether this very process is behind a filter, or lacks a right of root's."""
    return os.geteuid() != 0 or "Seccomp:\t0" not in Path("/proc/self/status").read_text()


@contextlib.contextmanager
def idle() -> Iterator[int]:
    """Lend the number of a process that has used next to no CPU time. Who waits for more of it waits for ever."""
    with subprocess.Popen(["sleep", "600"]) as process:
        try:
            yield process.pid
        finally:
            process.kill()


@pytest.mark.parametrize("name", TRY_TO_SHARE)
def test_each_attempt_to_share_works_where_nothing_holds_it(name: str) -> None:
    if is_held():
        pytest.skip("this process is held itself")
    name_of_ear = f"overheard-alone-{os.getpid()}"
    text = (ATTACKS / "runtime-error" / f"{name}.py").read_text().replace("CANARY_NAME", name_of_ear)
    flags = fcntl.fcntl(2, fcntl.F_GETFL)
    with Ear(name_of_ear) as ear, idle() as pid_of_idle:
        text = text.replace("ZYGOTE_PID", str(pid_of_idle)).replace("SUPERVISOR_PID", str(os.getpid()))
        ran = subprocess.run(
            [sys.executable, "-c", UNHELD, str(HOSTILE.parent)],
            input=ear.aim(text),
            capture_output=True,  # one of them sets flags on descriptors 0 to 4: ours would be unwritable from then on
            check=False,
            text=True,
            timeout=60,
        )
        heard = ear.heard()
    assert ran.returncode == 0, ran.stderr
    assert fcntl.fcntl(2, fcntl.F_GETFL) == flags
    errors = json.loads(ran.stdout)
    assert len(errors) > 5
    assert EPERM not in errors, "the filter says this; an attempt that meets it without a filter shows nothing"
    assert heard == HEARD.get(name, [])


class Watched(Supervisor):
    """Looks at each worker just before its end, as anybody on the machine can."""

    pids: tuple[int, ...] = ()
    seen: tuple[dict[str, str], ...] = ()

    @contextlib.contextmanager
    def worker(self, mentioned: bool = False, base: bytes = b"") -> Iterator[Worker]:
        with super().worker(mentioned, base) as one:
            yield one
            folder = Path(f"/proc/{pid_of(one)}")
            self.pids += (pid_of(one),)
            self.seen += ({name: (folder / name).read_text() for name in ("cmdline", "comm", "status", "limits")},)


def pid_of(worker: Worker) -> int:
    """Return a worker's number on this machine, from that of its CPU clock."""
    return ~(worker._clock >> 3)


@pytest.fixture(params=sorted(LAYERS_OFF))
def watched(request: pytest.FixtureRequest, plan: Plan) -> Iterator[Watched]:
    """A supervisor whose workers are held as on one tier."""
    box = msgspec.structs.replace(planning.box(plan.assignment), skip=LAYERS_OFF[request.param])
    if contained(box).tier > request.param:
        pytest.skip("this machine does not offer that tier")
    with Watched(box, 820) as supervisor:
        yield supervisor


def right_after(first: str) -> str:
    """Return a submission that does something once, in its first call, and is right."""
    return (
        RIGHT.replace("return 5 * x", "once()\n        return 5 * x")
        + f"""
def do():
{first}

done = []
def once():
    if not done:
        done.append(True)
        do()
"""
    )


def graded(source: str, plan: Plan, supervisor: Supervisor) -> str:
    """Grade it, and return what is said of its first exercise."""
    modules = {"lecture8": ("lecture8.py", source.encode())}
    helper = {"hostile": ("hostile.py", HOSTILE.read_bytes())}
    return repr(Grader(plan, supervisor).grade(Submission("s", modules, helper)).exercises[0])


WRITES_ITS_ARGUMENTS = """
    import sys
    ctypes = sys.modules["ctypes"]
    places = ctypes.POINTER(ctypes.c_void_p).in_dll(ctypes.CDLL(None), "environ")
    ctypes.memmove(places[0] - 24, b"the-input-is-0.05206137\\0", 24)  # the last of the arguments ends there
"""


def test_a_worker_has_no_command_line_to_write_on(plan: Plan, watched: Watched) -> None:
    assert "'accepted'" in graded(right_after(WRITES_ITS_ARGUMENTS), plan, watched)
    assert {seen["cmdline"] for seen in watched.seen} == {""}
    assert "arguments" in contained(watched.box).layers


def test_where_the_command_line_is_left_it_can_be_written_on(plan: Plan) -> None:
    box = msgspec.structs.replace(planning.box(plan.assignment), skip=("arguments",))
    with Watched(box, 821) as supervisor:
        graded(right_after(WRITES_ITS_ARGUMENTS), plan, supervisor)
    assert any("the-input-is-0.05206137" in seen["cmdline"] for seen in supervisor.seen)


SETS_EVERY_SIGNAL = """
    import sys
    signal = sys.modules["signal"]
    for number in range(1, 65):
        for how in (signal.SIG_IGN, signal.SIG_DFL, lambda *_: None):
            try:
                signal.signal(number, how)
            except (OSError, ValueError):
                pass
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, range(1, 65))
        raise SystemError("BREACH: signals are held back")
    except PermissionError:
        pass
"""


def masks(seen: dict[str, str]) -> list[int]:
    """Return which signals a process holds back, ignores and handles (proc_pid_status(5))."""
    lines = dict(line.split(":\t", 1) for line in seen["status"].splitlines() if ":\t" in line)
    return [int(lines[name], 16) for name in ("SigBlk", "SigIgn", "SigCgt")]


def test_a_worker_shows_no_more_by_its_signals_than_three_of_them(plan: Plan, watched: Watched) -> None:
    assert "'accepted'" in graded(right_after("    pass"), plan, watched)
    before = masks(watched.seen[-1])
    assert "'accepted'" in graded(right_after(SETS_EVERY_SIGNAL), plan, watched)
    changed = [was ^ is_now for was, is_now in zip(before, masks(watched.seen[-1]))]
    its_own = sum(1 << number - 1 for number in (signal.SIGINT, signal.SIGALRM, signal.SIGTERM))
    assert changed[0] == 0
    assert changed[1] | changed[2] == its_own, "it was let set these, and no others"
    assert watched.seen[-1]["comm"] == watched.seen[0]["comm"]
    assert watched.seen[-1]["limits"] == watched.seen[0]["limits"]


SWEEPS = """
    import sys
    from hostile import libc, ctypes
    for call, arguments in {calls}:
        given = [ctypes.c_ulong(one) for one in (call, *arguments)]
        if libc.syscall(*given) != -1 or ctypes.get_errno() != 1:
            raise SystemError(f"BREACH: {{call}} {{arguments}}")
    sys.stdout.write("swept")
"""


PROBES = {"x86_64": (335, 336), "aarch64": ()}
"""uretprobe and uprobe: new kernels ask no filter about them, and end whoever calls them from anywhere but a probe."""


def test_a_worker_is_refused_every_argument_that_the_table_does_not_have(plan: Plan, watched: Watched) -> None:
    machine = platform.machine()
    refused = [
        (number, arguments)
        for number, call in syscalls.of(machine).items()
        for arguments in swept(call)
        if not is_allowed(call, arguments)
    ]
    others = [(number, [0] * 6) for number in range(470) if number not in {*syscalls.of(machine), *PROBES[machine]}]
    assert len(refused) > 5000
    assert len(others) > 400
    for part in range(0, len(refused), 2000):
        said = graded(right_after(SWEEPS.format(calls=refused[part : part + 2000])), plan, watched)
        assert "'accepted'" in said, said
    said = graded(right_after(SWEEPS.format(calls=others)), plan, watched)
    assert "'accepted'" in said, said


def test_a_sweep_shouts_where_something_is_let_through(plan: Plan, watched: Watched) -> None:
    (getpid,) = (number for number, call in syscalls.of(platform.machine()).items() if call.name == "getpid")
    assert "BREACH" in graded(right_after(SWEEPS.format(calls=[(getpid, [0] * 6)])), plan, watched)


def test_two_workers_have_nothing_in_common_that_can_be_written(watched: Watched) -> None:
    with watched.worker() as one, watched.worker() as two:
        for worker in (one, two):
            worker._first_word()
        held = [_what_it_holds(pid_of(worker)) for worker in (one, two)]
    for descriptors, shared, status in held:
        assert list(descriptors) == [str(syscalls.WIRE)]
        assert not shared, "a mapping that another process has too, and that can be written"
        assert "Seccomp:\t2" in status
    first, second = (set(descriptors.values()) for descriptors, _, _ in held)
    assert not first & second


def _what_it_holds(pid: int) -> tuple[dict[str, str], list[str], str]:
    """Return a worker's descriptors, its shared mappings that can be written, and its status."""
    folder = Path(f"/proc/{pid}")
    descriptors = {path.name: str(path.readlink()) for path in (folder / "fd").iterdir()}
    mappings = (folder / "maps").read_text().splitlines()
    shared = [line for line in mappings if line.split()[1][1] == "w" and line.split()[1][3] == "s"]
    return descriptors, shared, (folder / "status").read_text()


FORGETS = """
import ctypes, os
from grader.sandbox.boundary import lockdown
libc = ctypes.CDLL(None, use_errno=True)
def wishes():
    place = ctypes.c_void_p(1)
    locks, size = ctypes.c_void_p(1), ctypes.c_size_t()
    number = 100 if os.uname().machine == "aarch64" else 274
    assert libc.prctl(40, ctypes.byref(place), 0, 0, 0) == 0, "no PR_GET_TID_ADDRESS"
    assert libc.syscall(number, 0, ctypes.byref(locks), ctypes.byref(size)) == 0
    return [bool(place.value), bool(locks.value)]
child = ctypes.PyDLL(None).fork()
if child == 0:
    before = wishes()
    lockdown.forget_last_wishes()
    os._exit(0 if (before, wishes()) == ([True, True], [False, False]) else 1)
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_process_that_forgot_its_last_wishes_has_none() -> None:
    subprocess.run([sys.executable, "-c", FORGETS], check=True)


KILLED_AT_THE_OTHER_DOOR = """
import ctypes, os
from grader.sandbox.boundary import lockdown
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
code = b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3"  # mov eax, 20 (getpid there, writev here); int 0x80; ret
page = libc.mmap(None, 4096, 7, 0x22, -1, 0)
ctypes.memmove(page, code, len(code))
call = ctypes.CFUNCTYPE(ctypes.c_int)(page)
assert call() > 0
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, lockdown._filter_at, 0, 0) == 0
call()
os._exit(0)
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="another machine has no such door")
def test_the_32_bit_door_is_deadly_even_to_code_that_was_there_before() -> None:
    ran = subprocess.run([sys.executable, "-c", KILLED_AT_THE_OTHER_DOOR], check=False)
    assert ran.returncode == -signal.SIGSYS
