import itertools
import math

counter = itertools.count()


class Value:
    """No closures: each value holds (input, slope) pairs. Numbered as they are made, so the largest number goes first."""

    def __init__(self, data, slopes=()):
        self.data = data
        self.grad = 0.0
        self.slopes = tuple(slopes)
        self.number = next(counter)

    def __add__(self, other):
        if isinstance(other, Value):
            return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])
        return Value(self.data + other, [(self, 1.0)])

    def __mul__(self, other):
        if isinstance(other, Value):
            return Value(self.data * other.data, [(self, other.data), (other, self.data)])
        return Value(self.data * other, [(self, other)])

    def __sub__(self, other):
        if isinstance(other, Value):
            return Value(self.data - other.data, [(self, 1.0), (other, -1.0)])
        return Value(self.data - other, [(self, 1.0)])

    def __truediv__(self, other):
        if isinstance(other, Value):
            q = self.data / other.data
            return Value(q, [(self, 1.0 / other.data), (other, -q / other.data)])
        return Value(self.data / other, [(self, 1.0 / other)])

    def __rsub__(self, number):
        return Value(number - self.data, [(self, -1.0)])

    def __rtruediv__(self, number):
        return Value(number / self.data, [(self, -number / self.data**2)])

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self):
        return Value(-self.data, [(self, -1.0)])

    def __pow__(self, n):
        return Value(self.data**n, [(self, n * self.data ** (n - 1))])

    def exp(self):
        e = math.exp(self.data)
        return Value(e, [(self, e)])

    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, [(self, (1 - t) * (1 + t))])

    def relu(self):
        return Value(self.data, [(self, 1.0)]) if self.data > 0 else Value(0.0, [(self, 1.0)])

    def backward(self):
        reached, todo = {self.number: self}, [self]
        while todo:
            for child, _ in todo.pop().slopes:
                if child.number not in reached:
                    reached[child.number] = child
                    todo.append(child)
        self.grad = 1.0
        for number in sorted(reached, reverse=True):
            node = reached[number]
            for child, slope in node.slopes:
                child.grad += slope * node.grad
