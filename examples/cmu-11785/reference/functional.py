"""The backward of each operation: from the derivative by its output to the derivatives by its inputs."""

import numpy as np


def identity_backward(grad_output, a):
    # solution: the derivative by each argument, times grad_output
    return grad_output
    # end solution


def add_backward(grad_output, a, b):
    # solution: the derivative by each argument, times grad_output
    return grad_output, grad_output
    # end solution


def sub_backward(grad_output, a, b):
    # solution: the derivative by each argument, times grad_output
    return grad_output, -grad_output
    # end solution


def mul_backward(grad_output, a, b):
    # solution: the derivative by each argument, times grad_output
    return grad_output * b, grad_output * a
    # end solution


def div_backward(grad_output, a, b):
    # solution: the derivative by each argument, times grad_output
    return grad_output / b, -grad_output * a / b**2
    # end solution


def neg_backward(grad_output, a):
    # solution: the derivative by each argument, times grad_output
    return -grad_output
    # end solution


def square_backward(grad_output, a):
    # solution: the derivative by each argument, times grad_output
    return grad_output * 2 * a
    # end solution


def sqrt_backward(grad_output, a):
    # solution: the derivative by each argument, times grad_output
    return grad_output * 0.5 / np.sqrt(a)
    # end solution


def exp_backward(grad_output, a):
    # solution: the derivative by each argument, times grad_output
    return grad_output * np.exp(a)
    # end solution


def log_backward(grad_output, a):
    # solution: the derivative by each argument, times grad_output
    return grad_output / a
    # end solution


def sigmoid_backward(grad_output, a):
    # solution: the derivative by each argument, times grad_output
    s = 1 / (1 + np.exp(-a))
    return grad_output * s * (1 - s)
    # end solution


def tanh_backward(grad_output, a):
    # solution: the derivative by each argument, times grad_output
    return grad_output * (1 - np.tanh(a) ** 2)
    # end solution


def relu_backward(grad_output, a):
    # solution: the derivative by each argument, times grad_output
    return grad_output * (a > 0)
    # end solution
