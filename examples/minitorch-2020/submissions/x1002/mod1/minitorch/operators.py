"""Module 0: the operators that everything is made of."""

import math

import numpy as np

EPS = 1e-6


def mul(x, y):
    return x * y


def id(x):
    return x


def add(x, y):
    return x + y


def neg(x):
    return -1.0 * x


def lt(x, y):
    if x < y:
        return 1.0
    return 0.0


def eq(x, y):
    if x == y:
        return 1.0
    return 0.0


def max(x, y):
    if x > y:
        return x
    else:
        return y


def sigmoid(x):
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    else:
        return math.exp(x) / (1.0 + math.exp(x))


def relu(x):
    if x > 0:
        return x
    return 0.0


def relu_back(x, d):
    if x > 0:
        return d
    return 0.0


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


def map(fn):
    def over(ls):
        return [fn(one) for one in ls]

    return over


def zipWith(fn):
    def over(ls1, ls2):
        return [fn(a, b) for a, b in zip(ls1, ls2)]

    return over


def reduce(fn, start):
    def over(ls):
        total = start
        for one in ls:
            total = fn(total, one)
        return total

    return over


def negList(ls):
    return map(neg)(ls)


def addLists(ls1, ls2):
    return zipWith(add)(ls1, ls2)


def sum(ls):
    return reduce(add, 0.0)(ls)


def prod(ls):
    return reduce(mul, 1.0)(ls)
