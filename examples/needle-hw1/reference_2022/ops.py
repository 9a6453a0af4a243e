"""The operations of tensors: what each computes, and how a gradient goes back through it."""

import numpy as array_api

from .autograd import Tensor, TensorOp


class EWiseAdd(TensorOp):
    """The sum of two tensors."""

    def compute(self, a, b):
        return a + b

    def gradient(self, out_grad, node):
        return out_grad, out_grad


def add(a, b):
    """Return the sum of two tensors."""
    return EWiseAdd()(a, b)


class AddScalar(TensorOp):
    """The sum of a tensor and a number."""

    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        return a + self.scalar

    def gradient(self, out_grad, node):
        return out_grad


def add_scalar(a, scalar):
    """Return the sum of a tensor and a number."""
    return AddScalar(scalar)(a)


class EWiseMul(TensorOp):
    """The product of two tensors, entry by entry."""

    def compute(self, a, b):
        return a * b

    def gradient(self, out_grad, node):
        a, b = node.inputs
        return out_grad * b, out_grad * a


def multiply(a, b):
    """Return the product of two tensors, entry by entry."""
    return EWiseMul()(a, b)


class MulScalar(TensorOp):
    """A tensor times a number."""

    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        return a * self.scalar

    def gradient(self, out_grad, node):
        return out_grad * self.scalar


def mul_scalar(a, scalar):
    """Return a tensor times a number."""
    return MulScalar(scalar)(a)


class EWisePow(TensorOp):
    """One tensor to the power of another, entry by entry."""

    def compute(self, a, b):
        # solution: the power, entry by entry
        return a**b
        # end solution

    def gradient(self, out_grad, node):
        # solution: what goes back to each input, out_grad in it
        a, b = node.inputs
        return out_grad * b * power(a, b - 1), out_grad * node * log(a)
        # end solution


def power(a, b):
    """Return one tensor to the power of another, entry by entry."""
    return EWisePow()(a, b)


class PowerScalar(TensorOp):
    """A tensor to the power of a whole number."""

    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        # solution: each entry to the power of the number
        return a**self.scalar
        # end solution

    def gradient(self, out_grad, node):
        # solution: what goes back to each input, out_grad in it
        a = node.inputs[0]
        return out_grad * self.scalar * power_scalar(a, self.scalar - 1)
        # end solution


def power_scalar(a, scalar):
    """Return a tensor to the power of a whole number."""
    return PowerScalar(scalar)(a)


class EWiseDiv(TensorOp):
    """The quotient of two tensors, entry by entry."""

    def compute(self, a, b):
        # solution: the quotient, entry by entry
        return a / b
        # end solution

    def gradient(self, out_grad, node):
        # solution: what goes back to each input, out_grad in it
        a, b = node.inputs
        return out_grad / b, -out_grad * a / (b * b)
        # end solution


def divide(a, b):
    """Return the quotient of two tensors, entry by entry."""
    return EWiseDiv()(a, b)


class DivScalar(TensorOp):
    """A tensor divided by a number."""

    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        # solution: each entry divided by the number
        return a / self.scalar
        # end solution

    def gradient(self, out_grad, node):
        # solution: what goes back to each input, out_grad in it
        return out_grad / self.scalar
        # end solution


def divide_scalar(a, scalar):
    """Return a tensor divided by a number."""
    return DivScalar(scalar)(a)


class Transpose(TensorOp):
    """Two axes exchanged: the last two if none are named."""

    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        # solution: exchange the two axes
        first, second = (-1, -2) if self.axes is None else self.axes
        return array_api.swapaxes(a, first, second)
        # end solution

    def gradient(self, out_grad, node):
        # solution: what goes back to each input, out_grad in it
        return transpose(out_grad, self.axes)
        # end solution


def transpose(a, axes=None):
    """Return a tensor with two axes exchanged."""
    return Transpose(axes)(a)


class Reshape(TensorOp):
    """The same entries in another shape."""

    def __init__(self, shape):
        self.shape = shape

    def compute(self, a):
        # solution: the same entries in the shape that is asked for
        return array_api.reshape(a, self.shape)
        # end solution

    def gradient(self, out_grad, node):
        # solution: what goes back to each input, out_grad in it
        return reshape(out_grad, node.inputs[0].shape)
        # end solution


