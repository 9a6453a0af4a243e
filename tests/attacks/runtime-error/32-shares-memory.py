"""32. Share memory: by a mapping, by huge pages out of a pool that is everybody's, by pages that the kernel merges."""

from hostile import TimesFive, address, buffer, refused, system_call

SHARED, PRIVATE, ANONYMOUS, LOCKED, HUGE = 0x01, 0x02, 0x20, 0x2000, 0x40000
MERGEABLE, HUGEPAGE, REMOVE, FREE = 12, 14, 9, 8


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        memory = buffer(3 * 4096)
        whole = (address(memory) + 4095) & ~4095
        refused(
            lambda: system_call("mmap", 0, 4096, 3, SHARED | ANONYMOUS, -1, 0),
            lambda: system_call("mmap", 0, 4096, 1, PRIVATE, 3, 0),
            lambda: system_call("mmap", 0, 1 << 21, 3, PRIVATE | ANONYMOUS | HUGE, -1, 0),
            lambda: system_call("mmap", 0, 4096, 3, PRIVATE | ANONYMOUS | LOCKED, -1, 0),
            lambda: system_call("mmap", 0, 4096, 7, PRIVATE | ANONYMOUS, -1, 0),
            lambda: system_call("madvise", whole, 4096, MERGEABLE),
            lambda: system_call("madvise", whole, 4096, HUGEPAGE),
            lambda: system_call("madvise", whole, 4096, REMOVE),
            lambda: system_call("madvise", whole, 4096, FREE),
            lambda: system_call("mincore", whole, 4096, address(memory)),
            lambda: system_call("memfd_create", address(memory), 0),
            lambda: system_call("shmget", 4711, 4096, 0o1666),
        )
