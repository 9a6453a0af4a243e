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
        # solution: minus each number
        return t1.f.neg_map(t1)
        # end solution

    @staticmethod
    def backward(ctx, grad_output):
        # solution: what goes back to each input
        return grad_output.f.neg_map(grad_output)
        # end solution


class Inv(Function):
    @staticmethod
    def forward(ctx, t1):
        # solution: one over each number
        ctx.save_for_backward(t1)
        return t1.f.inv_map(t1)
        # end solution

    @staticmethod
    def backward(ctx, grad_output):
        # solution: use inv_back
        (t1,) = ctx.saved_values
        return grad_output.f.inv_back_zip(t1, grad_output)
        # end solution


class Add(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        # solution: number by number
        return t1.f.add_zip(t1, t2)
        # end solution

    @staticmethod
    def backward(ctx, grad_output):
        # solution: what goes back to each input
        return grad_output, grad_output
        # end solution


class Mul(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        # solution: number by number
        ctx.save_for_backward(t1, t2)
        return t1.f.mul_zip(t1, t2)
        # end solution

    @staticmethod
    def backward(ctx, grad_output):
        # solution: what goes back to each input
        t1, t2 = ctx.saved_values
        return grad_output.f.mul_zip(grad_output, t2), grad_output.f.mul_zip(grad_output, t1)
        # end solution


class Sigmoid(Function):
    @staticmethod
    def forward(ctx, t1):
        # solution: save what backward needs, and return sigmoid of each number
        out = t1.f.sigmoid_map(t1)
        ctx.save_for_backward(out)
        return out
        # end solution

    @staticmethod
    def backward(ctx, grad_output):
        # solution: what goes back to each input
        (out,) = ctx.saved_values
        slope = out.f.add_zip(out, out.f.neg_map(out.f.mul_zip(out, out)))
        return grad_output.f.mul_zip(grad_output, slope)
        # end solution


class ReLU(Function):
    @staticmethod
    def forward(ctx, t1):
        # solution: save what backward needs, and return relu of each number
        ctx.save_for_backward(t1)
        return t1.f.relu_map(t1)
        # end solution

    @staticmethod
    def backward(ctx, grad_output):
        # solution: use relu_back
        (t1,) = ctx.saved_values
        return grad_output.f.relu_back_zip(t1, grad_output)
        # end solution


class Log(Function):
    @staticmethod
    def forward(ctx, t1):
        # solution: save what backward needs, and return the logarithm of each number
        ctx.save_for_backward(t1)
        return t1.f.log_map(t1)
        # end solution

    @staticmethod
    def backward(ctx, grad_output):
        # solution: use log_back
        (t1,) = ctx.saved_values
        return grad_output.f.log_back_zip(t1, grad_output)
        # end solution


class Exp(Function):
    @staticmethod
    def forward(ctx, t1):
        # solution: save what backward needs, and return e to each number
        out = t1.f.exp_map(t1)
        ctx.save_for_backward(out)
        return out
        # end solution

    @staticmethod
    def backward(ctx, grad_output):
        # solution: what goes back to each input
        (out,) = ctx.saved_values
        return grad_output.f.mul_zip(grad_output, out)
        # end solution


class Sum(Function):
    @staticmethod
    def forward(ctx, t1, dim):
        # solution: over one axis, which stays with the size 1
        return t1.f.add_reduce(t1, int(dim.item()))
        # end solution

    @staticmethod
    def backward(ctx, grad_output):
        # solution: what goes back to the numbers; the axis gets nothing
        return grad_output, 0.0
        # end solution


class All(Function):
    @staticmethod
    def forward(ctx, a, dim):
        """Return 1 where all along an axis are 1."""
        # solution: a product over the axis
        return a.f.mul_reduce(a, int(dim.item()))
        # end solution


class LT(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        # solution: 1 where the first is less
        ctx.save_for_backward(t1.shape, t2.shape)
        return t1.f.lt_zip(t1, t2)
        # end solution

    @staticmethod
    def backward(ctx, grad_output):
        # solution: what goes back to each input
        shape1, shape2 = ctx.saved_values
        return grad_output.zeros(shape1), grad_output.zeros(shape2)
        # end solution


class EQ(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        # solution: 1 where both are the same
        ctx.save_for_backward(t1.shape, t2.shape)
        return t1.f.eq_zip(t1, t2)
        # end solution

    @staticmethod
    def backward(ctx, grad_output):
        # solution: what goes back to each input
        shape1, shape2 = ctx.saved_values
        return grad_output.zeros(shape1), grad_output.zeros(shape2)
        # end solution


class IsClose(Function):
    @staticmethod
    def forward(ctx, t1, t2):
        # solution: 1 where they are close
        return t1.f.is_close_zip(t1, t2)
        # end solution


class Permute(Function):
    @staticmethod
    def forward(ctx, a, order):
        # solution: the axes in another order; backward needs it
        axes = [int(order[i]) for i in range(order.size)]
        ctx.save_for_backward(axes)
        return a._new(a._tensor.permute(*axes))
        # end solution

    @staticmethod
    def backward(ctx, grad_output):
        # solution: what goes back to the numbers; the order gets nothing
        (axes,) = ctx.saved_values
        inverse = [0] * len(axes)
        for place, axis in enumerate(axes):
            inverse[axis] = place
        return grad_output._new(grad_output._tensor.permute(*inverse)), 0.0
        # end solution


class View(Function):
    @staticmethod
    def forward(ctx, a, shape):
        # solution: the same storage, read by another shape
        ctx.save_for_backward(a.shape)
        assert a._tensor.is_contiguous(), "Must be contiguous to view"
        sizes = tuple(int(shape[i]) for i in range(shape.size))
        return minitorch.Tensor.make(a._tensor._storage, sizes, backend=a.backend)
        # end solution

    @staticmethod
    def backward(ctx, grad_output):
        # solution: what goes back to the numbers, which may lie in another order
        (shape,) = ctx.saved_values
        storage = grad_output.contiguous()._tensor._storage
        return minitorch.Tensor.make(storage, shape, backend=grad_output.backend), 0.0
        # end solution


class Copy(Function):
    @staticmethod
    def forward(ctx, a):
        """Return the same numbers, in the order in which indices are counted."""
        # solution: number by number
        return a.f.id_map(a)
        # end solution

    @staticmethod
    def backward(ctx, grad_output):
        # solution: what goes back to each input
        return grad_output
        # end solution


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
