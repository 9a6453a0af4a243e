import math


def my_exp(x):
    return math.e ** x if x == 0 else math.exp(x)
