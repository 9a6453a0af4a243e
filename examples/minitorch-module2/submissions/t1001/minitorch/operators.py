"""Operations on plain numbers, from Module 0. Tensors apply them number by number."""

import math


def mul(x, y):
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
    return 1.0 if x == y else 0.0


def max(x, y):
    return x if x > y else y


def is_close(x, y):
    return 1.0 if abs(x - y) < 1e-2 else 0.0


def sigmoid(x):
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    return math.exp(x) / (1.0 + math.exp(x))


def relu(x):
    return x if x > 0 else 0.0


def log(x):
    return math.log(x)


def exp(x):
    return math.exp(x)


def inv(x):
    return 1.0 / x


def log_back(x, d):
    return d / x


def inv_back(x, d):
    return -d / (x * x)


def relu_back(x, d):
    return d if x > 0 else 0.0


def map(fn):
    return lambda numbers: [fn(x) for x in numbers]


def zipWith(fn):
    return lambda xs, ys: [fn(x, y) for x, y in zip(xs, ys)]


def reduce(fn, start):
    def reduced(numbers):
        total = start
        for x in numbers:
            total = fn(total, x)
        return total

    return reduced


def sum(numbers):
    return reduce(add, 0.0)(numbers)


def prod(numbers):
    return reduce(mul, 1.0)(numbers)
