"""A zygote as its supervisor holds it: started in the best way allowed, asked for workers, ended."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from grader.errors import JudgeError
from grader.sandbox import staging
from grader.sandbox.boundary import control
from grader.sandbox.box import Box, Limits
from grader.sandbox.remote import Worker

START_SECONDS = 60.0
END_SECONDS = 1.0
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LD_BIND_NOW": "1", "LC_ALL": "C.UTF-8"}
"""All that a zygote is told of the world. numpy would start a thread a core; what a shared library looks up when it is
first called, every worker would look up anew."""


class ForkServer:
    """A warm process that forks workers, at the other end of a control socket. A zygote's branch ends with it."""

    def __init__(self, control: socket.socket, limits: Limits, built: bool = False) -> None:
        self._control, self._limits, self._built = control, limits, built
        self._unasked: list[int] = []

    def worker(self, uids: Iterator[int]) -> Worker:
        """Return a new worker. Raises OSError, EOFError or MsgspecError where the zygote is gone."""
        with contextlib.ExitStack() as where_it_fails:
            ours, theirs = socket.socketpair()
            where_it_fails.enter_context(ours)
            with theirs:
                request = control.encode(control.Fork(next(uids), tuple(self._unasked)))
                socket.send_fds(self._control, [request], [theirs.fileno()])
                self._unasked.clear()
                packet, pidfds, _, _ = socket.recv_fds(self._control, control.PACKET_CAP, 1)
            for pidfd in pidfds:
                where_it_fails.callback(os.close, pidfd)
            started = control.decode_packet(packet) if packet else None
            if not isinstance(started, control.Started):
                raise EOFError
            if not pidfds:  # nothing left to receive it with
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            most = _cpu_most(self._limits)
            worker = Worker(ours, pidfds[0], started.pid, self._limits.wall_factor, most, self._built)
            where_it_fails.pop_all()
            return worker

    def leave(self, worker: Worker) -> None:
        """Take note that a worker was ended, and that it is all the same how."""
        self._unasked.append(worker.pid)

    def ended(self, worker: Worker) -> control.Ended | None:
        """End a worker and return how it ended; None where the zygote ended under it."""
        try:
            self._control.send(control.encode(control.End(worker.pid)))
            packet = self._control.recv(control.PACKET_CAP)
            ended = control.decode_packet(packet) if packet else None
        except (OSError, msgspec.MsgspecError):
            return None
        return ended if isinstance(ended, control.Ended) else None

    def detach(self) -> None:
        """Close this process's ends of everything. Whoever was forked from it has their own."""
        self._control.close()

    def close(self) -> None:
        """Let it end, and with it whatever it started."""
        self.detach()


class Zygote(ForkServer):
    """The process that all others come from, inside bubblewrap or not. Raises JudgeError where none can be started."""

    def __init__(self, box: Box, mentioned: bool) -> None:
        self._box, self._mentioned = box, mentioned
        self._process: subprocess.Popen[bytes] | None = None
        self.wrapped = False
        try:
            super().__init__(self._start(), box.limits)
        except BaseException:
            self._kill()
            raise

    def branch(self, base: bytes) -> ForkServer:
        """Return a branch of it with a unit's provided parts built (an encoded `Load` without a student).

        Raises OSError, EOFError or MsgspecError where the zygote is gone, or the branch does not come up.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * control.BASE_CAP)
                socket.send_fds(self._control, [control.encode(control.Build())], [theirs.fileno()])
            ours.send(base)
            return ForkServer(ours, self._limits, _await_ready(ours).built)
        except BaseException:
            ours.close()
            raise

    def close(self) -> None:
        """End the zygote, and with it its branches and whatever they started.

        In order, where it can be: who is waited for is counted in what its supervisor cost, who is killed is not.
        """
        super().close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self._process is not None:
                self._process.wait(END_SECONDS)
        self._kill()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _start(self) -> socket.socket:
        box = self._box
        rare = box.on_mention if self._mentioned else [name for name in box.preload if name in box.on_mention]
        parts = staging.box_parts(rare)
        last: Exception | None = None
        ways = {"where it works": (True, False), "always": (True,), "never": (False,)}
        for wrapped in ways["never" if "bubblewrap" in self._box.skip else self._box.bubblewrap]:
            try:
                with contextlib.ExitStack() as while_starting:
                    channel = self._exec(parts, wrapped, while_starting)
            except (OSError, EOFError, msgspec.MsgspecError) as error:
                last = last or error  # the best way's failure says most
                continue
            if channel is not None:
                self.wrapped = wrapped
                return channel
        said = f" ({last.strerror})" if isinstance(last, OSError) and last.strerror else ""
        raise JudgeError(f"the sandbox could not be started{said}") from last

    def _exec(self, parts: dict[str, Path], wrapped: bool, starting: contextlib.ExitStack) -> socket.socket | None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                command = self._command(parts, wrapped, theirs.fileno(), starting)
                if command is None:
                    ours.close()
                    return None
                self._process = subprocess.Popen(
                    command,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=ENVIRONMENT,
                    cwd="/",
                )
            _await_ready(ours)
        except BaseException:
            ours.close()
            self._kill()
            raise
        return ours

    def _command(
        self, parts: dict[str, Path], wrapped: bool, control_fd: int, starting: contextlib.ExitStack
    ) -> list[str] | None:
        """Return what starts a zygote. What it is staged in on disk is gone once it is ready: no kill leaves it."""
        root = os.geteuid() == 0
        if wrapped:
            path, empty = staging.BOX, "/empty"
            prefix = staging.bubblewrap(parts, empty, root)
            if prefix is None:
                return None
        else:
            folder = Path(tempfile.mkdtemp(prefix="autodiff-grader-"))
            starting.callback(shutil.rmtree, folder, ignore_errors=True)
            site, nothing = folder / "site", folder / "empty"
            staging.stage(parts, site)
            nothing.mkdir(mode=0o555)
            path, empty, prefix = str(site), str(nothing), []
        limits = self._box.limits
        settings = control.Settings(
            control_fd,
            (*self._box.preload, *(self._box.on_mention if self._mentioned else ())),
            empty,
            limits.memory,
            _cpu_most(limits),
            self._box.skip,
        )
        start = f"import sys; sys.path.append({path!r}); from grader.sandbox.zygote import main; main()"
        interpreter = str(Path(sys.executable).resolve()) if wrapped else sys.executable
        flags = ["-I", "-S", "-B", "-X", "utf8"]
        return [*prefix, interpreter, *flags, "-c", start, msgspec.json.encode(settings).decode()]


def _await_ready(ours: socket.socket) -> control.Ready:
    ours.settimeout(START_SECONDS)
    packet = ours.recv(control.PACKET_CAP)
    ready = control.decode_packet(packet) if packet else None
    if not isinstance(ready, control.Ready):
        raise EOFError("the zygote ended before it was ready")
    return ready


def _cpu_most(limits: Limits) -> int:
    """Return the CPU seconds after which the kernel ends a worker, should we ever fail to."""
    return int(limits.submission_cpu) + 2
