"""Be a stranger on the machine who listens for what a submission might tell, and say what was heard.

    python ear.py NAME KEY OFFSET

Theory of operation. It is a process of its own, with nothing from the station that starts it. Everybody maps the C
library from the same file: a thread of it waits on the word OFFSET bytes after the page of `getpid`, as any process
may. It blocks SIGUSR1, which then stays pending. It looks for objects of System V by KEY, and for a message queue by
NAME. It says `listening` once it does. For each line that it reads, it answers with what it heard as a JSON list, and
listens anew. Nothing depends on time: the kernel takes a waiter off its queue in the call that wakes it, so asking
how many wait tells whether it was woken.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

FUTEX_WAIT, FUTEX_REQUEUE = 0, 3
NUMBERS = {"x86_64": (202, 240, 241), "aarch64": (98, 180, 181)}
SYSTEM_V = {"shm": "shmctl", "sem": "semctl", "msg": "msgctl"}
IPC_RMID = 0
SEARCHED = 1 << 17

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
PAGE = (ctypes.cast(libc.getpid, ctypes.c_void_p).value or 0) & ~0xFFF


class Ear:
    """The stranger, as a station holds it. Use as a context manager."""

    def __init__(self, name: str) -> None:
        self.name, self.key, self.offset = name, random.randrange(1, 1 << 31), free_word()

    def __enter__(self) -> Ear:
        command = [sys.executable, __file__, self.name, str(self.key), str(self.offset)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self._process.pid
        if self._answer() != "listening":
            raise OSError("the stranger does not listen")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def aim(self, text: str) -> str:
        """Return an attack's text with what it needs to know of this ear."""
        for word, value in (("EAR_PID", self.pid), ("EAR_KEY", self.key), ("EAR_OFFSET", self.offset)):
            text = text.replace(word, str(value))
        return text

    def heard(self) -> list[str]:
        """Return what was heard since this was last asked."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer: list[str] = json.loads(self._answer())
        return answer

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def free_word() -> int:
    """Return the place of a word of libc that is 0, as a lock that nobody holds is: counted from the page of `getpid`.

    Any of them, so that two stations at a time do not hear each other.
    """
    code = ctypes.string_at(PAGE, SEARCHED)
    return random.choice([place for place in range(0, SEARCHED, 4) if code[place : place + 4] == bytes(4)])


class _Waiter:
    """A thread that waits on a word until somebody wakes it."""

    def __init__(self, place: int) -> None:
        self._word = PAGE + place
        self._start()

    def _start(self) -> None:
        self._thread = threading.Thread(target=_futex, args=(self._word, FUTEX_WAIT), daemon=True)
        self._thread.start()
        while not self._waits():
            os.sched_yield()

    def _waits(self) -> bool:
        """Say whether it does: move up to one waiter from the word to the same word, which counts it."""
        return _futex(self._word, FUTEX_REQUEUE, 0, 1, self._word) > 0

    def woken(self) -> bool:
        """Say whether it was woken since it last waited; it waits again."""
        if self._waits():
            return False
        self._thread.join()
        self._start()
        return True


def _futex(word: int, operation: int, count: int = 0, more: int = 0, second: int = 0) -> int:
    number = NUMBERS[os.uname().machine][0]
    given = [ctypes.c_long(one) for one in (number, word, operation, count, more, second, 0)]
    return int(libc.syscall(*given))


def _system_v(key: int) -> Iterator[str]:
    """Find the objects that have a key, and remove them."""
    for kind, control in SYSTEM_V.items():
        for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]:
            found, identifier = map(int, line.split()[:2])
            if found % (1 << 32) == key:
                yield f"it made a {kind} of System V"
                arguments = (0, IPC_RMID) if kind == "sem" else (IPC_RMID, 0)
                getattr(libc, control)(identifier, *arguments)


def _message_queue(name: str) -> Iterator[str]:
    _, mq_open, mq_unlink = NUMBERS[os.uname().machine]
    if (queue := libc.syscall(ctypes.c_long(mq_open), name.encode(), os.O_RDONLY)) >= 0:
        os.close(queue)
        libc.syscall(ctypes.c_long(mq_unlink), name.encode())
        yield "it made a message queue"


def main() -> None:
    """Listen until standard input ends."""
    name, key, place = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    waiter = _Waiter(place)
    print("listening", flush=True)
    for _ in sys.stdin:
        heard = ["it woke a stranger on a page of libc"] if waiter.woken() else []
        if signal.SIGUSR1 in signal.sigpending():
            signal.sigwait({signal.SIGUSR1})
            heard.append("it signalled a stranger")
        with contextlib.suppress(FileNotFoundError):  # a kernel without System V
            heard += _system_v(key)
        heard += _message_queue(name)
        print(json.dumps(heard), flush=True)


if __name__ == "__main__":
    main()
