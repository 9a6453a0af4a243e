"""4. Fill the disk that a worker pretends to have."""

pretended = [open]

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        file = pretended[0]("filled", "wb", buffering=0)
        file.truncate(1 << 34)
        while True:
            file.write(b"x" * (1 << 24))
