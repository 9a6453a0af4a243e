"""A tape instead of a graph: every operation writes down what to do on the way back."""

from math import exp, tanh

_tape = []


class Value:
    def __init__(self, data):
        self.data = float(data)
        self.grad = 0.0

    @staticmethod
    def _wrap(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value._wrap(other)
        result = Value(self.data + other.data)
        _tape.append((result, [(self, 1.0), (other, 1.0)]))
        return result

    def __sub__(self, other):
        other = Value._wrap(other)
        result = Value(self.data - other.data)
        _tape.append((result, [(self, 1.0), (other, -1.0)]))
        return result

    def __mul__(self, other):
        other = Value._wrap(other)
        result = Value(self.data * other.data)
        _tape.append((result, [(self, other.data), (other, self.data)]))
        return result

    def __truediv__(self, other):
        other = Value._wrap(other)
        result = Value(self.data / other.data)
        _tape.append((result, [(self, 1.0 / other.data), (other, -result.data / other.data)]))
        return result

    def __pow__(self, n):
        result = Value(self.data**n)
        _tape.append((result, [(self, n * self.data ** (n - 1))]))
        return result

    def __neg__(self):
        result = Value(-self.data)
        _tape.append((result, [(self, -1.0)]))
        return result

    def __radd__(self, other):
        return Value._wrap(other) + self

    def __rsub__(self, other):
        return Value._wrap(other) - self

    def __rmul__(self, other):
        return Value._wrap(other) * self

    def __rtruediv__(self, other):
        return Value._wrap(other) / self

    def relu(self):
        result = Value(self.data if self.data > 0 else 0.0)
        _tape.append((result, [(self, 1.0 if self.data > 0 else 0.0)]))
        return result

    def tanh(self):
        result = Value(tanh(self.data))
        _tape.append((result, [(self, 1.0 - result.data**2)]))
        return result

    def exp(self):
        result = Value(exp(self.data))
        _tape.append((result, [(self, result.data)]))
        return result

    def backward(self):
        needed = {id(self)}
        steps = []
        for result, inputs in reversed(_tape):
            if id(result) in needed:
                steps.append((result, inputs))
                needed.update(id(one) for one, _ in inputs)
        for result, _ in steps:
            result.grad = 0.0
        self.grad = 1.0
        for result, inputs in steps:
            for one, slope in inputs:
                one.grad += slope * result.grad
