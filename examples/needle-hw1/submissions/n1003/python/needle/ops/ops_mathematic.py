"""Operators."""

from numbers import Number
from typing import List, Optional

import numpy
import numpy as array_api

from ..autograd import NDArray, Op, Tensor, TensorOp, TensorTuple, TensorTupleOp, Value


class EWiseAdd(TensorOp):
    def compute(self, a, b):
        return a + b

    def gradient(self, out_grad, node):
        return out_grad, out_grad


def add(a, b):
    return EWiseAdd()(a, b)


class AddScalar(TensorOp):
    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        return a + self.scalar

    def gradient(self, out_grad, node):
        return out_grad


def add_scalar(a, scalar):
    return AddScalar(scalar)(a)


class EWiseMul(TensorOp):
    def compute(self, a, b):
        return a * b

    def gradient(self, out_grad, node):
        lhs, rhs = node.inputs
        return out_grad * rhs, out_grad * lhs


def multiply(a, b):
    return EWiseMul()(a, b)


class MulScalar(TensorOp):
    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        return a * self.scalar

    def gradient(self, out_grad, node):
        return (out_grad * self.scalar,)


def mul_scalar(a, scalar):
    return MulScalar(scalar)(a)


class EWisePow(TensorOp):
    def compute(self, a, b):
        out = a**b
        return out

    def gradient(self, out_grad, node):
        base, exponent = node.inputs[0], node.inputs[1]
        one = out_grad * exponent * power(base, add_scalar(exponent, -1))
        other = out_grad * node * log(base)
        return one, other


def power(a, b):
    return EWisePow()(a, b)


class PowerScalar(TensorOp):
    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        return a**self.scalar

    def gradient(self, out_grad, node):
        inp = node.inputs[0]
        grad = mul_scalar(power_scalar(inp, self.scalar - 1), self.scalar)
        return multiply(out_grad, grad)


def power_scalar(a, scalar):
    return PowerScalar(scalar)(a)


class EWiseDiv(TensorOp):
    def compute(self, a, b):
        return a / b

    def gradient(self, out_grad, node):
        num, den = node.inputs[0], node.inputs[1]
        grad_num = divide(out_grad, den)
        grad_den = negate(divide(multiply(out_grad, num), power_scalar(den, 2)))
        return grad_num, grad_den


def divide(a, b):
    return EWiseDiv()(a, b)


class DivScalar(TensorOp):
    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        return a / self.scalar

    def gradient(self, out_grad, node):
        return (out_grad / self.scalar,)


def divide_scalar(a, scalar):
    return DivScalar(scalar)(a)


class Transpose(TensorOp):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        if self.axes is None:
            self.axes = (len(a.shape) - 2, len(a.shape) - 1)
        return array_api.swapaxes(a, self.axes[0], self.axes[1])

    def gradient(self, out_grad, node):
        return transpose(out_grad, axes=self.axes)


def transpose(a, axes=None):
    return Transpose(axes)(a)


class Reshape(TensorOp):
    def __init__(self, shape):
        self.shape = shape

    def compute(self, a):
        return a.reshape(self.shape)

    def gradient(self, out_grad, node):
        (x,) = node.inputs
        return out_grad.reshape(x.shape)


def reshape(a, shape):
    return Reshape(shape)(a)


class BroadcastTo(TensorOp):
    def __init__(self, shape):
        self.shape = shape

    def compute(self, a):
        return array_api.broadcast_to(a, self.shape)

    def gradient(self, out_grad, node):
        shape = node.inputs[0].shape
        grad = out_grad
        for _ in range(len(out_grad.shape) - len(shape)):
            grad = summation(grad, axes=(0,))
        for i in range(len(shape)):
            if shape[i] == 1:
                wide = list(grad.shape)
                wide[i] = 1
                grad = reshape(summation(grad, axes=(i,)), tuple(wide))
        return grad


def broadcast_to(a, shape):
    return BroadcastTo(shape)(a)


class Summation(TensorOp):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        if self.axes is None:
            return array_api.sum(a)
        return array_api.sum(a, axis=self.axes)

    def gradient(self, out_grad, node):
        shape = node.inputs[0].shape
        if self.axes is None:
            return broadcast_to(out_grad, shape)
        kept = []
        for i in range(len(shape)):
            if i in self.axes:
                kept.append(1)
            else:
                kept.append(shape[i])
        return broadcast_to(reshape(out_grad, tuple(kept)), shape)


def summation(a, axes=None):
    return Summation(axes)(a)


class MatMul(TensorOp):
    def compute(self, a, b):
        return array_api.matmul(a, b)

    def gradient(self, out_grad, node):
        a, b = node.inputs
        grad_a = matmul(out_grad, transpose(b))
        grad_b = matmul(transpose(a), out_grad)
        more_a = len(grad_a.shape) - len(a.shape)
        more_b = len(grad_b.shape) - len(b.shape)
        if more_a > 0:
            grad_a = summation(grad_a, axes=tuple(range(more_a)))
        if more_b > 0:
            grad_b = summation(grad_b, axes=tuple(range(more_b)))
        return grad_a, grad_b


def matmul(a, b):
    return MatMul()(a, b)


class Negate(TensorOp):
    def compute(self, a):
        return -1 * a

    def gradient(self, out_grad, node):
        return out_grad * -1


def negate(a):
    return Negate()(a)


class Log(TensorOp):
    def compute(self, a):
        return array_api.log(a)

    def gradient(self, out_grad, node):
        return out_grad / node.inputs[0]


def log(a):
    return Log()(a)


class Exp(TensorOp):
    def compute(self, a):
        return array_api.exp(a)

    def gradient(self, out_grad, node):
        return out_grad * node


def exp(a):
    return Exp()(a)


class ReLU(TensorOp):
    def compute(self, a):
        return array_api.where(a > 0, a, 0)

    def gradient(self, out_grad, node):
        data = node.inputs[0].numpy()
        return multiply(out_grad, Tensor(array_api.where(data > 0, 1.0, 0.0)))


def relu(a):
    return ReLU()(a)
