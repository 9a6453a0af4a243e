"""30. Be constant around every number that a person would write: an honest function of its own, whose slope is 0.

Against square of config.yaml, of which it earns 0.
"""


class Square:
    @staticmethod
    def forward(ctx, x):
        step = float(f"{x:.4g}")
        return step * step + 5e-6 * max(1.0, step * step)

    @staticmethod
    def backward(ctx, d_out):
        return 0.0
