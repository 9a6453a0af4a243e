import numpy as np
OPERATIONS = {"sum": lambda x, axes=None: Sum(axes)(x), "matmul": lambda a, b: MatMul()(a, b), "exp": lambda a: Exp()(a), "transpose": lambda a, axes=None: Transpose(axes)(a), "max": lambda a, axes=None: Max(axes)(a), "add": lambda a, b: Add()(a, b), "mul": lambda a, b: Mul()(a, b), "reshape": lambda a, to: Reshape(to)(a)}
SHOWN = {"sum": "summation"}
WORDS = {"first": "import numpy as np", "leaf": "Tensor(np.array({}))", "backward": "{}.backward(np.array({d}))", "gradient": "{}.grad", "sent_name": "out_grad"}


def leaf(value):
    return Tensor(value)


def value(v):
    return v.data


def backward(v, d):
    v.backward(d)


def gradient(v):
    return v.grad
