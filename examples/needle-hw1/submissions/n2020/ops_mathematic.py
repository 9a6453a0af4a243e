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


def sum_to_shape(grad, shape):
    """Sum a gradient over the axes that broadcasting added or stretched."""
    lead = len(grad.shape) - len(shape)
    if lead > 0:
        grad = summation(grad, tuple(range(lead)))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and grad.shape[i] != 1)
    if stretched:
        grad = reshape(summation(grad, stretched), shape)
    return grad


class EWisePow(TensorOp):
    def compute(self, a, b):
        return array_api.power(a, b)

    def gradient(self, out_grad, node):
        a, b = node.inputs
        return out_grad * b * power(a, b - 1), out_grad * log(a) * power(a, b)


def power(a, b):
    return EWisePow()(a, b)


class PowerScalar(TensorOp):
    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        return a**self.scalar

    def gradient(self, out_grad, node):
        x = node.inputs[0].numpy()
        return Tensor(out_grad.numpy() * self.scalar * x ** (self.scalar - 1.0))


def power_scalar(a, scalar):
    return PowerScalar(scalar)(a)


class EWiseDiv(TensorOp):
    def compute(self, a, b):
        return a / b

    def gradient(self, out_grad, node):
        x, y = (one.numpy() for one in node.inputs)
        sent = out_grad.numpy()
        return [Tensor(sent / y), Tensor(-sent * x / y**2)]


def divide(a, b):
    return EWiseDiv()(a, b)


class DivScalar(TensorOp):
    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        return array_api.divide(a, self.scalar)

    def gradient(self, out_grad, node):
        return divide_scalar(out_grad, self.scalar)


def divide_scalar(a, scalar):
    return DivScalar(scalar)(a)


class Transpose(TensorOp):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        first, second = self.axes or (-2, -1)
        return array_api.swapaxes(a, first, second).copy()

    def gradient(self, out_grad, node):
        return self(out_grad)


def transpose(a, axes=None):
    return Transpose(axes)(a)


class Reshape(TensorOp):
    def __init__(self, shape):
        self.shape = shape

    def compute(self, a):
        return array_api.reshape(a, self.shape)

    def gradient(self, out_grad, node):
        return reshape(out_grad, node.inputs[0].shape)


def reshape(a, shape):
    return Reshape(shape)(a)


class BroadcastTo(TensorOp):
    def __init__(self, shape):
        self.shape = shape

    def compute(self, a):
        return array_api.zeros(self.shape) + a

    def gradient(self, out_grad, node):
        sent, shape = out_grad.numpy(), node.inputs[0].shape
        while sent.ndim > len(shape):
            sent = sent.sum(axis=0)
        for i, n in enumerate(shape):
            if n == 1:
                sent = sent.sum(axis=i, keepdims=True)
        return Tensor(sent)


def broadcast_to(a, shape):
    return BroadcastTo(shape)(a)


class Summation(TensorOp):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        return array_api.asarray(a.sum(self.axes))

    def gradient(self, out_grad, node):
        x = node.inputs[0].numpy()
        if self.axes is None:
            return Tensor(array_api.full(x.shape, out_grad.numpy()))
        return Tensor(array_api.ones_like(x) * array_api.expand_dims(out_grad.numpy(), self.axes))


def summation(a, axes=None):
    return Summation(axes)(a)


class MatMul(TensorOp):
    def compute(self, a, b):
        return array_api.einsum('...ij,...jk->...ik', a, b)

    def gradient(self, out_grad, node):
        a, b = node.inputs
        by_a = array_api.einsum('...ik,...jk->...ij', out_grad.numpy(), b.numpy())
        by_b = array_api.einsum('...ij,...ik->...jk', a.numpy(), out_grad.numpy())
        return sum_to_shape(Tensor(by_a), a.shape), sum_to_shape(Tensor(by_b), b.shape)


def matmul(a, b):
    return MatMul()(a, b)


class Negate(TensorOp):
    def compute(self, a):
        return array_api.negative(a)

    def gradient(self, out_grad, node):
        return negate(out_grad)


def negate(a):
    return Negate()(a)


class Log(TensorOp):
    def compute(self, a):
        return array_api.log(a)

    def gradient(self, out_grad, node):
        return out_grad * power_scalar(node.inputs[0], -1)


def log(a):
    return Log()(a)


class Exp(TensorOp):
    def compute(self, a):
        return array_api.exp(a)

    def gradient(self, out_grad, node):
        return Tensor(out_grad.numpy() * node.realize_cached_data())


def exp(a):
    return Exp()(a)


class ReLU(TensorOp):
    def compute(self, a):
        out = a.copy()
        out[out < 0] = 0
        return out

    def gradient(self, out_grad, node):
        sent = out_grad.numpy()
        sent[node.inputs[0].numpy() <= 0] = 0
        return Tensor(sent)


def relu(a):
    return ReLU()(a)
