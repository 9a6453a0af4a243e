import numpy as np


class Tensor:
    def __init__(self, data, op=None, inputs=()):
        self.data, self.op, self.inputs, self.grad = np.asarray(data), op, inputs, None

    def backward(self, d):
        order, seen = [], set()

        def visit(v):
            if id(v) not in seen:
                seen.add(id(v))
                for one in v.inputs:
                    visit(one)
                order.append(v)

        visit(self)
        self.grad = d
        for v in reversed(order):
            if v.op is not None and v.grad is not None:
                for one, g in zip(v.inputs, v.op.gradient(v.grad, *[i.data for i in v.inputs])):
                    one.grad = g if one.grad is None else one.grad + g


class Op:
    def __call__(self, *inputs):
        return Tensor(self.compute(*[i.data for i in inputs]), self, inputs)


def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for i, n in enumerate(shape):
        if n == 1 and g.shape[i] != 1:
            g = g.sum(axis=i, keepdims=True)
    return g


class Add(Op):
    def compute(self, a, b):
        return a + b

    def gradient(self, d, a, b):
        return unbroadcast(d, a.shape), unbroadcast(d, b.shape)


class Mul(Op):
    def compute(self, a, b):
        return a * b

    def gradient(self, d, a, b):
        return unbroadcast(d * b, a.shape), unbroadcast(d * a, b.shape)


class Exp(Op):
    def compute(self, a):
        return np.exp(a)

    def gradient(self, d, a):
        return (d * np.exp(a),)


class MatMul(Op):
    def compute(self, a, b):
        return a @ b

    def gradient(self, d, a, b):
        return unbroadcast(d @ b.swapaxes(-1, -2), a.shape), unbroadcast(a.swapaxes(-1, -2) @ d, b.shape)


class Sum(Op):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        return a.sum(axis=self.axes)

    def gradient(self, d, a):
        axes = range(a.ndim) if self.axes is None else [self.axes] if isinstance(self.axes, int) else self.axes
        axes = [i % a.ndim for i in axes]
        return (np.broadcast_to(d.reshape([1 if i in axes else n for i, n in enumerate(a.shape)]), a.shape),)


class Max(Op):
    def __init__(self, axes=None):
        self.axes = axes

    def compute(self, a):
        return a.max(axis=self.axes)

    def gradient(self, d, a):
        m = a.max(axis=self.axes, keepdims=True)
        return (d.reshape(m.shape) * (a == m) / (a == m).sum(axis=self.axes, keepdims=True),)


class Transpose(Op):
    def __init__(self, axes=None):
        self.axes = axes or (-1, -2)

    def compute(self, a):
        return a.swapaxes(*self.axes)

    def gradient(self, d, a):
        return (d.swapaxes(*self.axes),)


class Reshape(Op):
    def __init__(self, to):
        self.to = to

    def compute(self, a):
        return a.reshape(self.to)

    def gradient(self, d, a):
        return (d.reshape(a.shape),)
