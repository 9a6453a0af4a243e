"""A small engine on arrays, made for these tests."""

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
    def __init__(self, *settings):
        self.settings = settings

    def __call__(self, *inputs):
        return Tensor(self.compute(*[i.data for i in inputs]), self, inputs)


def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for i, n in enumerate(shape):
        if n == 1 and g.shape[i] != 1:
            g = g.sum(axis=i, keepdims=True)
    return g


def axes_of(settings, ndim):
    axes = settings[0] if settings and settings[0] is not None else range(ndim)
    return tuple(i % ndim for i in ([axes] if isinstance(axes, int) else axes))


def spread(d, shape, settings):
    return np.broadcast_to(
        d.reshape([1 if i in axes_of(settings, len(shape)) else n for i, n in enumerate(shape)]), shape
    )


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


class Div(Op):
    def compute(self, a, b):
        return a / b

    def gradient(self, d, a, b):
        return unbroadcast(d / b, a.shape), unbroadcast(-d * a / b**2, b.shape)


class Power(Op):
    def compute(self, a):
        return a ** self.settings[0]

    def gradient(self, d, a):
        n = self.settings[0]
        return (d * n * a ** (n - 1),)


class Exp(Op):
    def compute(self, a):
        return np.exp(a)

    def gradient(self, d, a):
        return (d * np.exp(a),)


class Log(Op):
    def compute(self, a):
        return np.log(a)

    def gradient(self, d, a):
        return (d / a,)


class ReLU(Op):
    def compute(self, a):
        return np.maximum(a, 0)

    def gradient(self, d, a):
        return (d * (a > 0),)


class MatMul(Op):
    def compute(self, a, b):
        return a @ b

    def gradient(self, d, a, b):
        return unbroadcast(d @ b.swapaxes(-1, -2), a.shape), unbroadcast(a.swapaxes(-1, -2) @ d, b.shape)


class Sum(Op):
    def compute(self, a):
        return a.sum(axis=axes_of(self.settings, a.ndim))

    def gradient(self, d, a):
        return (spread(d, a.shape, self.settings),)


class Mean(Op):
    def compute(self, a):
        return a.mean(axis=axes_of(self.settings, a.ndim))

    def gradient(self, d, a):
        return (spread(d, a.shape, self.settings) * d.size / a.size,)


class Max(Op):
    def compute(self, a):
        return a.max(axis=axes_of(self.settings, a.ndim))

    def gradient(self, d, a):
        first = a == a.max(axis=axes_of(self.settings, a.ndim), keepdims=True)
        first = first / first.sum(axis=axes_of(self.settings, a.ndim), keepdims=True)
        return (spread(d, a.shape, self.settings) * first,)


class LogSumExp(Op):
    def compute(self, a):
        axes = axes_of(self.settings, a.ndim)
        m = a.max(axis=axes, keepdims=True)
        return np.log(np.exp(a - m).sum(axis=axes)) + m.reshape(np.exp(a - m).sum(axis=axes).shape)

    def gradient(self, d, a):
        axes = axes_of(self.settings, a.ndim)
        e = np.exp(a - a.max(axis=axes, keepdims=True))
        return (spread(d, a.shape, self.settings) * e / e.sum(axis=axes, keepdims=True),)


class Softmax(Op):
    def compute(self, a):
        e = np.exp(a - a.max(axis=self.settings[0], keepdims=True))
        return e / e.sum(axis=self.settings[0], keepdims=True)

    def gradient(self, d, a):
        s = self.compute(a)
        return (s * (d - (d * s).sum(axis=self.settings[0], keepdims=True)),)


class Transpose(Op):
    def compute(self, a):
        return a.swapaxes(*(self.settings[0] if self.settings else (-1, -2)))

    def gradient(self, d, a):
        return (d.swapaxes(*(self.settings[0] if self.settings else (-1, -2))),)


class Permute(Op):
    def compute(self, a):
        return a.transpose(self.settings[0])

    def gradient(self, d, a):
        return (d.transpose(np.argsort(self.settings[0])),)


class Reshape(Op):
    def compute(self, a):
        return a.reshape(self.settings[0])

    def gradient(self, d, a):
        return (d.reshape(a.shape),)


class BroadcastTo(Op):
    def compute(self, a):
        return np.broadcast_to(a, self.settings[0])

    def gradient(self, d, a):
        return (unbroadcast(d, a.shape),)


class Concatenate(Op):
    def compute(self, *arrays):
        return np.concatenate(arrays, axis=self.settings[0])

    def gradient(self, d, *arrays):
        ends = np.cumsum([a.shape[self.settings[0]] for a in arrays])[:-1]
        return tuple(np.split(d, ends, axis=self.settings[0]))
