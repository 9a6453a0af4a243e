"""Start zygotes and workers, ask one question at a time, and decide when a worker's time is up.

Theory of operation. A supervisor is one thread of one process. It owns at most one live zygote and
one live worker. Starting a worker means: make a socket pair, send one end to the zygote with a uid,
get a pidfd back. Asking means: one frame out, one frame back, under a CPU limit read from the
worker's own clock (a slow or shared machine must not fail honest work) and a generous wall limit
behind it. Whatever goes wrong - the wire breaks, the frame is malformed, the limit passes - the worker
is killed through its pidfd and what happened is returned as `Stopped`. If the supervisor dies, the
kernel kills the zygote and the worker after it.

The student's fault comes back as a record; ours is raised as JudgeError.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from grader.errors import JudgeError
from grader.model import Reason, Stopped
from grader.sandbox import control, staging
from grader.sandbox.protocol import (
    HEAD,
    OUTPUT_LIMIT_STATUS,
    Probe,
    Probed,
    Reply,
    Request,
    Violation,
    decode_locked,
    decode_reply,
    encode,
    frame,
    frame_length,
)

HIDDEN_IMPORTS = ("collections.abc", "_strptime")
"""What the standard library imports on first use."""

FIRST_UID, UIDS_EACH = 200_000, 1_000
ZYGOTE_START_SECONDS = 60.0
SHORTEST_NAP, LONGEST_NAP = 0.005, 0.25


class Limits(msgspec.Struct, frozen=True):
    """CPU and wall limits in seconds, memory in bytes above an idle worker's, output in characters."""

    exercise_cpu: float = 2.0
    submission_cpu: float = 20.0
    wall_factor: float = 5.0
    memory: int = 256 * 1024 * 1024
    output: int = 64 * 1024


class Box(msgspec.Struct, frozen=True):
    """How to contain: limits, what is imported beforehand, and the layers to leave off (for proofs only)."""

    limits: Limits
    preload: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    bubblewrap: Literal["where it works", "always", "never"] = "where it works"
    """What a probe found once must hold for every zygote after it: a tier is never lowered in silence."""


