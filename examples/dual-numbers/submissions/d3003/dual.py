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
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

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
        order, seen = [], set()

        def visit(v):
            if v not in seen:
                seen.add(v)
                for child in v._prev:
                    visit(child)
                order.append(v)

        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            v._backward()

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __truediv__(self, other):
        # TODO: by a power
        raise NotImplementedError("by a power")

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        # TODO: other - self
        raise NotImplementedError("other - self")

    def __rtruediv__(self, other):
        # TODO: other / self
        raise NotImplementedError("other / self")

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"
