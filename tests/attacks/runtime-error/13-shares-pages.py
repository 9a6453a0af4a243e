"""13. Have pages that others have too, or that are taken from all: shared, merged, huge, locked; and code of its own."""

from hostile import denied, system_call, TimesFive

SHARED, PRIVATE, FIXED, ANONYMOUS, GROWSDOWN, LOCKED, POPULATE = 0x01, 0x02, 0x10, 0x20, 0x100, 0x2000, 0x8000
HUGETLB, VALIDATED, HIGH, SIZE = 0x40000, 0x03, 1 << 32, 1 << 21
FREE, REMOVE, MERGEABLE, HUGEPAGE, COLD, PAGEOUT, POPULATE_READ, COLLAPSE = 8, 9, 12, 14, 20, 21, 22, 25


def pages(flags, protection=3, size=SIZE):
    return system_call("mmap", 0, size, protection, flags, -1, 0)


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        own = pages(PRIVATE | ANONYMOUS)
        denied(
            lambda: pages(SHARED | ANONYMOUS),
            lambda: pages(VALIDATED | ANONYMOUS),
            lambda: pages(SHARED | ANONYMOUS | HIGH),
            lambda: pages(PRIVATE | ANONYMOUS | HIGH),
            lambda: pages(PRIVATE | ANONYMOUS | HUGETLB),
            lambda: pages(PRIVATE | ANONYMOUS | LOCKED),
            lambda: pages(PRIVATE | ANONYMOUS | POPULATE),
            lambda: pages(PRIVATE | ANONYMOUS | GROWSDOWN),
            lambda: pages(PRIVATE | ANONYMOUS, 7),
            lambda: pages(PRIVATE | ANONYMOUS, 5),
            *(lambda fd=fd, kind=kind: system_call("mmap", 0, 4096, 1, kind, fd, 0) for fd in range(5) for kind in (1, 2)),
            lambda: system_call("mmap", own, 4096, 3, PRIVATE | ANONYMOUS | FIXED, -1, 0),
            *(lambda bits=bits: system_call("mprotect", own, 4096, bits) for bits in (4, 5, 7, 3 | 0x01000000, 3 | HIGH)),
            *(lambda flags=flags: system_call("mremap", own, 4096, 4096, flags, own + 8192) for flags in (2, 3, 5, 7)),
            *(
                lambda advice=advice: system_call("madvise", own, 4096, advice)
                for advice in (1, 2, 3, FREE, REMOVE, 10, 11, 13, MERGEABLE, 15, HUGEPAGE, 16, 17, 18, COLD, PAGEOUT)
            ),
            *(lambda advice=advice: system_call("madvise", own, SIZE, advice) for advice in (POPULATE_READ, COLLAPSE)),
            lambda: system_call("process_madvise", -1, 0, 0, PAGEOUT, 0),
            lambda: system_call("move_pages", 0, 0, 0, 0, 0, 0),
            lambda: system_call("mlockall", 1),
            lambda: system_call("getrandom", own, 8, 2),
        )
