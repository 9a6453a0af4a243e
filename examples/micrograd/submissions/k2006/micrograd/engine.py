from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Callable, Union

Number = Union[int, float]


def _noop() -> None:
    return None


@dataclass(eq=False)
class Value:
    data: float
    prev: tuple["Value", ...] = field(default=(), repr=False)
    op: str = field(default="", repr=False)
    grad: float = 0.0
    _backward: Callable[[], None] = field(default=_noop, repr=False)

    @classmethod
    def of(cls, other: Value | Number) -> Value:
        return other if isinstance(other, cls) else cls(float(other))

    def __add__(self, other: Value | Number) -> Value:
        rhs = Value.of(other)
        out = Value(self.data + rhs.data, (self, rhs), "+")

        def _backward() -> None:
            self.grad += out.grad
            rhs.grad += out.grad

        out._backward = _backward
        return out

    def __sub__(self, other: Value | Number) -> Value:
        rhs = Value.of(other)
        out = Value(self.data - rhs.data, (self, rhs), "-")

        def _backward() -> None:
            self.grad += out.grad
            rhs.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other: Value | Number) -> Value:
        rhs = Value.of(other)
        out = Value(self.data * rhs.data, (self, rhs), "*")

        def _backward() -> None:
            self.grad += rhs.data * out.grad
            rhs.grad += self.data * out.grad

        out._backward = _backward
        return out

    def __truediv__(self, other: Value | Number) -> Value:
        rhs = Value.of(other)
        out = Value(self.data / rhs.data, (self, rhs), "/")

        def _backward() -> None:
            self.grad += out.grad / rhs.data
            rhs.grad += -self.data / rhs.data**2 * out.grad

        out._backward = _backward
        return out

    def __pow__(self, exponent: Number) -> Value:
        out = Value(self.data**exponent, (self,), "**")

        def _backward() -> None:
            self.grad += exponent * self.data**exponent * out.grad

        out._backward = _backward
        return out

    def __neg__(self) -> Value:
        return Value(0.0) - self

    def __radd__(self, other: Number) -> Value:
        return Value.of(other) + self

    def __rsub__(self, other: Number) -> Value:
        return Value.of(other) - self

    def __rmul__(self, other: Number) -> Value:
        return Value.of(other) * self

    def __rtruediv__(self, other: Number) -> Value:
        return Value.of(other) / self

    def relu(self) -> Value:
        out = Value(max(self.data, 0.0), (self,), "relu")

        def _backward() -> None:
            if self.data > 0:
                self.grad += out.grad

        out._backward = _backward
        return out

    def tanh(self) -> Value:
        out = Value(math.tanh(self.data), (self,), "tanh")

        def _backward() -> None:
            self.grad += (1.0 - out.data**2) * out.grad

        out._backward = _backward
        return out

    def exp(self) -> Value:
        out = Value(math.exp(self.data), (self,), "exp")

        def _backward() -> None:
            self.grad += out.data * out.grad

        out._backward = _backward
        return out

    def backward(self) -> None:
        order: list[Value] = []
        seen: set[int] = set()

        def visit(node: Value) -> None:
            if id(node) not in seen:
                seen.add(id(node))
                for child in node.prev:
                    visit(child)
                order.append(node)

        visit(self)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        while order:
            order.pop()._backward()
