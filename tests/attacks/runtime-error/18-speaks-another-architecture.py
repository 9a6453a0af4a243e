"""18. Call the kernel by the 32-bit door, whose numbers mean other calls (x86 only), and by x32."""

import sys

from hostile import MACHINE, system_call, TimesFive

ctypes = sys.modules["ctypes"]


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        if MACHINE == "x86_64":
            code = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20 (getpid there, writev here); int 0x80; ret
            try:
                page = system_call("mmap", 0, 4096, 7, 0x22, -1, 0)
            except OSError:
                page = 0  # no memory for code of its own: that leaves the other door
            if page:
                ctypes.memmove(page, code, len(code))
                raise SystemError(f"BREACH: {ctypes.CFUNCTYPE(ctypes.c_int)(page)()}")
        system_call(0x40000000 + 39)
        raise SystemError("BREACH: x32")
