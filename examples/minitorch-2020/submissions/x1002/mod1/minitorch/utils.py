def wrap_tuple(x):
    return x if isinstance(x, tuple) else (x,)


def unwrap_tuple(x):
    return x[0] if len(x) == 1 else x


def assert_close(a, b):
    assert abs(a - b) < 1e-2, (a, b)
