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
        # solution: a sum of two nodes, or of a node and a number
        if isinstance(other, Node):
            return Node(AddOp(), [self, other])
        return Node(AddConstOp(), [self], other)
        # end solution

    def __mul__(self, other):
        # solution: a product of two nodes, or of a node and a number
        if isinstance(other, Node):
            return Node(MulOp(), [self, other])
        return Node(MulConstOp(), [self], other)
        # end solution

    def __truediv__(self, other):
        # solution: a quotient of two nodes, or of a node and a number
        if isinstance(other, Node):
            return Node(DivOp(), [self, other])
        return self * (1 / other)
        # end solution

    def __neg__(self):
        # solution: times -1
        return self * -1
        # end solution

    def __sub__(self, other):
        # solution: a sum with the other one negated
        return self + (-other)
        # end solution

    def __radd__(self, other):
        # solution: other + self
        return self + other
        # end solution

    def __rmul__(self, other):
        # solution: other * self
        return self * other
        # end solution

    def __rsub__(self, other):
        # solution: other - self
        return -self + other
        # end solution

    def __rtruediv__(self, other):
        # solution: other / self
        return Node(RDivConstOp(), [self], other)
        # end solution


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
        # solution: the sum
        return values[0] + values[1]
        # end solution

    def gradient(self, node, output_grad):
        # solution: both get it as it is
        return [output_grad, output_grad]
        # end solution


class AddConstOp(Op):
    def compute(self, node, values):
        # solution: the sum with the number
        return values[0] + node.const
        # end solution

    def gradient(self, node, output_grad):
        # solution: it goes on as it is
        return [output_grad]
        # end solution


class MulOp(Op):
    def compute(self, node, values):
        # solution: the product
        return values[0] * values[1]
        # end solution

    def gradient(self, node, output_grad):
        # solution: each gets what the other one makes of it
        return [output_grad * node.inputs[1], output_grad * node.inputs[0]]
        # end solution


class MulConstOp(Op):
    def compute(self, node, values):
        # solution: the product with the number
        return values[0] * node.const
        # end solution

    def gradient(self, node, output_grad):
        # solution: times the number
        return [output_grad * node.const]
        # end solution


class DivOp(Op):
    def compute(self, node, values):
        # solution: the quotient
        return values[0] / values[1]
        # end solution

    def gradient(self, node, output_grad):
        # solution: the numerator and the denominator
        x, y = node.inputs
        return [output_grad / y, -(output_grad * x) / (y * y)]
        # end solution


class RDivConstOp(Op):
    def compute(self, node, values):
        # solution: the number over the node
        return node.const / values[0]
        # end solution

    def gradient(self, node, output_grad):
        # solution: the derivative of the reciprocal
        (x,) = node.inputs
        return [output_grad * -node.const / (x * x)]
        # end solution


class ExpOp(Op):
    def compute(self, node, values):
        # solution: e to the power of the node
        return np.exp(values[0])
        # end solution

    def gradient(self, node, output_grad):
        # solution: the node itself is its derivative
        return [output_grad * node]
        # end solution


class LogOp(Op):
    def compute(self, node, values):
        # solution: the logarithm
        return np.log(values[0])
        # end solution

    def gradient(self, node, output_grad):
        # solution: the reciprocal
        return [output_grad / node.inputs[0]]
        # end solution


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


def oneslike_op(node):
    """Return 1 in the shape of a node."""
    return Node(OnesLikeOp(), [node])


class Executor:
    """Computes some nodes from what the variables are fed."""

    def __init__(self, eval_node_list):
        self.eval_node_list = eval_node_list

    def run(self, feed_dict):
        # solution: every node after all that it is computed from
        values = dict(feed_dict)
        for node in find_topo_sort(self.eval_node_list):
            if node not in values:
                values[node] = node.op.compute(node, [values[one] for one in node.inputs])
        return [values[node] for node in self.eval_node_list]
        # end solution


def find_topo_sort(node_list):
    """Return all nodes behind some, each after all that it is computed from."""
    # solution: depth first, a node once all its inputs are listed
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
    # end solution


def gradients(output_node, node_list):
    """Return the gradient of the output by each node of a list, as nodes."""
    # solution: from the output down, each node once the sum of all that arrives is known
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
    # end solution
