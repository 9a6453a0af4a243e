"""Tensor: an array of numbers that remembers how it was computed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import operators
from .autodiff import Context, Variable, backpropagate
from .tensor_data import TensorData
from .tensor_functions import (
    EQ,
    LT,
    Add,
    All,
    Copy,
    Exp,
    Inv,
    IsClose,
    Log,
    Mul,
    Neg,
    Permute,
    ReLU,
    Sigmoid,
    Sum,
    View,
    tensor,
)


@dataclass
class History:
    """The function that made a tensor, what it saved, and its inputs."""

    last_fn: Any = None
    ctx: Context | None = None
    inputs: Sequence[Any] = ()


_tensor_count = 0


class Tensor(Variable):
    """An array of numbers that remembers how it was computed."""

    def __init__(self, v, back=None, name=None, backend=None):
        global _tensor_count
        _tensor_count += 1
        self.unique_id = _tensor_count
        assert isinstance(v, TensorData)
        assert backend is not None
        self._tensor = v
        self.history = back
        self.backend = backend
        self.grad = None
        self.name = name if name is not None else str(self.unique_id)
        self.f = backend

    def requires_grad_(self, x):
        self.history = History() if x else None

    def requires_grad(self):
        return self.history is not None

    def to_numpy(self):
        """Return the numbers as an array."""
        return self.contiguous()._tensor._storage.reshape(self.shape)

    def _ensure_tensor(self, b):
        if isinstance(b, (int, float, np.integer)):
            return Tensor.make([b], (1,), backend=self.backend)
        b._type_(self.backend)
        return b

    def item(self):
        """Return the only number."""
        assert self.size == 1
        return self._tensor._storage[0]

    def contiguous(self):
        """Return the same numbers, in the order in which indices are counted."""
        return Copy.apply(self)

    def __repr__(self):
        return self._tensor.to_string()

    def __getitem__(self, key):
        return self._tensor.get((key,) if isinstance(key, int) else key)

    def __setitem__(self, key, val):
        self._tensor.set((key,) if isinstance(key, int) else key, val)

    def _type_(self, backend):
        self.backend = backend
        if backend.cuda:
            self._tensor.to_cuda_()

    def _new(self, tensor_data):
        return Tensor(tensor_data, backend=self.backend)

    @staticmethod
    def make(storage, shape, strides=None, backend=None):
        """Return a tensor that reads a storage."""
        return Tensor(TensorData(storage, shape, strides), backend=backend)

    def expand(self, other):
        """Bring what backward returned to this shape: spread over axes of 1, summed over axes that were stretched."""
        if self.shape == other.shape:
            return other
        shape = TensorData.shape_broadcast(self.shape, other.shape)
        out = self.zeros(shape)
        self.backend.id_map(other, out)
        if self.shape == shape:
            return out
        sizes = [1] * (len(shape) - len(self.shape)) + list(self.shape)
        for dim, size in enumerate(shape):
            if sizes[dim] == 1 and size != 1:
                out = self.backend.add_reduce(out, dim)
        if out.size != self.size:
            raise AssertionError(f"what came back has the shape {other.shape}, and the input {self.shape}")
        return Tensor.make(out._tensor._storage, self.shape, backend=self.backend)

    def zeros(self, shape=None):
        """Return zeros in this shape or another."""
        shape = self.shape if shape is None else shape
        return Tensor.make([0.0] * int(operators.prod(shape)), shape, backend=self.backend)

    def tuple(self):
        return self._tensor.tuple()

    def detach(self):
        """Return the same numbers without their history."""
        return Tensor(self._tensor, backend=self.backend)

    def accumulate_derivative(self, x):
        """Add to the derivative of a leaf."""
        assert self.is_leaf(), "Only leaf variables can have derivatives."
        if self.grad is None:
            self.grad = self.zeros()
        self.grad = self.grad + x

    def is_leaf(self):
        return self.history is not None and self.history.last_fn is None

    def is_constant(self):
        return self.history is None

    @property
    def parents(self):
        return self.history.inputs

    def chain_rule(self, d_output):
        """Return each input of the last function with its derivative, in its own shape."""
        h = self.history
        found = h.last_fn._backward(h.ctx, d_output)
        if len(found) != len(h.inputs):
            raise AssertionError(f"Bug in function {h.last_fn}: {len(found)} derivatives for {len(h.inputs)} inputs")
        return [(one, one.expand(self._ensure_tensor(d))) for one, d in zip(h.inputs, found)]

    def backward(self, grad_output=None):
        """Send a derivative back: 1 if none is given."""
        if grad_output is None:
            assert self.shape == (1,), "Must provide grad_output if non-scalar"
            grad_output = Tensor.make([1.0], (1,), backend=self.backend)
        backpropagate(self, grad_output)

    def __truediv__(self, b):
        return Mul.apply(self, Inv.apply(self._ensure_tensor(b)))

    def __rtruediv__(self, b):
        return Mul.apply(self._ensure_tensor(b), Inv.apply(self))

    @property
    def shape(self):
        return self._tensor.shape

    @property
    def size(self):
        """Return how many numbers there are."""
        # solution: the product of the sizes of all axes
        return int(operators.prod(self.shape))
        # end solution

    @property
    def dims(self):
        """Return how many axes there are."""
        return len(self.shape)

    def __add__(self, b):
        # solution: a number becomes a tensor first
        return Add.apply(self, self._ensure_tensor(b))
        # end solution

    def __radd__(self, b):
        # solution: b + self
        return self + b
        # end solution

    def __sub__(self, b):
        # solution: a sum with the other one negated
        return Add.apply(self, Neg.apply(self._ensure_tensor(b)))
        # end solution

    def __mul__(self, b):
        # solution: a number becomes a tensor first
        return Mul.apply(self, self._ensure_tensor(b))
        # end solution

    def __rmul__(self, b):
        # solution: b * self
        return self * b
        # end solution

    def __lt__(self, b):
        # solution: 1 where this is less
        return LT.apply(self, self._ensure_tensor(b))
        # end solution

    def __gt__(self, b):
        # solution: 1 where the other is less
        return LT.apply(self._ensure_tensor(b), self)
        # end solution

    def __eq__(self, b):
        # solution: 1 where both are the same
        return EQ.apply(self, self._ensure_tensor(b))
        # end solution

    def __neg__(self):
        # solution: minus each number
        return Neg.apply(self)
        # end solution

    def is_close(self, b):
        # solution: 1 where they are close
        return IsClose.apply(self, self._ensure_tensor(b))
        # end solution

    def sigmoid(self):
        # solution: the function of that name
        return Sigmoid.apply(self)
        # end solution

    def relu(self):
        # solution: the function of that name
        return ReLU.apply(self)
        # end solution

    def log(self):
        # solution: the function of that name
        return Log.apply(self)
        # end solution

    def exp(self):
        # solution: the function of that name
        return Exp.apply(self)
        # end solution

    def all(self, dim=None):
        """Return 1 where all along an axis are 1, or all there are."""
        # solution: without an axis, over all as one axis
        if dim is None:
            return All.apply(self.contiguous().view(self.size), self._ensure_tensor(0))
        return All.apply(self, self._ensure_tensor(dim))
        # end solution

    def sum(self, dim=None):
        """Return the sum over an axis, which stays with the size 1, or over all."""
        # solution: without an axis, over all as one axis
        if dim is None:
            return Sum.apply(self.contiguous().view(self.size), self._ensure_tensor(0))
        return Sum.apply(self, self._ensure_tensor(dim))
        # end solution

    def mean(self, dim=None):
        """Return the mean over an axis, which stays with the size 1, or over all."""
        # solution: the sum over how many there are
        return self.sum(dim) / (self.size if dim is None else self.shape[dim])
        # end solution

    def permute(self, *order):
        """Return the same numbers with the axes in another order."""
        # solution: the order goes along as a tensor
        return Permute.apply(self, tensor(list(order)))
        # end solution

    def view(self, *shape):
        """Return the same numbers in another shape."""
        # solution: the shape goes along as a tensor
        return View.apply(self, tensor(list(shape)))
        # end solution

    def zero_grad_(self):
        """Forget the derivative."""
        self.grad = None
