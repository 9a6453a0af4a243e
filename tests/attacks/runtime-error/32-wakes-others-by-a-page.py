"""32. Signal by a futex on a page of the C library: without the private flag it is known by its file, in every process."""

from hostile import TimesFive, ctypes, libc, refused, system_call

PAGE = ctypes.cast(libc.getpid, ctypes.c_void_p).value & ~0xFFF
WAIT, WAKE, REQUEUE, WAKE_OP, WAIT_BITSET, WAKE_BITSET, LOCK_PI, CLOCK = 0, 1, 3, 5, 9, 10, 6, 256
MISALIGNED_HIGH = 1 << 40


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        word = ctypes.c_void_p(PAGE)
        refused(
            lambda: system_call("futex", word, WAKE, 64, 0, 0, 0),
            lambda: system_call("futex", word, WAKE | CLOCK, 64, 0, 0, 0),
            lambda: system_call("futex", word, WAKE | MISALIGNED_HIGH, 64, 0, 0, 0),
            lambda: system_call("futex", word, REQUEUE, 64, 64, word, 0),
            lambda: system_call("futex", word, WAKE_OP, 1, 1, word, 0),
            lambda: system_call("futex", word, WAKE_BITSET, 64, 0, 0, -1),
            lambda: system_call("futex", word, LOCK_PI, 0, 0, 0, 0),
            lambda: system_call("futex_wake", word, -1, 1, 2),
            lambda: system_call("futex_waitv", word, 1, 0, 0, 0),
        )
