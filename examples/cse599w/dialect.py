"""Nodes that hold no number: it is fed to the leaves when an Executor runs. Gradients are nodes as well.

Fed are arrays of one number. Arrays without axes will not do: what is computed of them is no array, and the course's
own ops ask for one. Only functions of `math` take nothing but those, so they are fed second.
"""

import numpy as np

RECOGNISED_BY = ["Node", "Executor"]
OPERATIONS = {"neg": lambda x: x * -1}  # in graphs, which need one: the first homework has no minus
NUMBERS = "constants"
DEPTH = 300
WORDS = {
    "first": "import numpy as np; from assignment1.autodiff import *",
    "leaf": 'Variable(name="{}")',
    "value": "Executor([{0}]).run(dict((v, np.array([float(v.name)])) for v in find_topo_sort([{0}]) if not v.inputs))[0]",
    "backward": "sent = {} * {d}",
    "gradient": "Executor(gradients(sent, [{}])).run("
    "dict((v, np.array([float(v.name)])) for v in find_topo_sort([sent]) if not v.inputs))[0]",
    "order": "find_topo_sort([{}])",
    "sent_name": "output_grad",
}


def leaf(value):
    made = Variable(name=repr(value))
    _fed[made] = value
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
    try:
        found = Executor(nodes).run({node: np.array([number]) for node, number in leaves.items()})
    except TypeError:
        found = Executor(nodes).run({node: np.array(number) for node, number in leaves.items()})
    return [_number(one) for one in found]


def _number(found):
    return found.item() if isinstance(found, np.ndarray) and found.size == 1 else found


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
