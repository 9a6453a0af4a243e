"""A graph of nodes, its gradients as more of the graph, and an executor that feeds it numbers."""

import numpy as np


class Node:
    """Something to compute: an op, its inputs, and a number that the op takes besides."""

    def __init__(self):
        self.inputs = []
        self.op = None
        self.const_attr = None
        self.name = ""

    def __add__(self, other):
        if isinstance(other, Node):
            return add_op(self, other)
        return add_byconst_op(self, other)

    def __mul__(self, other):
        if isinstance(other, Node):
            return mul_op(self, other)
        return mul_byconst_op(self, other)

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __repr__(self):
        return self.name


class Op:
    """What a node does: its value from its inputs' values, and its gradients as nodes."""

    def __call__(self, *inputs):
        """Return a node of this op."""
        node = Node()
        node.op = self
        node.inputs = list(inputs)
        node.name = "(%s %s)" % (type(self).__name__, " ".join(one.name for one in inputs))
        return node

    def compute(self, node, input_vals):
        raise NotImplementedError

    def gradient(self, node, output_grad):
        raise NotImplementedError


class ByConstOp(Op):
    """An op of a node and a number."""

    def __call__(self, node, const):
        made = Op.__call__(self, node)
        made.const_attr = const
        return made


class AddOp(Op):
    def compute(self, node, input_vals):
        return input_vals[0] + input_vals[1]

    def gradient(self, node, output_grad):
        return [output_grad, output_grad]


class AddByConstOp(ByConstOp):
    def compute(self, node, input_vals):
        return input_vals[0] + node.const_attr

    def gradient(self, node, output_grad):
        return [output_grad]


class MulOp(Op):
    def compute(self, node, input_vals):
        return input_vals[0] * input_vals[1]

    def gradient(self, node, output_grad):
        return [output_grad * node.inputs[1], output_grad * node.inputs[0]]


class MulByConstOp(ByConstOp):
    def compute(self, node, input_vals):
        return input_vals[0] * node.const_attr

    def gradient(self, node, output_grad):
        return [output_grad * node.const_attr]


class PlaceholderOp(Op):
    """A variable: its value is fed."""

    def compute(self, node, input_vals):
        raise AssertionError("the value of a variable is fed")

    def gradient(self, node, output_grad):
        return []


class ZerosLikeOp(Op):
    """0 in the shape of a node."""

    def compute(self, node, input_vals):
        assert isinstance(input_vals[0], np.ndarray)
        return np.zeros(input_vals[0].shape)

    def gradient(self, node, output_grad):
        return [zeroslike_op(node.inputs[0])]


class OnesLikeOp(Op):
    """1 in the shape of a node."""

    def compute(self, node, input_vals):
        assert isinstance(input_vals[0], np.ndarray)
        return np.ones(input_vals[0].shape)

    def gradient(self, node, output_grad):
        return [zeroslike_op(node.inputs[0])]


add_op = AddOp()
add_byconst_op = AddByConstOp()
mul_op = MulOp()
mul_byconst_op = MulByConstOp()
placeholder_op = PlaceholderOp()
zeroslike_op = ZerosLikeOp()
oneslike_op = OnesLikeOp()


def Variable(name):
    """Return a node that is fed."""
    node = placeholder_op()
    node.name = name
    return node


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
