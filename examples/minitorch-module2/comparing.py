"""The two functions that formulas have no word for: `abs(a - b) < 0.01` is is_close here, and `min` of comparisons is all."""

import numpy as np

OPERATIONS = {
    "sub": lambda x, y: x.is_close(y),
    "abs": lambda x: x,
    "lt": lambda x, y: x if type(y) is float else x < y,
    "min": lambda x, axis=None, keepdims=True: x.all() if axis is None else x.all(axis),
}
WORDS = {
    "first": "from minitorch.tensor import Tensor; from minitorch.tensor_functions import tensor",
    "leaf": "tensor({}, requires_grad=True)",
    "value": "{}.to_numpy()",
    "backward": "{}.backward(tensor({d}))",
    "gradient": "{}.grad.to_numpy()",
}


def leaf(value):
    numbers = np.array(value, dtype=float)
    made = Tensor.make(numbers.ravel().tolist(), numbers.shape or (1,), backend=SimpleBackend)
    made.requires_grad_(True)
    return made


def value(v):
    data = v._tensor
    shape = tuple(int(size) for size in data.shape)
    places = sum(stride * axis for stride, axis in zip(data.strides, np.indices(shape)))
    found = np.array(data._storage, dtype=float)[np.broadcast_to(places, shape)]
    return found.reshape(()) if shape == (1,) else found
