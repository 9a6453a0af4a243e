"""MiniTorch's tensors, from Module 2 on: `tensor(…)`, `.grad`, `backward(d)`.

A number is a tensor of the shape (1,). Which of the two it stands for is noted where it is made. A value is read from
the storage by its strides, so that what is judged is what a tensor holds, not how it copies. A `reshape` is a `view` of
what `contiguous` gives, as `view` asks for.
"""

import numpy as np

RECOGNISED_BY = ["tensor_ops.SimpleBackend", "tensor_functions.Function"]
OPERATIONS = {
    "log": "log",
    "exp": "exp",
    "sigmoid": "sigmoid",
    "relu": "relu",
    "sum": lambda x, axis=None, keepdims=True: _number(x.sum()) if axis is None else x.sum(axis),
    "mean": lambda x, axis=None, keepdims=True: _number(x.mean()) if axis is None else x.mean(axis),
    "permute": lambda x, order: x.permute(*order),
    "reshape": lambda x, shape: _number(x.contiguous().view(*shape), shape == ()),
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
SHOWN = {
    "sum": "{0}.sum({1})",
    "mean": "{0}.mean({1})",
    "permute": "{0}.permute(*{1})",
    "reshape": "{0}.contiguous().view(*{1})",
}
WORDS = {
    "first": "from minitorch.tensor_functions import tensor",
    "leaf": "tensor({}, requires_grad=True)",
    "value": "{}.to_numpy()",
    "backward": "{}.backward(tensor({d}))",
    "gradient": "{}.grad.to_numpy()",
    "sent_name": "grad_output",
}


def leaf(value):
    numbers = np.array(value, dtype=float)
    made = _number(_tensor(numbers), numbers.shape == ())
    made.requires_grad_(True)
    return made


def value(v):
    found = _numbers(v)
    return found.reshape(()) if found.shape == (1,) and _is_number(v) else found


def backward(v, d):
    v.backward(_tensor(np.array(d, dtype=float)))


def gradient(v):
    found = None if v.grad is None else _numbers(v.grad)
    return found.reshape(()) if found is not None and found.shape == (1,) and _is_number(v) else found


def _tensor(numbers):
    return Tensor.make(numbers.ravel().tolist(), numbers.shape or (1,), backend=zeros((1,)).backend)


def _numbers(v):
    data = v._tensor
    shape = tuple(int(size) for size in data.shape)
    places = sum(stride * axis for stride, axis in zip(data.strides, np.indices(shape)))
    return np.array(data._storage, dtype=float)[np.broadcast_to(places, shape)]


def _number(v, is_number=True):
    """Note whether a tensor of the shape (1,) stands for a number, or for an array with one entry."""
    v.stands_for_a_number = is_number
    return v


def _is_number(v):
    """Say so of a tensor that is computed of numbers alone."""
    seen, todo = set(), [v]
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        noted = getattr(node, "stands_for_a_number", None)
        if noted is False:
            return False
        if noted is None:
            todo.extend(getattr(node.history, "inputs", None) or ())
    return True
