"""Functions of tensors, each with its derivative. Tensor.expand brings that to the shape of the input."""

from __future__ import annotations

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
        return t1.f.neg_map(t1)

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output.f.neg_map(grad_output)


class Inv(Function):
    @staticmethod
    def forward(ctx, t1):
        ctx.save_for_backward(t1)
        return t1.f.inv_map(t1)

    @staticmethod
    def backward(ctx, grad_output):
        (t1,) = ctx.saved_values
        return grad_output.f.inv_back_zip(t1, grad_output)


class Add(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        return t1.f.add_zip(t1, t2)

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output, grad_output


class Mul(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        ctx.save_for_backward(t1, t2)
        return t1.f.mul_zip(t1, t2)

    @staticmethod
    def backward(ctx, grad_output):
        t1, t2 = ctx.saved_values
        return grad_output.f.mul_zip(grad_output, t2), grad_output.f.mul_zip(grad_output, t1)


class Sigmoid(Function):
    @staticmethod
    def forward(ctx: Context, t1: "Tensor") -> "Tensor":
        ctx.save_for_backward(t1)
        return t1.f.sigmoid_map(t1)

    @staticmethod
    def backward(ctx: Context, grad_output: "Tensor") -> "Tensor":
        (t1,) = ctx.saved_values
        s = t1.f.sigmoid_map(t1)
        one = minitorch.Tensor.make([1], (1,), backend=s.backend)
        return grad_output.f.mul_zip(grad_output, s.f.mul_zip(s, s.f.add_zip(one, s.f.neg_map(s))))


class ReLU(Function):
    @staticmethod
    def forward(ctx, t1):
        ctx.save_for_backward(t1)
        return t1.f.relu_map(t1)

    @staticmethod
    def backward(ctx, grad_output):
        (t1,) = ctx.saved_values
        return grad_output.f.relu_back_zip(t1, grad_output)


class Log(Function):
    @staticmethod
    def forward(ctx, t1):
        ctx.save_for_backward(t1)
        return t1.f.log_map(t1)

    @staticmethod
    def backward(ctx, grad_output):
        (t1,) = ctx.saved_values
        return grad_output.f.log_back_zip(t1, grad_output)


class Exp(Function):
    @staticmethod
    def forward(ctx: Context, t1: "Tensor") -> "Tensor":
        ctx.save_for_backward(t1)
        return t1.f.exp_map(t1)

    @staticmethod
    def backward(ctx: Context, grad_output: "Tensor") -> "Tensor":
        (t1,) = ctx.saved_values
        return grad_output.f.mul_zip(t1.f.exp_map(t1), grad_output)


class Sum(Function):
    @staticmethod
    def forward(ctx, t1, dim):
        return t1.f.add_reduce(t1, int(dim.item()))

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output, 0.0


class All(Function):
    @staticmethod
    def forward(ctx, a, dim):
        """Return 1 where all along an axis are 1."""
        return a.f.mul_reduce(a, int(dim.item()))


class LT(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        ctx.save_for_backward(t1.shape, t2.shape)
        return t1.f.lt_zip(t1, t2)

    @staticmethod
    def backward(ctx, grad_output):
        shape1, shape2 = ctx.saved_values
        return grad_output.zeros(shape1), grad_output.zeros(shape2)


class EQ(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        ctx.save_for_backward(t1.shape, t2.shape)
        return t1.f.eq_zip(t1, t2)

    @staticmethod
    def backward(ctx, grad_output):
        shape1, shape2 = ctx.saved_values
        return grad_output.zeros(shape1), grad_output.zeros(shape2)


class IsClose(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        return t1.f.is_close_zip(t1, t2)


class Permute(Function):
    @staticmethod
    def forward(ctx, a, order):
        axes = [int(order[i]) for i in range(order.size)]
        ctx.save_for_backward(axes)
        return a._new(a._tensor.permute(*axes))

    @staticmethod
    def backward(ctx, grad_output):
        (axes,) = ctx.saved_values
        inverse = [0] * len(axes)
        for place, axis in enumerate(axes):
            inverse[axis] = place
        return grad_output._new(grad_output._tensor.permute(*inverse)), 0.0


class View(Function):
    @staticmethod
    def forward(ctx, a, shape):
        ctx.save_for_backward(a.shape)
        assert a._tensor.is_contiguous(), "Must be contiguous to view"
        sizes = tuple(int(shape[i]) for i in range(shape.size))
        return minitorch.Tensor.make(a._tensor._storage, sizes, backend=a.backend)

    @staticmethod
    def backward(ctx, grad_output):
        (shape,) = ctx.saved_values
        storage = grad_output.contiguous()._tensor._storage
        return minitorch.Tensor.make(storage, shape, backend=grad_output.backend), 0.0


class Copy(Function):
    @staticmethod
    def forward(ctx, a):
        """Return the same numbers, in the order in which indices are counted."""
        return a.f.id_map(a)

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output


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
