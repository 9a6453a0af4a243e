"""13. Wait on a page of libc for somebody outside to wake it, so as to be told what to answer."""

import struct

from hostile import address, buffer, denied, page_of_libc, system_call, TimesFive

WORD = page_of_libc() + EAR_OFFSET
AT_ONCE = struct.pack("=qq", 0, 1)
NEVER = 0x7FFFFFFF
WAIT, FD, LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI2, REALTIME, ALL = 0, 2, 6, 9, 11, 13, 256, 0xFFFFFFFF
WAITER = struct.pack("=QQII", NEVER, WORD, 2, 0)


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        denied(
            *(
                lambda operation=operation: system_call("futex", WORD, operation, NEVER, AT_ONCE, WORD + 4, ALL)
                for operation in (
                    WAIT,
                    WAIT | REALTIME,
                    WAIT_BITSET,
                    WAIT_BITSET | REALTIME,
                    FD,
                    LOCK_PI | REALTIME,
                    LOCK_PI2,
                    WAIT_REQUEUE_PI,
                )
            ),
            lambda: system_call("futex_waitv", WAITER, 1, 0, 0, 0),
            lambda: system_call("futex_wait", WORD, NEVER, ALL, 2, AT_ONCE, 1),
            lambda: system_call("futex_requeue", WAITER * 2, 0, 1, 1),
            lambda: system_call("set_robust_list", address(buffer(24)), 24),
            lambda: system_call("get_robust_list", 0, buffer(8), buffer(8)),
        )
