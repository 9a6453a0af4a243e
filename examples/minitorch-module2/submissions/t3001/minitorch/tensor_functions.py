"""Functions of tensors, each with its derivative. Tensor.expand brings that to the shape of the input."""

import random

import minitorch

from . import operators
from .autodiff import Context
from .tensor_ops import SimpleBackend


def wrap_tuple(x):
    """Return a tuple as it is, and anything else in one."""
    return x if isinstance(x, tuple) else (x,)


class Function:
    """A function of tensors that remembers how it was called."""

    @classmethod
    def _backward(cls, ctx, grad_out):
        return wrap_tuple(cls.backward(ctx, grad_out))

    @classmethod
    def _forward(cls, ctx, *inps):
        return cls.forward(ctx, *inps)

    @classmethod
    def apply(cls, *vals):
        """Run forward, and keep what is needed to send a derivative back."""
        need_grad = any(one.requires_grad() for one in vals)
        ctx = Context(not need_grad)
        found = cls._forward(ctx, *(one.detach() for one in vals))
        back = minitorch.History(cls, ctx, vals) if need_grad else None
        return minitorch.Tensor(found._tensor, back, backend=found.backend)


class Neg(Function):
    @staticmethod
    def forward(ctx, t1):
        # TODO: minus each number
        raise NotImplementedError("to do")

    @staticmethod
    def backward(ctx, grad_output):
        # TODO: minus what is sent back
        raise NotImplementedError("to do")


class Inv(Function):
    @staticmethod
    def forward(ctx, t1):
        # TODO: one over each number
        raise NotImplementedError("to do")

    @staticmethod
    def backward(ctx, grad_output):
        # TODO: inv_back takes the input and what is sent back
        raise NotImplementedError("to do")


class Add(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        # TODO: number by number
        raise NotImplementedError("to do")

    @staticmethod
    def backward(ctx, grad_output):
        # TODO: both get it as it is
        raise NotImplementedError("to do")


class Mul(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        # TODO: number by number; backward needs both
        raise NotImplementedError("to do")

    @staticmethod
    def backward(ctx, grad_output):
        # TODO: each gets the other one times what is sent back
        raise NotImplementedError("to do")


class Sigmoid(Function):
    @staticmethod
    def forward(ctx, t1):
        # TODO: what comes out is all that backward needs
        raise NotImplementedError("to do")

    @staticmethod
    def backward(ctx, grad_output):
        # TODO: s - s * s, times what is sent back
        raise NotImplementedError("to do")


class ReLU(Function):
    @staticmethod
    def forward(ctx, t1):
        # TODO: backward asks where the input is positive
        raise NotImplementedError("to do")

    @staticmethod
    def backward(ctx, grad_output):
        # TODO: relu_back takes the input and what is sent back
        raise NotImplementedError("to do")


class Log(Function):
    @staticmethod
    def forward(ctx, t1):
        # TODO: backward divides by the input
        raise NotImplementedError("to do")

    @staticmethod
    def backward(ctx, grad_output):
        # TODO: log_back takes the input and what is sent back
        raise NotImplementedError("to do")


class Exp(Function):
    @staticmethod
    def forward(ctx, t1):
        # TODO: its own derivative is what comes out
        raise NotImplementedError("to do")

    @staticmethod
    def backward(ctx, grad_output):
        # TODO: times what is sent back
        raise NotImplementedError("to do")


class Sum(Function):
    @staticmethod
    def forward(ctx, t1, dim):
        # TODO: over one axis, which stays with the size 1
        raise NotImplementedError("to do")

    @staticmethod
    def backward(ctx, grad_output):
        # TODO: every number that was summed gets what is sent back; Tensor.expand spreads it. The axis gets nothing
        raise NotImplementedError("to do")


class All(Function):
    @staticmethod
    def forward(ctx, a, dim):
        """Return 1 where all along an axis are 1."""
        # TODO: a product over the axis
        raise NotImplementedError("to do")


class LT(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        # TODO: 1 where the first is less
        raise NotImplementedError("to do")

    @staticmethod
    def backward(ctx, grad_output):
        # TODO: a step is flat
        raise NotImplementedError("to do")


class EQ(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        # TODO: 1 where both are the same
        raise NotImplementedError("to do")

    @staticmethod
    def backward(ctx, grad_output):
        # TODO: a step is flat
        raise NotImplementedError("to do")


class IsClose(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        # TODO: 1 where they are close
        raise NotImplementedError("to do")


class Permute(Function):
    @staticmethod
    def forward(ctx, a, order):
        # TODO: the axes in another order; backward needs it
        raise NotImplementedError("to do")

    @staticmethod
    def backward(ctx, grad_output):
        # TODO: every axis goes back to where it was
        raise NotImplementedError("to do")


class View(Function):
    @staticmethod
    def forward(ctx, a, shape):
        # TODO: the same storage, read by another shape
        raise NotImplementedError("to do")

    @staticmethod
    def backward(ctx, grad_output):
        # TODO: what is sent back, read by the shape of the input; it may lie in another order
        raise NotImplementedError("to do")


class Copy(Function):
    @staticmethod
    def forward(ctx, a):
        """Return the same numbers, in the order in which indices are counted."""
        # TODO: number by number
        raise NotImplementedError("to do")

    @staticmethod
    def backward(ctx, grad_output):
        # TODO: it goes on as it is
        raise NotImplementedError("to do")


def zeros(shape, backend=SimpleBackend):
    """Return a tensor of zeros."""
    return minitorch.Tensor.make([0.0] * int(operators.prod(shape)), shape, backend=backend)


def rand(shape, backend=SimpleBackend, requires_grad=False):
    """Return a tensor of random numbers."""
    numbers = [random.random() for _ in range(int(operators.prod(shape)))]
    return _tensor(numbers, shape, backend, requires_grad)


def _tensor(ls, shape, backend=SimpleBackend, requires_grad=False):
    made = minitorch.Tensor.make(ls, shape, backend=backend)
    made.requires_grad_(requires_grad)
    return made


def tensor(ls, backend=SimpleBackend, requires_grad=False):
    """Return a tensor of nested lists."""

    def shape(of):
        return [len(of), *shape(of[0])] if isinstance(of, (list, tuple)) else []

    def flatten(of):
        return [y for x in of for y in flatten(x)] if isinstance(of, (list, tuple)) else [of]

    return _tensor(flatten(ls), tuple(shape(ls)), backend=backend, requires_grad=requires_grad)