class Worker:
    """One locked-down process, and the wire to it."""

    def __init__(self, wire: socket.socket, pidfd: int, limits: Limits) -> None:
        self._wire, self._pidfd, self._limits = wire, pidfd, limits
        self._clock = _clock_of(pidfd)
        self._count = 0
        self.layers: tuple[str, ...] | None = None
        self.stopped: Stopped | None = None
        self.ours = False
        """What stopped it is our fault: it never locked itself down, or the zygote ended under it."""

    def next_id(self) -> int:
        """Return an id no earlier question had."""
        self._count += 1
        return int.from_bytes(os.urandom(5), "big") << 16 | self._count

    def cpu(self) -> float:
        """Return the CPU seconds this worker has used; what was last seen once it is gone."""
        try:
            return time.clock_gettime(self._clock)
        except OSError:
            return 0.0

    def ask(self, request: Request, cpu_limit: float) -> Reply | Stopped:
        """Send one question and return its answer, or why there is none; after that nothing more is asked."""
        if self.stopped is not None:
            return self.stopped
        cpu_deadline = self.cpu() + cpu_limit
        wall_deadline = time.monotonic() + cpu_limit * self._limits.wall_factor
        payload = frame(encode(request))
        try:
            self._wire.sendall(payload)
            reply = self._first_word(cpu_deadline, wall_deadline) or self._receive(cpu_deadline, wall_deadline)
            if not isinstance(reply, Stopped) and reply.id != request.id:
                raise Violation("answer to another question")
        except Violation:
            reply = Stopped("protocol violation", self.cpu())
        except OSError:
            reply = Stopped("crash", self.cpu())
        if isinstance(reply, Stopped):
            self.stopped = reply
            self.kill()
        return reply

    def kill(self) -> None:
        """End the worker now; a worker already gone is fine."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def close(self) -> None:
        """Kill the worker and let go of its descriptors."""
        self.kill()
        self._wire.close()
        os.close(self._pidfd)

    def _first_word(self, cpu_deadline: float, wall_deadline: float) -> Stopped | None:
        """Read that the worker is locked down, once; nothing of a student's was in it before."""
        if self.layers is not None:
            return None
        self.ours = True
        word = self._frame(cpu_deadline, wall_deadline)
        if isinstance(word, Stopped):
            return word
        self.layers, self.ours = decode_locked(word).layers, False
        return None

    def _receive(self, cpu_deadline: float, wall_deadline: float) -> Reply | Stopped:
        payload = self._frame(cpu_deadline, wall_deadline)
        return payload if isinstance(payload, Stopped) else decode_reply(payload)

    def _frame(self, cpu_deadline: float, wall_deadline: float) -> bytes | Stopped:
        parts = bytearray()
        wanted = HEAD.size
        headed = False
        while True:
            late = self._wait(cpu_deadline, wall_deadline)
            if late is not None:
                return late
            part = self._wire.recv(min(wanted - len(parts), 1 << 20))
            if not part:
                return Stopped("crash", self.cpu())
            parts += part
            if len(parts) < wanted:
                continue
            if headed:
                return bytes(parts)
            wanted, headed = frame_length(bytes(parts)), True
            parts.clear()

    def _wait(self, cpu_deadline: float, wall_deadline: float) -> Stopped | None:
        """Sleep until the wire has something; return a Stopped once either deadline has passed."""
        poll = select.poll()
        poll.register(self._wire.fileno(), select.POLLIN)
        nap = 1.0
        while not poll.poll(nap * 1000):
            used = self.cpu()
            if used >= cpu_deadline:
                return Stopped("time limit", used)
            wall_left = wall_deadline - time.monotonic()
            if wall_left <= 0:
                return Stopped("wall limit", used)
            nap = min(max(cpu_deadline - used, SHORTEST_NAP), max(wall_left, SHORTEST_NAP), LONGEST_NAP)
        return None


