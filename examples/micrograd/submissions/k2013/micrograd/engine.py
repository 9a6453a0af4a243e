"""Operations are classes here: forward keeps what backward needs."""

import math


class Op:
    def __init__(self, *inputs):
        self.inputs = inputs

    def run(self):
        return Value(self.forward(*[one.data for one in self.inputs]), self)


class Add(Op):
    def forward(self, a, b):
        return a + b

    def backward(self, g):
        return g, g


class Mul(Op):
    def forward(self, a, b):
        self.a, self.b = a, b
        return a * b

    def backward(self, g):
        return g * self.a, g * self.b


class Pow(Op):
    def __init__(self, x, n):
        super().__init__(x)
        self.n = n

    def forward(self, a):
        self.a = a
        return a**self.n

    def backward(self, g):
        return (g * self.n * self.a ** (self.n - 1),)


class ReLU(Op):
    def forward(self, a):
        self.on = a > 0
        return a if self.on else 0.0

    def backward(self, g):
        return (g if self.on else 0.0,)


class Tanh(Op):
    def forward(self, a):
        self.t = math.tanh(a)
        return self.t

    def backward(self, g):
        return (g * (1 - self.t**2),)


class Exp(Op):
    def forward(self, a):
        self.e = math.exp(a)
        return self.e

    def backward(self, g):
        return (g * self.e,)


class Value:
    def __init__(self, data, made_by=None):
        self.data = data
        self.grad = 0.0
        self.made_by = made_by

    def _lift(self, other):
        return other if isinstance(other, Value) else Value(other)

    def __add__(self, other):
        return Add(self, self._lift(other)).run()

    def __radd__(self, other):
        return Add(self._lift(other), self).run()

    def __mul__(self, other):
        return Mul(self, self._lift(other)).run()

    def __rmul__(self, other):
        return Mul(self._lift(other), self).run()

    def __neg__(self):
        return Mul(self, Value(1.0)).run()

    def __sub__(self, other):
        return self + -self._lift(other)

    def __rsub__(self, other):
        return -(self - other)

    def __pow__(self, n):
        return Pow(self, n).run()

    def __truediv__(self, other):
        return self * self._lift(other) ** -1.0

    def __rtruediv__(self, other):
        return self._lift(other) / self

    def relu(self):
        return ReLU(self).run()

    def tanh(self):
        return Tanh(self).run()

    def exp(self):
        return Exp(self).run()

    def backward(self, grad=1.0):
        order, seen = [], set()
        stack = [(self, iter(self.made_by.inputs if self.made_by else ()))]
        seen.add(self)
        while stack:
            node, rest = stack[-1]
            child = next(rest, None)
            if child is None:
                order.append(node)
                stack.pop()
            elif child not in seen:
                seen.add(child)
                stack.append((child, iter(child.made_by.inputs if child.made_by else ())))
        self.grad = grad
        for node in reversed(order):
            if node.made_by is not None:
                for one, g in zip(node.made_by.inputs, node.made_by.backward(node.grad)):
                    one.grad += g
