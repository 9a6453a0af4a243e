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
        # solution: the sum, and a closure that sends out.grad to both
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out
        # end solution

    def __mul__(self, other):
        # solution: the product, and a closure that sends out.grad on to both
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out
        # end solution

    def __pow__(self, exponent):
        # solution: a power with a fixed exponent
        assert isinstance(exponent, (int, float)), "the exponent is a number"
        out = Value(self.data**exponent, (self,), f"**{exponent}")

        def _backward():
            self.grad += exponent * self.data ** (exponent - 1) * out.grad

        out._backward = _backward
        return out
        # end solution

    def relu(self):
        # solution: what is above 0
        out = Value(self.data if self.data > 0 else 0.0, (self,), "relu")

        def _backward():
            self.grad += (self.data > 0) * out.grad

        out._backward = _backward
        return out
        # end solution

    def tanh(self):
        # solution: the hyperbolic tangent
        t = math.tanh(self.data)
        out = Value(t, (self,), "tanh")

        def _backward():
            self.grad += (1 - t**2) * out.grad

        out._backward = _backward
        return out
        # end solution

    def exp(self):
        # solution: e to the power of self
        e = math.exp(self.data)
        out = Value(e, (self,), "exp")

        def _backward():
            self.grad += e * out.grad

        out._backward = _backward
        return out
        # end solution

    def backward(self):
        # solution: all nodes in topological order, and every closure from the output down
        order = []
        seen = set()
        todo = [(self, False)]
        while todo:
            node, done = todo.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                todo.append((node, True))
                todo.extend((child, False) for child in node._prev)
        self.grad = 1.0
        for node in reversed(order):
            node._backward()
        # end solution

    def __neg__(self):
        # solution: by a product
        return self * -1
        # end solution

    def __sub__(self, other):
        # solution: by a sum
        return self + (-other)
        # end solution

    def __truediv__(self, other):
        # solution: by a power
        other = other if isinstance(other, Value) else Value(other)
        return self * other**-1
        # end solution

    def __radd__(self, other):
        # solution: other + self
        return self + other
        # end solution

    def __rmul__(self, other):
        # solution: other * self
        return self * other
        # end solution

    def __rsub__(self, other):
        # solution: other - self
        return other + (-self)
        # end solution

    def __rtruediv__(self, other):
        # solution: other / self
        return other * self**-1
        # end solution

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"
