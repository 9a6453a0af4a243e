"""A scalar that remembers how it was computed, and sends derivatives back the same way."""

from __future__ import annotations

import math


class Value:
    """A number, its derivative, and what it was computed from."""

    def __init__(self, data, _children=(), _op=""):
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = set(_children)
        self._op = _op

    def __add__(self, other):
        # TODO: the sum, and a closure that sends out.grad to both
        raise NotImplementedError("the sum, and a closure that sends out.grad to both")

    def __mul__(self, other):
        # TODO: the product, and a closure that sends each factor what the other one makes of out.grad
        raise NotImplementedError("the product, and a closure that sends each factor what the other one makes of out.grad")

    def __pow__(self, exponent):
        # TODO: a power with a fixed exponent
        raise NotImplementedError("a power with a fixed exponent")

    def relu(self):
        # TODO: what is above 0
        raise NotImplementedError("what is above 0")

    def tanh(self):
        # TODO: the hyperbolic tangent
        raise NotImplementedError("the hyperbolic tangent")

    def exp(self):
        # TODO: e to the power of self
        raise NotImplementedError("e to the power of self")

    def backward(self):
        # TODO: all nodes in topological order, and every closure from the output down
        raise NotImplementedError("all nodes in topological order, and every closure from the output down")

    def __neg__(self):
        # TODO: by a product
        raise NotImplementedError("by a product")

    def __sub__(self, other):
        # TODO: by a sum
        raise NotImplementedError("by a sum")

    def __truediv__(self, other):
        # TODO: by a power
        raise NotImplementedError("by a power")

    def __radd__(self, other):
        # TODO: other + self
        raise NotImplementedError("other + self")

    def __rmul__(self, other):
        # TODO: other * self
        raise NotImplementedError("other * self")

    def __rsub__(self, other):
        # TODO: other - self
        raise NotImplementedError("other - self")

    def __rtruediv__(self, other):
        # TODO: other / self
        raise NotImplementedError("other / self")

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"
