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
        # TODO: a sum of two nodes, or of a node and a number
        raise NotImplementedError("a sum of two nodes, or of a node and a number")

    def __mul__(self, other):
        # TODO: a product of two nodes, or of a node and a number
        raise NotImplementedError("a product of two nodes, or of a node and a number")

    def __truediv__(self, other):
        # TODO: a quotient of two nodes, or of a node and a number
        raise NotImplementedError("a quotient of two nodes, or of a node and a number")

    def __neg__(self):
        # TODO: times -1
        raise NotImplementedError("times -1")

    def __sub__(self, other):
        # TODO: a sum with the other one negated
        raise NotImplementedError("a sum with the other one negated")

    def __radd__(self, other):
        # TODO: other + self
        raise NotImplementedError("other + self")

    def __rmul__(self, other):
        # TODO: other * self
        raise NotImplementedError("other * self")

    def __rsub__(self, other):
        # TODO: other - self
        raise NotImplementedError("other - self")

    def __rtruediv__(self, other):
        # TODO: other / self
        raise NotImplementedError("other / self")


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
        # TODO: the sum
        raise NotImplementedError("the sum")

    def gradient(self, node, output_grad):
        # TODO: both get it as it is
        raise NotImplementedError("both get it as it is")


class AddConstOp(Op):
    def compute(self, node, values):
        # TODO: the sum with the number
        raise NotImplementedError("the sum with the number")

    def gradient(self, node, output_grad):
        # TODO: it goes on as it is
        raise NotImplementedError("it goes on as it is")


class MulOp(Op):
    def compute(self, node, values):
        # TODO: the product
        raise NotImplementedError("the product")

    def gradient(self, node, output_grad):
        # TODO: each gets what the other one makes of it
        raise NotImplementedError("each gets what the other one makes of it")


class MulConstOp(Op):
    def compute(self, node, values):
        # TODO: the product with the number
        raise NotImplementedError("the product with the number")

    def gradient(self, node, output_grad):
        # TODO: times the number
        raise NotImplementedError("times the number")


class DivOp(Op):
    def compute(self, node, values):
        # TODO: the quotient
        raise NotImplementedError("the quotient")

    def gradient(self, node, output_grad):
        # TODO: the numerator and the denominator
        raise NotImplementedError("the numerator and the denominator")


class RDivConstOp(Op):
    def compute(self, node, values):
        # TODO: the number over the node
        raise NotImplementedError("the number over the node")

    def gradient(self, node, output_grad):
        # TODO: the derivative of the reciprocal
        raise NotImplementedError("the derivative of the reciprocal")


class ExpOp(Op):
    def compute(self, node, values):
        # TODO: e to the power of the node
        raise NotImplementedError("e to the power of the node")

    def gradient(self, node, output_grad):
        # TODO: the node itself is its derivative
        raise NotImplementedError("the node itself is its derivative")


class LogOp(Op):
    def compute(self, node, values):
        # TODO: the logarithm
        raise NotImplementedError("the logarithm")

    def gradient(self, node, output_grad):
        # TODO: the reciprocal
        raise NotImplementedError("the reciprocal")


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
        # TODO: every node after all that it is computed from
        raise NotImplementedError("every node after all that it is computed from")


def find_topo_sort(node_list):
    """Return all nodes behind some, each after all that it is computed from."""
    # TODO: depth first, a node once all its inputs are listed
    raise NotImplementedError("depth first, a node once all its inputs are listed")


def gradients(output_node, node_list):
    """Return the gradient of the output by each node of a list, as nodes."""
    # TODO: from the output down, each node once the sum of all that arrives is known
    raise NotImplementedError("from the output down, each node once the sum of all that arrives is known")
