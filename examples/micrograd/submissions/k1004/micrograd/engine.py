import math
import numbers


def nothing():
    pass


class Value:
    __slots__ = ("data", "grad", "parents", "_backward")

    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0
        self.parents = parents
        self._backward = nothing

    def __add__(self, other):
        other = as_value(other)
        out = Value(self.data + other.data, (self, other))

        def back():
            for parent in (self, other):
                parent.grad += out.grad

        out._backward = back
        return out

    __radd__ = __add__

    def __mul__(self, other):
        other = as_value(other)
        out = Value(self.data * other.data, (self, other))

        def back():
            self.grad += out.grad * other.data
            other.grad += out.grad * self.data

        out._backward = back
        return out

    __rmul__ = __mul__

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-as_value(other))

    def __rsub__(self, other):
        return as_value(other) - self

    def __pow__(self, k):
        if not isinstance(k, numbers.Real):
            raise TypeError("only numbers as exponents")
        out = Value(self.data**k, (self,))

        def back():
            self.grad += out.grad * k * self.data ** (k - 1)

        out._backward = back
        return out

    def __truediv__(self, other):
        return self * as_value(other) ** -1

    def __rtruediv__(self, other):
        return as_value(other) / self

    def relu(self):
        out = Value((self.data > 0) * self.data, (self,))

        def back():
            self.grad += out.grad * (out.data > 0)

        out._backward = back
        return out

    def tanh(self):
        out = Value(math.tanh(self.data), (self,))

        def back():
            self.grad += out.grad / math.cosh(self.data) ** 2

        out._backward = back
        return out

    def exp(self):
        out = Value(math.e**self.data, (self,))

        def back():
            self.grad += out.grad * out.data

        out._backward = back
        return out

    def backward(self):
        self.grad = 1
        for node in reversed(list(postorder(self, set()))):
            node._backward()


def as_value(x):
    return x if isinstance(x, Value) else Value(x)


def postorder(node, seen):
    if node not in seen:
        seen.add(node)
        for parent in node.parents:
            yield from postorder(parent, seen)
        yield node
