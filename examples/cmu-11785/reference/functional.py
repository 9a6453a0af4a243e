"""The backward of each operation: from the derivative by its output to the derivatives by its inputs."""

import numpy as np


def identity_backward(grad_output, a):
    # solution: what comes back goes on unchanged
    return grad_output
    # end solution


def add_backward(grad_output, a, b):
    # solution: a sum passes it on to both
    return grad_output, grad_output
    # end solution


def sub_backward(grad_output, a, b):
    # solution: a difference turns the second one's sign
    return grad_output, -grad_output
    # end solution


def mul_backward(grad_output, a, b):
    # solution: each factor gets what the other one makes of it
    return grad_output * b, grad_output * a
    # end solution


def div_backward(grad_output, a, b):
    # solution: the numerator and the denominator
    return grad_output / b, -grad_output * a / b**2
    # end solution


def neg_backward(grad_output, a):
    # solution: the other sign
    return -grad_output
    # end solution


def square_backward(grad_output, a):
    # solution: twice what went in
    return grad_output * 2 * a
    # end solution


def sqrt_backward(grad_output, a):
    # solution: half of the reciprocal of the root
    return grad_output * 0.5 / np.sqrt(a)
    # end solution


def exp_backward(grad_output, a):
    # solution: its own derivative
    return grad_output * np.exp(a)
    # end solution


def log_backward(grad_output, a):
    # solution: the reciprocal
    return grad_output / a
    # end solution


def sigmoid_backward(grad_output, a):
    # solution: s times 1 - s
    s = 1 / (1 + np.exp(-a))
    return grad_output * s * (1 - s)
    # end solution


def tanh_backward(grad_output, a):
    # solution: 1 less the square of the tangent
    return grad_output * (1 - np.tanh(a) ** 2)
    # end solution


def relu_backward(grad_output, a):
    # solution: 1 above 0, else 0
    return grad_output * (a > 0)
    # end solution
