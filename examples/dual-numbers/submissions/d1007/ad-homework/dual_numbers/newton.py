from .dual import Dual


def root(f, x, steps=50, tolerance=1e-12):
    for _ in range(steps):
        y = f(Dual(x, 1.0))
        if abs(y.val) < tolerance:
            break
        x -= y.val / y.der
    return x
