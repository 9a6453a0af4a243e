import random

from micrograd.engine import Value


class Neuron:
    def __init__(self, count, nonlin=True):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(count)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
        return act.relu() if self.nonlin else act

    def parameters(self):
        return self.w + [self.b]


class MLP:
    def __init__(self, *sizes):
        self.layers = [
            [Neuron(before, nonlin=i < len(sizes) - 2) for _ in range(after)]
            for i, (before, after) in enumerate(zip(sizes, sizes[1:]))
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for neuron in layer for p in neuron.parameters()]
