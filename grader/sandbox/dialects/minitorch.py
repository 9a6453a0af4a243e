"""MiniTorch's present interface: `Scalar(x)`, `.data`, `.derivative`, `backward(d)`, `topological_sort(variable)`."""

RECOGNISED_BY = ["scalar_functions"]
OPERATIONS = {"log": "log", "exp": "exp", "sigmoid": "sigmoid", "relu": "relu"}
AGAIN = "accumulates"
DEPTH = 5000
NUMBERS = "constants"
WORDS = {"leaf": "Scalar({})", "gradient": "{}.derivative", "order": "topological_sort({})"}


def leaf(value):
    return Scalar(value)


def backward(v, d):
    v.backward(d)


def gradient(v):
    return v.derivative


def order(v):
    return topological_sort(v)
