"""needle's: a `Tensor` holds an array, an op has `compute` and `gradient`, and `backward(out_grad)` fills in `grad`.

Operations are called by the classes of the ops, so that a function which merely makes one is no matter.
"""

import numpy as np

RECOGNISED_BY = ["ops.ops_mathematic.MatMul"]
OPERATIONS = {
    "neg": lambda a: Negate()(a),
    "div": lambda a, b: EWiseDiv()(a, b) if isinstance(b, Tensor) else DivScalar(b)(a),
    "pow": lambda a, b: EWisePow()(a, b) if isinstance(b, Tensor) else PowerScalar(b)(a),
    "matmul": lambda a, b: MatMul()(a, b),
    "log": lambda a: Log()(a),
    "exp": lambda a: Exp()(a),
    "relu": lambda a: ReLU()(a),
    "sum": lambda a, *axes: Summation(*axes)(a),
    "reshape": lambda a, shape: Reshape(shape)(a),
    "broadcast_to": lambda a, shape: BroadcastTo(shape)(a),
    "transpose": lambda a, *axes: Transpose(*axes)(a),
}
AGAIN = "resets"
DEPTH = 300
NUMBERS = "constants"
WORDS = {
    "first": "import numpy as np; import needle as ndl",
    "leaf": "ndl.Tensor(np.array({}))",
    "value": "{}.numpy()",
    "backward": "{}.backward(ndl.Tensor(np.array({d})))",
    "gradient": "{}.grad.numpy()",
    "order": "ndl.autograd.find_topo_sort([{}])",
    "sent_name": "out_grad",
}
SHOWN = {
    "log": "ndl.log",
    "exp": "ndl.exp",
    "relu": "ndl.relu",
    "sum": "ndl.summation",
    "reshape": "ndl.reshape",
    "broadcast_to": "ndl.broadcast_to",
    "transpose": "ndl.transpose",
}


def leaf(value):
    return Tensor.make_const(np.asarray(value, "float64"), requires_grad=True)


def value(v):
    return v.numpy()


def backward(v, d):
    v.backward(Tensor.make_const(np.asarray(d, "float64")))


def gradient(v):
    arrived = getattr(v, "grad", None)
    if arrived is not None and not isinstance(arrived, Tensor):
        raise TypeError(f"an op's gradient returned {type(arrived).__name__}, and should return a Tensor per input")
    return None if arrived is None else arrived.numpy()


def order(v):
    return find_topo_sort([v])
