"""The dialect of the small engine in reference/ops.py."""

OPERATIONS = {
    "add": lambda a, b: Add()(a, b),
    "mul": lambda a, b: Mul()(a, b),
    "div": lambda a, b: Div()(a, b),
    "pow": lambda a, n: Power(n)(a),
    "exp": lambda a: Exp()(a),
    "log": lambda a: Log()(a),
    "relu": lambda a: ReLU()(a),
    "matmul": lambda a, b: MatMul()(a, b),
    "sum": lambda a, *axes: Sum(*axes)(a),
    "mean": lambda a, *axes: Mean(*axes)(a),
    "max": lambda a, *axes: Max(*axes)(a),
    "logsumexp": lambda a, *axes: LogSumExp(*axes)(a),
    "softmax": lambda a, axis: Softmax(axis)(a),
    "transpose": lambda a, *axes: Transpose(*axes)(a),
    "permute": lambda a, order: Permute(order)(a),
    "reshape": lambda a, to: Reshape(to)(a),
    "broadcast_to": lambda a, to: BroadcastTo(to)(a),
    "concatenate": lambda arrays, axis: Concatenate(axis)(*arrays),
}
WORDS = {
    "first": "import numpy as np; from toy.ops import Tensor",
    "leaf": "Tensor(np.array({}))",
    "backward": "{}.backward(np.array({d}))",
    "gradient": "{}.grad",
    "sent_name": "out_grad",
}


def leaf(value):
    return Tensor(value)


def value(v):
    return v.data


def backward(v, d):
    v.backward(d)


def gradient(v):
    return v.grad