class Supervisor:
    """Owns a zygote, started when first needed and replaced when it fails. Use as a context manager."""

    def __init__(self, box: Box, index: int = 0) -> None:
        self.box = box
        self.missing: tuple[str, ...] = ()
        self._uids = _uids(index)
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.wrapped = False

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def worker(self) -> Iterator[Worker]:
        """Yield a fresh worker, and see to its end. Raises JudgeError where none can be started."""
        worker = self._start_worker()
        try:
            yield worker
        finally:
            worker.close()
            self._reap(worker)

    def probe(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Let a worker try to break out: its layers, and what got through. Raises JudgeError where none can."""
        with self.worker() as worker:
            reply = worker.ask(Probe(worker.next_id()), self.box.limits.exercise_cpu)
        if not isinstance(reply, Probed):
            raise JudgeError(f"the containment could not be probed: {reply}")
        return worker.layers or (), reply.breaches

    def close(self) -> None:
        """End the zygote, and with it whatever it started."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _start_worker(self) -> Worker:
        for _ in range(2):  # a zygote that died in between is replaced once
            try:
                return self._fork_worker()
            except (OSError, EOFError, msgspec.MsgspecError):
                self.close()
        raise JudgeError("no worker could be started")

    def _fork_worker(self) -> Worker:
        channel = self._control or self._start_zygote()
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(channel, [str(next(self._uids)).encode()], [theirs.fileno()])
            packet, descriptors, _, _ = socket.recv_fds(channel, control.PACKET_CAP, 1)
            if not packet or not isinstance(control.decode_packet(packet), control.Started):
                raise EOFError
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return Worker(ours, descriptors[0], self.box.limits)

    def _reap(self, worker: Worker) -> None:
        """Read how the worker ended, and say it more exactly where its wire only broke."""
        if self._control is None:
            return
        try:
            packet = self._control.recv(control.PACKET_CAP)
            ended = control.decode_packet(packet) if packet else None
        except (OSError, msgspec.MsgspecError):
            ended = None
        if not isinstance(ended, control.Ended):
            worker.ours = True
            self.close()
            return
        if worker.stopped is not None and worker.stopped.reason == "crash":
            worker.stopped = Stopped(_reason(ended.status), ended.cpu)

    def _start_zygote(self) -> socket.socket:
        self._folder = Path(tempfile.mkdtemp(prefix="autodiff-grader-"))
        parts = staging.box_parts(self.box.packages)
        last: Exception | None = None
        ways = {"where it works": (True, False), "always": (True,), "never": (False,)}
        for wrapped in ways["never" if "bubblewrap" in self.box.skip else self.box.bubblewrap]:
            try:
                channel = self._exec_zygote(parts, wrapped)
            except (OSError, EOFError, msgspec.MsgspecError) as error:
                last = error
                continue
            if channel is not None:
                self._control, self.wrapped = channel, wrapped
                return channel
        self.close()
        raise JudgeError("the sandbox could not be started") from last

    def _exec_zygote(self, parts: dict[str, Path], wrapped: bool) -> socket.socket | None:
        assert self._folder is not None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = self._command(parts, wrapped, theirs.fileno())
            if command is None:
                ours.close()
                return None
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={
                    "OPENBLAS_NUM_THREADS": "1",
                    "OMP_NUM_THREADS": "1",
                    "PYTHONHASHSEED": "0",
                    "LC_ALL": "C.UTF-8",
                },
                cwd="/",
            )
        try:
            ours.settimeout(ZYGOTE_START_SECONDS)
            packet = ours.recv(control.PACKET_CAP)
            ready = control.decode_packet(packet) if packet else None
            if not isinstance(ready, control.Ready):
                raise EOFError("the zygote ended before it was ready")
        except BaseException:
            ours.close()
            self._process.kill()
            self._process.wait()
            self._process = None
            raise
        self.missing = ready.missing
        return ours

    def _command(self, parts: dict[str, Path], wrapped: bool, control_fd: int) -> list[str] | None:
        assert self._folder is not None
        root = os.geteuid() == 0
        if wrapped:
            path, empty = staging.BOX, "/empty"
            prefix = staging.bubblewrap(parts, empty, root)
            if prefix is None:
                return None
        else:
            site = self._folder / "site"
            nothing = self._folder / "empty"
            staging.stage(parts, site)
            nothing.mkdir(mode=0o555)
            path, empty, prefix = str(site), str(nothing), []
        limits = self.box.limits
        settings = control.Settings(
            control_fd,
            self.box.preload,
            empty,
            limits.memory,
            int(limits.submission_cpu) + 2,
            self.box.skip,
        )
        start = f"import sys; sys.path.append({path!r}); from grader.sandbox.zygote import main; main()"
        interpreter = str(Path(sys.executable).resolve()) if wrapped else sys.executable
        flags = ["-I", "-S", "-B", "-X", "utf8"]
        return [*prefix, interpreter, *flags, "-c", start, msgspec.json.encode(settings).decode()]


def _reason(status: int) -> Reason:
    """Name the end of a worker whose wire broke, from its wait status."""
    if os.WIFEXITED(status):
        return "output limit" if os.WEXITSTATUS(status) == OUTPUT_LIMIT_STATUS else "crash"
    return "time limit" if os.WTERMSIG(status) == signal.SIGXCPU else "crash"


def _clock_of(pidfd: int) -> int:
    """Return the CPU clock of the process behind a pidfd (see clock_getcpuclockid(3))."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return ~int(line.split()[1]) << 3 | 2
    raise JudgeError("a worker's CPU clock cannot be read")


def _uids(index: int) -> Iterator[int]:
    """Uids of this supervisor's own, one a worker, round and round."""
    first = FIRST_UID + index * UIDS_EACH
    while True:
        yield from range(first, first + UIDS_EACH)


def preloads(allowed: Sequence[str]) -> tuple[str, ...]:
    """Return what a zygote imports beforehand: a blocked file system leaves no second chance."""
    return tuple(dict.fromkeys((*allowed, *HIDDEN_IMPORTS)))
