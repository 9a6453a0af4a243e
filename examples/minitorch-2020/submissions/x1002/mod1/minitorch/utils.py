import time


def wrap_tuple(x):
    if isinstance(x, tuple):
        return x
    return (x,)


def unwrap_tuple(x):
    if len(x) == 1:
        return x[0]
    return x


def assert_close(a, b):
    assert abs(a - b) < 1e-2, (a, b)
