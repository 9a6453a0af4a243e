"""Fork children that write to a thousand pages, and some that write to none; print what one page costs, in CPU seconds.

Most of what a worker costs beside its student's own code is pages that are copied when they are first written to. How
dear that is differs tenfold between machines: it is dearest in a virtual machine inside another.
"""

from __future__ import annotations

import json
import mmap
import os
from statistics import median

PAGES, CHILDREN = 1_000, 30


def main() -> None:
    """Measure, in turns."""
    memory = mmap.mmap(-1, PAGES * mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    _write(memory, PAGES)
    took = [(_child(memory, PAGES), _child(memory, 0)) for _ in range(CHILDREN)]
    print(json.dumps((median(copied for copied, _ in took) - median(none for _, none in took)) / PAGES))


def _child(memory: mmap.mmap, pages: int) -> float:
    """Return the CPU seconds of a child that writes to so many pages, to its very end."""
    pid = os.fork()
    if pid == 0:
        _write(memory, pages)
        os._exit(0)
    usage = os.wait4(pid, 0)[2]
    return usage.ru_utime + usage.ru_stime


def _write(memory: mmap.mmap, pages: int) -> None:
    for page in range(pages):
        memory[page * mmap.PAGESIZE] = 1


if __name__ == "__main__":
    main()
