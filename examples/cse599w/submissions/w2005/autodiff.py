"""A graph of nodes, its gradients as more of the graph, and an executor that feeds it numbers."""

import numpy as np


class Node:
    """Something to compute: an op, its inputs, and a number that the op takes besides."""

    def __init__(self, op=None, inputs=(), const=None, name=""):
        self.op = op
        self.inputs = list(inputs)
        self.const = const
        self.name = name

    def __add__(self, other):
        return Node(AddOp(), [self, other])

    def __mul__(self, other):
        if isinstance(other, Node):
            return Node(MulOp(), [self, other])
        return Node(MulConstOp(), [self], other)

    def __truediv__(self, other):
        if isinstance(other, Node):
            return Node(DivOp(), [self, other])
        return self * (1 / other)

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return Node(RDivConstOp(), [self], other)

    def __pow__(self, other):
        return Node(PowConstOp(), [self], other)


class Op:
    """What a node does: its value from its inputs' values, and its gradients as nodes."""

    def compute(self, node, values):
        raise NotImplementedError

    def gradient(self, node, output_grad):
        raise NotImplementedError


class PlaceholderOp(Op):
    """A variable: its value is fed."""

    def compute(self, node, values):
        assert False, "the value of a variable is fed"

    def gradient(self, node, output_grad):
        return []


class AddOp(Op):
    def compute(self, node, values):
        return values[0] + values[1]

    def gradient(self, node, output_grad):
        return [output_grad, output_grad]


class AddConstOp(Op):
    def compute(self, node, values):
        return values[0] + node.const

    def gradient(self, node, output_grad):
        return [output_grad]


class MulOp(Op):
    def compute(self, node, values):
        return values[0] * values[1]

    def gradient(self, node, output_grad):
        return [output_grad * node.inputs[1], output_grad * node.inputs[0]]


class MulConstOp(Op):
    def compute(self, node, values):
        return values[0] * node.const

    def gradient(self, node, output_grad):
        return [output_grad * node.const]


class DivOp(Op):
    def compute(self, node, values):
        return values[0] / values[1]

    def gradient(self, node, output_grad):
        x, y = node.inputs
        return [output_grad / y, -(output_grad * x) / (y * y)]


class RDivConstOp(Op):
    def compute(self, node, values):
        return node.const / values[0]

    def gradient(self, node, output_grad):
        (x,) = node.inputs
        return [output_grad * -node.const / (x * x)]


class ExpOp(Op):
    def compute(self, node, values):
        return np.exp(values[0])

    def gradient(self, node, output_grad):
        return [output_grad * node]


class LogOp(Op):
    def compute(self, node, values):
        return np.log(values[0])

    def gradient(self, node, output_grad):
        return [output_grad / node.inputs[0]]


class PowConstOp(Op):
    def compute(self, node, values):
        return values[0] ** node.const

    def gradient(self, node, output_grad):
        return [output_grad * node.inputs[0] ** (node.const - 1) * node.const]


class ReluOp(Op):
    def compute(self, node, values):
        return np.maximum(values[0], 0)

    def gradient(self, node, output_grad):
        return [output_grad * Node(ReluGradientOp(), node.inputs)]


class ReluGradientOp(Op):
    def compute(self, node, values):
        return np.where(values[0] > 0, 1.0, 0.0)

    def gradient(self, node, output_grad):
        return [node * 0]


class OnesLikeOp(Op):
    def compute(self, node, values):
        return np.ones(values[0].shape)

    def gradient(self, node, output_grad):
        return [output_grad * 0]


def Variable(name):
    """Return a node that is fed."""
    return Node(PlaceholderOp(), name=name)


def exp_op(node):
    """Return e to the power of a node."""
    return Node(ExpOp(), [node])


def log_op(node):
    """Return the logarithm of a node."""
    return Node(LogOp(), [node])


def relu_op(node):
    """Return a node where it is above 0."""
    return Node(ReluOp(), [node])


def oneslike_op(node):
    """Return 1 in the shape of a node."""
    return Node(OnesLikeOp(), [node])


class Executor:
    """Computes some nodes from what the variables are fed."""

    def __init__(self, eval_node_list):
        self.eval_node_list = eval_node_list

    def run(self, feed_dict):
        values = dict(feed_dict)
        for node in find_topo_sort(self.eval_node_list):
            if node not in values:
                values[node] = node.op.compute(node, [values[one] for one in node.inputs])
        return [values[node] for node in self.eval_node_list]


def find_topo_sort(node_list):
    """Return all nodes behind some, each after all that it is computed from."""
    order, seen = [], set()
    todo = [(node, False) for node in reversed(node_list)]
    while todo:
        node, done = todo.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            todo.append((node, True))
            todo.extend((one, False) for one in reversed(node.inputs))
    return order


def gradients(output_node, node_list):
    """Return the gradient of the output by each node of a list, as nodes."""
    arrived = {output_node: [oneslike_op(output_node)]}
    grads = {}
    for node in reversed(find_topo_sort([output_node])):
        total = arrived[node][0]
        for other in arrived[node][1:]:
            total = total + other
        grads[node] = total
        for one, share in zip(node.inputs, node.op.gradient(node, total)):
            arrived.setdefault(one, []).append(share)
    return [grads[node] for node in node_list]
