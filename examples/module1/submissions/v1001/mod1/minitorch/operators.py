"""Collection of the core mathematical operators used throughout the code base."""

import math

EPS = 1e-6


def mul(x: float, y: float) -> float:
    return x * y


def id(x):
    return x


def add(x, y):
    return x + y


def neg(x):
    return -x


def lt(x, y):
    return 1.0 if x < y else 0.0


def eq(x, y):
    return 1.0 if is_close(x, y) else 0.0


def max(x, y):
    if x > y:
        return x
    return y


def is_close(x, y):
    return abs(x - y) < 1e-2


def sigmoid(x):
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    return math.exp(x) / (1.0 + math.exp(x))


def relu(x):
    return x if x > 0 else 0.0


def log(x):
    return math.log(x + EPS)


def exp(x):
    return math.exp(x)


def log_back(x, d):
    return d / (x + EPS)


def inv(x):
    return 1.0 / x


def inv_back(x, d):
    return -(1.0 / x**2) * d


def relu_back(x, d):
    return d if x > 0 else 0.0
