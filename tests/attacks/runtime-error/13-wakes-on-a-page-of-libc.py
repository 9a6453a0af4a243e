"""13. Wake whoever waits on a page of libc: without the private flag the kernel finds the waiters of every process."""

from hostile import denied, page_of_libc, system_call, TimesFive

WORD = page_of_libc() + EAR_OFFSET
WAKE, REQUEUE, CMP_REQUEUE, WAKE_OP, UNLOCK_PI, WAKE_BITSET, CMP_REQUEUE_PI = 1, 3, 4, 5, 7, 10, 12
PRIVATE, REALTIME, ALL = 128, 256, 0xFFFFFFFF


def futex(operation, count=1, more=0, second=WORD, third=0):
    return system_call("futex", WORD, operation, count, more, second, third)


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        denied(
            lambda: futex(WAKE),
            lambda: futex(WAKE | 1 << 32),
            lambda: futex(WAKE | REALTIME),
            lambda: futex(WAKE_BITSET, third=ALL),
            lambda: futex(REQUEUE, 1, 1),
            lambda: futex(REQUEUE | PRIVATE, 1, 1),
            lambda: futex(CMP_REQUEUE, 1, 1),
            lambda: futex(WAKE_OP, 1, 1, WORD + 4),
            lambda: futex(WAKE_OP | PRIVATE, 1, 1, WORD + 4),
            lambda: system_call("futex", 8, UNLOCK_PI, 0, 0, 0, 0),  # of a lock that is there the kernel says EPERM, too
            lambda: futex(CMP_REQUEUE_PI, 1, 1, WORD + 4),
            *(lambda operation=operation: futex(operation) for operation in range(14, 128)),
            lambda: system_call("futex_wake", WORD, ALL, 1, 2),
        )
