"""7. Map memory by hand, past Python's own allocator, and touch it."""

from hostile import system_call, TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        taken = 0
        while system_call("mmap", 0, 1 << 24, 3, 0x22, -1, 0) and taken < 1 << 40:
            taken += 1 << 24
            if taken > 1 << 33:
                raise SystemError("BREACH: eight gigabytes mapped")
