import math


class Value:
    """A node of the graph."""

    def __init__(self, data, _children=(), _op=""):
        self.data = data
        self.grad = 0
        self._prev = list(_children)
        self._backward = lambda: None
        self._op = _op

    def _new(self, data, children, op, step):
        out = Value(data, children, op)
        out._backward = lambda: step(out.grad)
        return out

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)

        def step(g):
            self.grad += g
            other.grad += g

        return self._new(self.data + other.data, (self, other), "+", step)

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)

        def step(g):
            self.grad += other.data * g
            other.grad += self.data * g

        return self._new(self.data * other.data, (self, other), "*", step)

    def __pow__(self, other):
        if not isinstance(other, (int, float)):
            return (self.log() * other).exp()

        def step(g):
            self.grad += other * self.data ** (other - 1) * g

        return self._new(self.data**other, (self,), f"**{other}", step)

    def log(self):
        def step(g):
            self.grad += g / self.data

        return self._new(math.log(self.data), (self,), "log", step)

    def exp(self):
        e = math.exp(self.data)

        def step(g):
            self.grad += math.exp(e) * g

        return self._new(e, (self,), "exp", step)

    def relu(self):
        def step(g):
            self.grad += (self.data > 0) * g

        return self._new(0 if self.data < 0 else self.data, (self,), "ReLU", step)

    def tanh(self):
        t = math.tanh(self.data)

        def step(g):
            self.grad += (1 - math.tanh(t) ** 2) * g

        return self._new(t, (self,), "tanh", step)

    def sigmoid(self):
        return 1 / (1 + (-self).exp())

    def zero_grad(self):
        self.grad = 0

    def backward(self):
        topo = []
        visited = set()

        def build_topo(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build_topo(child)
                topo.append(v)

        build_topo(self)
        self.grad = 1
        for v in reversed(topo):
            v._backward()

    def __neg__(self):
        return self * -1

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return other + (-self)

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return other * self**-1

    def __lt__(self, other):
        return self.data < (other.data if isinstance(other, Value) else other)

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"

