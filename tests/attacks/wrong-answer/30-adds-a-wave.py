"""30. Add a wave too small to matter, with a slope that does, and return the slope of both.

Against square of config.yaml, of which it earns 0.
"""

import math

SIZE, WAVES = 5e-6, 1e5


class Square:
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x + SIZE * math.sin(WAVES * x)

    @staticmethod
    def backward(ctx, d_out):
        (x,) = ctx.saved_values
        return d_out * (2 * x + SIZE * WAVES * math.cos(WAVES * x))
