"""The backward of each operation: from the derivative by its output to the derivatives by its inputs."""

import numpy as np
from mytorch.autograd_engine import Autograd


def identity_backward(grad_output, a):
    return grad_output


def add_backward(grad_output, a, b):
    a_grad, b_grad = np.zeros_like(a), np.zeros_like(b)
    a_grad[:] = grad_output
    b_grad[:] = grad_output
    return a_grad, b_grad


def sub_backward(grad_output, a, b):
    return grad_output, -grad_output


def mul_backward(grad_output, a, b):
    return grad_output * b, grad_output * a


def div_backward(grad_output, a, b):
    return grad_output / b, -grad_output * a / b**2


def neg_backward(grad_output, a):
    return -grad_output


def square_backward(grad_output, a):
    return grad_output * 2 * a


def sqrt_backward(grad_output, a):
    return grad_output * 0.5 / np.sqrt(a)


def exp_backward(grad_output, a):
    return grad_output * np.exp(a)


def log_backward(grad_output, a):
    return grad_output / a


def sigmoid_backward(grad_output, a):
    s = 1 / (1 + np.exp(-a))
    return grad_output * s * (1 - s)


def tanh_backward(grad_output, a):
    return grad_output * (1 - np.tanh(a) ** 2)


def relu_backward(grad_output, a):
    a_grad = grad_output * 1.0
    a_grad[a <= 0] = 0
    return a_grad
