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
        return a**b

    def gradient(self, out_grad, node):
        lhs, rhs = node.inputs
        lhs_grad = out_grad * rhs * lhs**rhs
        rhs_grad = out_grad * lhs**rhs * log(lhs)
        return lhs_grad, rhs_grad


def power(a, b):
    return EWisePow()(a, b)


class PowerScalar(TensorOp):
    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        return a**self.scalar

    def gradient(self, out_grad, node):
        x = node.inputs[0]
        return out_grad * (self.scalar * x ** (self.scalar - 1))


def power_scalar(a, scalar):
    return PowerScalar(scalar)(a)


class EWiseDiv(TensorOp):
    def compute(self, a, b):
        return a / b

    def gradient(self, out_grad, node):
        lhs, rhs = node.inputs
        return out_grad / rhs, -out_grad * lhs / (rhs * rhs)


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
        order = list(range(a.ndim))
        i, j = self.axes if self.axes else (a.ndim - 2, a.ndim - 1)
        order[i], order[j] = order[j], order[i]
        return a.transpose(order)

    def gradient(self, out_grad, node):
        return out_grad.transpose(self.axes)


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
        x = node.inputs[0]
        old = [1] * (len(self.shape) - len(x.shape)) + list(x.shape)
        axes = [i for i in range(len(self.shape)) if old[i] != self.shape[i]]
        return out_grad.sum(tuple(axes)).reshape(x.shape)


def broadcast_to(a, shape):
    return BroadcastTo(shape)(a)


class Summation(TensorOp):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        return a.sum(axis=self.axes)

    def gradient(self, out_grad, node):
        x = node.inputs[0]
        axes = self.axes
        if axes is None:
            axes = tuple(range(len(x.shape)))
        if isinstance(axes, int):
            axes = (axes,)
        axes = [axis % len(x.shape) for axis in axes]
        shape = [1 if i in axes else n for i, n in enumerate(x.shape)]
        return out_grad.reshape(shape).broadcast_to(x.shape)


def summation(a, axes=None):
    return Summation(axes)(a)


class MatMul(TensorOp):
    def compute(self, a, b):
        return a @ b

    def gradient(self, out_grad, node):
        lhs, rhs = node.inputs
        lhs_grad = out_grad @ rhs.transpose()
        rhs_grad = lhs.transpose() @ out_grad
        return self.shrink(lhs_grad, lhs.shape), self.shrink(rhs_grad, rhs.shape)

    @staticmethod
    def shrink(grad, shape):
        full = (1,) * (len(grad.shape) - len(shape)) + shape
        axes = tuple(i for i, n in enumerate(grad.shape) if n != full[i])
        return grad.sum(axes).reshape(shape)


def matmul(a, b):
    return MatMul()(a, b)


class Negate(TensorOp):
    def compute(self, a):
        return -a

    def gradient(self, out_grad, node):
        return -out_grad


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
        return a * (a > 0)

    def gradient(self, out_grad, node):
        mask = Tensor((node.realize_cached_data() > 0).astype('float64'), requires_grad=False)
        return mask * out_grad


def relu(a):
    return ReLU()(a)
