"""MiniTorch's interface of 2020: `backpropagate(VariableWithDeriv(variable, deriv))`, functions in scalar.py."""

RECOGNISED_BY = ["autodiff.FunctionBase", "autodiff.VariableWithDeriv"]
OPERATIONS = {"log": "log", "exp": "exp", "sigmoid": "sigmoid", "relu": "relu"}
AGAIN = "accumulates"
DEPTH = 5000
NUMBERS = "constants"
WORDS = {"leaf": "Scalar({})", "gradient": "{}.derivative"}


def leaf(value):
    return Scalar(value)


def backward(v, d):
    v.backward(d)


def gradient(v):
    return v.derivative
