import numpy as np


class Value:
    """Children in a list, numpy for everything, and no recursion."""

    def __init__(self, data, children=None, op=None):
        self.data = np.float64(data)
        self.grad = np.float64(0)
        self.children = children or []
        self.op = op
        self._backward = None

    def __add__(self, other):
        if not isinstance(other, Value):
            other = Value(other)
        out = Value(np.add(self.data, other.data), [self, other], "add")

        def step():
            self.grad = self.grad + out.grad
            other.grad = other.grad + out.grad

        out._backward = step
        return out

    def __mul__(self, other):
        if not isinstance(other, Value):
            other = Value(other)
        out = Value(np.multiply(self.data, other.data), [self, other], "mul")

        def step():
            self.grad = self.grad + out.grad * other.data
            other.grad = other.grad + out.grad * self.data

        out._backward = step
        return out

    def __pow__(self, exponent):
        out = Value(np.power(self.data, float(exponent)), [self], "pow")

        def step():
            self.grad = self.grad + out.grad * exponent * np.power(self.data, exponent - 1.0)

        out._backward = step
        return out

    def relu(self):
        out = Value(np.maximum(self.data, 0), [self], "relu")

        def step():
            self.grad = self.grad + np.where(self.data > 0, out.grad, 0.0)

        out._backward = step
        return out

    def tanh(self):
        out = Value(np.tanh(self.data), [self], "tanh")

        def step():
            self.grad = self.grad + out.grad * (1 - np.square(out.data))

        out._backward = step
        return out

    def exp(self):
        out = Value(np.exp(self.data), [self], "exp")

        def step():
            self.grad = self.grad + out.grad * out.data

        out._backward = step
        return out

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + (-1.0) * (other if isinstance(other, Value) else Value(other))

    def __truediv__(self, other):
        if isinstance(other, Value):
            return self * other**-1
        return self * (1.0 / other)

    def __radd__(self, other):
        return self.__add__(other)

    def __rmul__(self, other):
        return self.__mul__(other)

    def __rsub__(self, other):
        return Value(other).__sub__(self)

    def __rtruediv__(self, other):
        return Value(other).__truediv__(self)

    def backward(self):
        # Kahn: count who still has to be heard before a node may pass on
        waiting = {}
        stack = [self]
        known = {id(self)}
        while stack:
            node = stack.pop()
            for child in node.children:
                waiting[id(child)] = waiting.get(id(child), 0) + 1
                if id(child) not in known:
                    known.add(id(child))
                    stack.append(child)
        self.grad = np.float64(1)
        ready = [self]
        while ready:
            node = ready.pop()
            if node._backward is not None:
                node._backward()
            for child in node.children:
                waiting[id(child)] -= 1
                if waiting[id(child)] == 0:
                    ready.append(child)
