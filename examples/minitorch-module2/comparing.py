"""Formulas for the two functions that the language has no word for.

`abs(a - b) < 1.03` asks is_close of a / 103 and b / 103, since that says whether two numbers differ by less than 0.01.
`mean(a < b, axis, True) == 1` asks all of a < b. What has the shape (1,) is a number here.
"""

import numpy as np

OPERATIONS = {
    "sub": lambda x, y: _made_of(x - y, x, y),
    "abs": lambda x: _made_of(x.relu() + (-x).relu(), *getattr(x, "made_of", ())),
    "lt": lambda x, y: x < y if hasattr(y, "shape") else _are_close(*x.made_of, 0.01 / y),
    "mean": lambda x, *axis: _made_of(x.mean(*axis[:1]), x, *axis[:1]),
    "eq": lambda x, y: x == y if hasattr(y, "shape") else x.made_of[0].all(*x.made_of[1:]),
}
WORDS = {
    "first": "from minitorch.tensor_functions import tensor",
    "leaf": "tensor({}, requires_grad=True)",
    "value": "{}.to_numpy()",
    "backward": "{}.backward(tensor({d}))",
    "gradient": "{}.grad.to_numpy()",
}


def leaf(value):
    made = _tensor(np.array(value, dtype=float))
    made.requires_grad_(True)
    return made


def value(v):
    return _numbers(v)


def backward(v, d):
    v.backward(_tensor(np.array(d, dtype=float)))


def gradient(v):
    return None if v.grad is None else _numbers(v.grad)


def _made_of(made, *parts):
    made.made_of = parts
    return made


def _are_close(x, y, scale):
    return (x * scale).is_close(y * scale)


def _tensor(numbers):
    return Tensor.make(numbers.ravel().tolist(), numbers.shape or (1,), backend=zeros((1,)).backend)


def _numbers(v):
    data = v._tensor
    shape = tuple(int(size) for size in data.shape)
    places = sum(stride * axis for stride, axis in zip(data.strides, np.indices(shape)))
    found = np.array(data._storage, dtype=float)[np.broadcast_to(places, shape)]
    return found.reshape(()) if shape == (1,) else found
