"""7. Use up all memory, swallow the error, and start over."""

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        while True:
            try:
                x = []
                while True:
                    x.append(bytearray(10 ** 6))
            except MemoryError:
                pass
