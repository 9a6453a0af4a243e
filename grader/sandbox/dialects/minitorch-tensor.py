"""MiniTorch's tensors, from Module 2 on: `tensor(…)`, `.grad`, `backward(d)`. A number is a tensor of the shape (1,).

A value is read from the storage by its strides, so that what is judged is what a tensor holds, not how it copies. A
`reshape` is a `view` of what `contiguous` gives, as `view` asks for.
"""

import numpy as np

RECOGNISED_BY = ["tensor_ops.SimpleBackend", "tensor_functions.Function"]
OPERATIONS = {
    "log": "log",
    "exp": "exp",
    "sigmoid": "sigmoid",
    "relu": "relu",
    "sum": lambda x, axis=None, keepdims=True: x.sum() if axis is None else x.sum(axis),
    "mean": lambda x, axis=None, keepdims=True: x.mean() if axis is None else x.mean(axis),
    "permute": lambda x, order: x.permute(*order),
    "reshape": lambda x, shape: x.contiguous().view(*shape),
    "pow": None,
    "sqrt": None,
    "sin": None,
    "cos": None,
    "tan": None,
    "tanh": None,
    "abs": None,
    "min": None,
    "max": None,
    "where": None,
    "le": None,
    "ge": None,
    "ne": None,
    "matmul": None,
    "logsumexp": None,
    "softmax": None,
    "broadcast_to": None,
    "transpose": None,
    "concatenate": None,
    "stack": None,
    "maximum": None,
    "minimum": None,
}
AGAIN = "accumulates"
DEPTH = 900
NUMBERS = "constants"
SHOWN = {"sum": ".sum", "mean": ".mean", "permute": ".permute", "reshape": ".view"}
WORDS = {
    "first": "from minitorch.tensor import Tensor; from minitorch.tensor_functions import tensor",
    "leaf": "tensor({}, requires_grad=True)",
    "value": "{}.to_numpy()",
    "backward": "{}.backward(tensor({d}))",
    "gradient": "{}.grad.to_numpy()",
    "sent_name": "grad_output",
}


def leaf(value):
    numbers = np.array(value, dtype=float)
    made = _tensor(numbers)
    made.requires_grad_(True)
    return made


def value(v):
    return _numbers(v)


def backward(v, d):
    v.backward(_tensor(np.array(d, dtype=float)))


def gradient(v):
    return None if v.grad is None else _numbers(v.grad)


def _tensor(numbers):
    return Tensor.make(numbers.ravel().tolist(), numbers.shape or (1,), backend=zeros((1,)).backend)


def _numbers(v):
    data = v._tensor
    shape = tuple(int(size) for size in data.shape)
    places = sum(stride * axis for stride, axis in zip(data.strides, np.indices(shape)))
    found = np.array(data._storage, dtype=float)[np.broadcast_to(places, shape)]
    return found.reshape(()) if shape == (1,) else found
