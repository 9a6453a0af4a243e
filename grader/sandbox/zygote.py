"""A warm interpreter that forks workers on request and holds nothing worth stealing.

Theory of operation. The supervisor starts one zygote by exec, with one inherited descriptor: a
SOCK_SEQPACKET control socket. The zygote imports the modules an assignment allows and the worker's
own code, shuts itself out of every file, then waits. Asked for a worker (a uid, with the end of its wire attached)
it forks it and answers with its pid and pidfd; asked about one, it says how that ended.
Asked for a branch, it forks another zygote, on a control socket of its own, which builds what a unit provides before
any student is there: its workers find that ready. It has one thread. It dies with its supervisor, twice over: by the
parent-death signal, and by the end of file on the control socket; its branches and workers die with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import resource
import signal
import socket
import sys
import threading
from typing import NoReturn

import msgspec

from grader.sandbox import locked_worker as worker
from grader.sandbox.boundary import arguments, lockdown
from grader.sandbox.boundary.control import (
    BASE_CAP,
    PACKET_CAP,
    End,
    Ended,
    Fork,
    Ready,
    Settings,
    Started,
    decode_request,
    encode,
)
from grader.sandbox.worker.loading import Package

_fork = ctypes.PyDLL(None).fork
"""The C library's fork, with nothing of Python's around it.

`os.fork` has every module in the child make its locks and random numbers anew, which touches 190 pages more, each to be
copied: most of a millisecond. A zygote has one thread, so no lock is held by anyone else, and a worker that draws
random numbers draws the same ones as every other: so much the better.
"""


def main() -> None:
    """Run until the supervisor is gone."""
    settings = msgspec.json.decode(sys.argv[1], type=Settings)
    lockdown.die_with_parent()
    lockdown.hide_from_same_user()
    for number in (signal.SIGINT, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=settings.control_fd)
    _preload(settings.preload)
    most = _address_space() + settings.memory
    os.chdir(settings.empty_dir)  # where it may be gone by now: its workers need no name for it
    unseen = "arguments" not in settings.skip and arguments.hide()
    layers = (*(("arguments",) if unseen else ()), *lockdown.give_up_files(settings.skip))
    _serve(control, lockdown.limit(most, settings.cpu_seconds, layers, settings.skip), None)
    _end()


def _serve(control: socket.socket, rights: lockdown.Rights, package: Package | None) -> None:
    """Fork what is asked for, until the supervisor is gone."""
    if threading.active_count() != 1:
        raise RuntimeError("a zygote must not have threads")
    worker.get_ready()
    gc.collect()
    gc.freeze()
    control.send(encode(Ready(built=package is not None)))
    living: set[int] = set()
    while True:
        packet, descriptors, _, _ = socket.recv_fds(control, PACKET_CAP, 1)
        if not packet:
            break
        request = decode_request(packet)
        if isinstance(request, Fork):
            for pid in request.ended:
                _end_worker(pid, living)
            living.add(_fork_worker(control, request.uid, descriptors[0], rights, package))
        elif isinstance(request, End):
            ended = _end_worker(request.pid, living)
            with contextlib.suppress(BrokenPipeError):
                control.send(encode(ended))
        else:
            _branch(control, descriptors[0], rights)
    for pid in list(living):
        _end_worker(pid, living)


def _branch(control: socket.socket, theirs: int, rights: lockdown.Rights) -> None:
    """Fork a zygote that has a unit's provided parts built, and serves a control socket of its own."""
    parent = os.getpid()
    if _fork() != 0:
        os.close(theirs)
        return
    try:
        control.close()
        lockdown.die_with(parent)
        own = socket.socket(fileno=theirs)
        _serve(own, rights, Package.prepared(own.recv(BASE_CAP)))
    finally:
        _end()


def _end() -> NoReturn:
    """End without tidying up, but for waiting for one's branches."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    os._exit(0)


def _preload(names: tuple[str, ...]) -> None:
    for name in names:
        try:
            module = importlib.import_module(name)
        except Exception:
            continue
        for part in getattr(module, "__all__", ()):  # some packages import their parts on first use: too late in a box
            with contextlib.suppress(Exception):
                getattr(module, part)


def _address_space() -> int:
    with open("/proc/self/statm", "rb") as pages:  # noqa: PTH123 - pathlib is not worth importing here
        return int(pages.read().split()[0]) * resource.getpagesize()


def _fork_worker(control: socket.socket, uid: int, wire: int, rights: lockdown.Rights, package: Package | None) -> int:
    """Fork a worker for a user, hand out its pidfd, and return its pid."""
    parent = os.getpid()
    pid: int = _fork()
    if pid == 0:
        worker.run(wire, parent, uid, rights, package)
    pidfd = os.pidfd_open(pid)
    socket.send_fds(control, [encode(Started(pid))], [pidfd])
    os.close(wire)
    os.close(pidfd)
    return pid


def _end_worker(pid: int, living: set[int]) -> Ended:
    """End a worker; one that is gone already has waited for this."""
    living.remove(pid)
    os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    return Ended(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
