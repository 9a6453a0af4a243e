"""Nodes that hold no array: it is fed to the leaves when an Executor runs. Gradients are nodes as well.

A number is fed as an array with one entry, since an array without axes is none any more once something is computed of
it. What is sent back is fed as well: the output times a leaf of its own.
"""

import numpy as np

RECOGNISED_BY = ["Node", "Executor", "MatMulOp"]
OPERATIONS = {
    "neg": lambda x: x * -1,
    "exp": lambda x: exp_op(x),
    "log": lambda x: log_op(x),
    "relu": lambda x: relu_op(x),
    "matmul": lambda a, b: matmul_op(a, b),
    "sum": lambda a, axis, keepdims=False: reducesumaxiszero_op(a),
    "broadcast_to": lambda a, shape: broadcastto_op(a, _fed_with(np.zeros(shape))),
}
NUMBERS = "constants"
DEPTH = 300
SHOWN = {
    "exp": "exp_op",
    "log": "log_op",
    "relu": "relu_op",
    "matmul": "matmul_op",
    "sum": "reducesumaxiszero_op({0})",
    "broadcast_to": "broadcastto_op({0}, Variable(name=str(np.zeros({1}).tolist())))",
}
WORDS = {
    "first": "import numpy as np; from assignment1.autodiff import *",
    "leaf": 'Variable(name="{}")',
    "value": "Executor([{0}]).run("
    "dict((v, np.array(eval(v.name), ndmin=1)) for v in find_topo_sort([{0}]) if not v.inputs))[0]",
    "backward": 'sent = {} * Variable(name="{d}")',
    "gradient": "Executor(gradients(sent, [{}])).run("
    "dict((v, np.array(eval(v.name), ndmin=1)) for v in find_topo_sort([sent]) if not v.inputs))[0]",
    "order": "find_topo_sort([{}])",
    "sent_name": "output_grad",
}


def leaf(value):
    return _fed_with(np.array(value, dtype=float), np.ndim(value) == 0)


def value(v):
    leaves = _behind(v)
    return _as_given(_run([v], leaves)[0], leaves)


def backward(v, d):
    sent = v * (_fed_with(np.array(d)) if np.ndim(d) else float(d))
    leaves = _behind(sent)
    wanted = list(leaves)
    found = _run(gradients(sent, wanted), leaves)
    _arrived.update((node, _as_given(one, {node: None})) for node, one in zip(wanted, found))


def gradient(v):
    return _arrived.get(v)


def order(v):
    return find_topo_sort([v])


_fed, _numbers, _arrived = {}, set(), {}


def _fed_with(array, is_number=False):
    made = Variable(name=repr(array.tolist()))
    _fed[made] = array.reshape(1) if is_number else array
    if is_number:
        _numbers.add(made)
    return made


def _run(nodes, leaves):
    return Executor(nodes).run(dict(leaves))


def _as_given(found, leaves):
    """Return an array with one entry as a number, where nothing but numbers was fed."""
    alone = isinstance(found, np.ndarray) and found.size == 1 and all(node in _numbers for node in leaves)
    return found.item() if alone else found


def _behind(v):
    """Return the leaves that a node is computed from, with what is fed to them."""
    found, seen, todo = {}, set(), [v]
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node in _fed:
            found[node] = _fed[node]
        todo.extend(getattr(node, "inputs", ()))  # a number among them is for the student's own code to meet
    return found