def reshape(a, shape):
    """Return the same entries in another shape."""
    return Reshape(shape)(a)


class BroadcastTo(TensorOp):
    """An array stretched to a shape, by the rules of numpy."""

    def __init__(self, shape):
        self.shape = shape

    def compute(self, a):
        # solution: stretch it
        return array_api.broadcast_to(a, self.shape)
        # end solution

    def gradient(self, out_grad, node):
        # solution: what goes back to each input, out_grad in it
        return _summed_to(out_grad, node.inputs[0].shape)
        # end solution


def broadcast_to(a, shape):
    """Return an array stretched to a shape."""
    return BroadcastTo(shape)(a)


class Summation(TensorOp):
    """The sum over some axes, or over all if none are named."""

    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        # solution: the sum over those axes
        return array_api.sum(a, axis=self.axes)
        # end solution

    def gradient(self, out_grad, node):
        # solution: what goes back to each input, out_grad in it
        shape = node.inputs[0].shape
        axes = range(len(shape)) if self.axes is None else self.axes
        axes = {one % len(shape) for one in ((axes,) if isinstance(axes, int) else axes)}
        kept = tuple(1 if i in axes else size for i, size in enumerate(shape))
        return broadcast_to(reshape(out_grad, kept), shape)
        # end solution


def summation(a, axes=None):
    """Return the sum over some axes, or over all."""
    return Summation(axes)(a)


class MatMul(TensorOp):
    """The product of matrices, or of stacks of them."""

    def compute(self, a, b):
        # solution: the product
        return array_api.matmul(a, b)
        # end solution

    def gradient(self, out_grad, node):
        # solution: what goes back to each input, out_grad in it
        a, b = node.inputs
        by_a, by_b = matmul(out_grad, transpose(b)), matmul(transpose(a), out_grad)
        return _summed_to(by_a, a.shape), _summed_to(by_b, b.shape)
        # end solution


def matmul(a, b):
    """Return the product of matrices."""
    return MatMul()(a, b)


class Negate(TensorOp):
    """Minus a tensor."""

    def compute(self, a):
        # solution: minus each entry
        return -a
        # end solution

    def gradient(self, out_grad, node):
        # solution: what goes back to each input, out_grad in it
        return -out_grad
        # end solution


def negate(a):
    """Return minus a tensor."""
    return Negate()(a)


class Log(TensorOp):
    """The natural logarithm of each entry."""

    def compute(self, a):
        # solution: the natural logarithm of each entry
        return array_api.log(a)
        # end solution

    def gradient(self, out_grad, node):
        # solution: what goes back to each input, out_grad in it
        return out_grad / node.inputs[0]
        # end solution


def log(a):
    """Return the natural logarithm of each entry."""
    return Log()(a)


class Exp(TensorOp):
    """e to the power of each entry."""

    def compute(self, a):
        # solution: e to the power of each entry
        return array_api.exp(a)
        # end solution

    def gradient(self, out_grad, node):
        # solution: what goes back to each input, out_grad in it
        return out_grad * node
        # end solution


def exp(a):
    """Return e to the power of each entry."""
    return Exp()(a)


class ReLU(TensorOp):
    """Each entry, or 0 if it is below."""

    def compute(self, a):
        # solution: the entry, or 0 if it is below
        return array_api.maximum(a, 0)
        # end solution

    def gradient(self, out_grad, node):
        # solution: what goes back to each input, out_grad in it
        return out_grad * Tensor(node.inputs[0].realize_cached_data() > 0)
        # end solution


def relu(a):
    """Return each entry, or 0 if it is below."""
    return ReLU()(a)


# solution: a helper of your own, if you like
def _summed_to(gradient, shape):
    added = len(gradient.shape) - len(shape)
    sizes = (1,) * added + tuple(shape)
    axes = tuple(i for i, size in enumerate(sizes) if i < added or size != gradient.shape[i])
    return reshape(summation(gradient, axes), shape) if axes else gradient


# end solution
