"""Nodes that hold no number: it is fed to the leaves when an Executor runs. Gradients are nodes as well."""

import numpy as np

RECOGNISED_BY = ["Node", "Executor"]
OPERATIONS = {"exp": lambda x: exp_op(x), "log": lambda x: log_op(x)}
NUMBERS = "constants"
DEPTH = 300
WORDS = {
    "first": "import numpy as np",
    "leaf": 'Variable(name="{}")',
    "value": "Executor([{0}]).run(dict((v, np.array(float(v.name))) for v in find_topo_sort([{0}]) if not v.inputs))[0]",
    "backward": "sent = {} * {d}",
    "gradient": "Executor(gradients(sent, [{}])).run("
    "dict((v, np.array(float(v.name))) for v in find_topo_sort([sent]) if not v.inputs))[0]",
    "order": "find_topo_sort([{}])",
    "sent_name": "output_grad",
}


def leaf(value):
    made = Variable(name=repr(value))
    _fed[made] = np.array(value)
    return made


def value(v):
    return _run([v], _behind(v))[0]


def backward(v, d):
    sent = v * d
    leaves = _behind(sent)
    wanted = list(leaves)
    found = _run(gradients(sent, wanted), leaves)
    _arrived.update(zip(wanted, found))


def gradient(v):
    return _arrived.get(v)


def order(v):
    return find_topo_sort([v])


_fed, _arrived = {}, {}


def _run(nodes, leaves):
    return Executor(nodes).run(feed_dict=dict(leaves))


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
        todo.extend(node.inputs)
    return found
