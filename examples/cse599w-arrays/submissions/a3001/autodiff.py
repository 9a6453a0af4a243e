"""A graph of nodes, its gradients as more of the graph, and an executor that feeds it arrays."""

import numpy as np


class Node:
    """Something to compute: an op, its inputs, and a number that the op takes besides."""

    def __init__(self):
        self.inputs = []
        self.op = None
        self.const_attr = None
        self.name = ""

    def __add__(self, other):
        # TODO: a sum of two nodes, or of a node and a number
        raise NotImplementedError("to do")

    def __mul__(self, other):
        # TODO: a product of two nodes, or of a node and a number
        raise NotImplementedError("to do")

    def __radd__(self, other):
        # TODO: other + self
        raise NotImplementedError("to do")

    def __rmul__(self, other):
        # TODO: other * self
        raise NotImplementedError("to do")

    def __neg__(self):
        # TODO: times -1
        raise NotImplementedError("to do")

    def __sub__(self, other):
        # TODO: a sum with the other one negated
        raise NotImplementedError("to do")

    def __rsub__(self, other):
        # TODO: other - self
        raise NotImplementedError("to do")

    def __truediv__(self, other):
        # TODO: a quotient of two nodes, or of a node and a number
        raise NotImplementedError("to do")

    def __rtruediv__(self, other):
        # TODO: other / self
        raise NotImplementedError("to do")

    def __pow__(self, other):
        # TODO: a power with a number for exponent
        raise NotImplementedError("to do")

    def __repr__(self):
        return self.name


class Op:
    """What a node does: its value from its inputs' values, and its gradients as nodes."""

    def __call__(self, *inputs):
        """Return a node of this op."""
        node = Node()
        node.op = self
        node.inputs = list(inputs)
        node.name = type(self).__name__
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
        # TODO: the sum
        raise NotImplementedError("to do")

    def gradient(self, node, output_grad):
        # TODO: both get it as it is
        raise NotImplementedError("to do")


class AddByConstOp(ByConstOp):
    def compute(self, node, input_vals):
        # TODO: the sum with the number
        raise NotImplementedError("to do")

    def gradient(self, node, output_grad):
        # TODO: it goes on as it is
        raise NotImplementedError("to do")


class MulOp(Op):
    def compute(self, node, input_vals):
        # TODO: the product
        raise NotImplementedError("to do")

    def gradient(self, node, output_grad):
        # TODO: each gets what the other one makes of it
        raise NotImplementedError("to do")


class MulByConstOp(ByConstOp):
    def compute(self, node, input_vals):
        # TODO: the product with the number
        raise NotImplementedError("to do")

    def gradient(self, node, output_grad):
        # TODO: times the number
        raise NotImplementedError("to do")


class DivOp(Op):
    def compute(self, node, input_vals):
        # TODO: the quotient
        raise NotImplementedError("to do")

    def gradient(self, node, output_grad):
        # TODO: the numerator and the denominator
        raise NotImplementedError("to do")


class RDivByConstOp(ByConstOp):
    def compute(self, node, input_vals):
        # TODO: the number over the node
        raise NotImplementedError("to do")

    def gradient(self, node, output_grad):
        # TODO: the derivative of the reciprocal
        raise NotImplementedError("to do")


class PowByConstOp(ByConstOp):
    def compute(self, node, input_vals):
        # TODO: the power
        raise NotImplementedError("to do")

    def gradient(self, node, output_grad):
        # TODO: the exponent comes down, and is lowered by one
        raise NotImplementedError("to do")


class ExpOp(Op):
    def compute(self, node, input_vals):
        # TODO: e to the power of the node
        raise NotImplementedError("to do")

    def gradient(self, node, output_grad):
        # TODO: the node itself is its derivative
        raise NotImplementedError("to do")


class LogOp(Op):
    def compute(self, node, input_vals):
        # TODO: the logarithm
        raise NotImplementedError("to do")

    def gradient(self, node, output_grad):
        # TODO: over the input
        raise NotImplementedError("to do")


class ReluOp(Op):
    def compute(self, node, input_vals):
        # TODO: the number where it is above 0
        raise NotImplementedError("to do")

    def gradient(self, node, output_grad):
        # TODO: it goes on where the input is above 0
        raise NotImplementedError("to do")


class StepOp(Op):
    """1 where a number is above 0, and 0 elsewhere: what a ReLU's gradient is multiplied by."""

    def compute(self, node, input_vals):
        # TODO: 1 where it is above 0
        raise NotImplementedError("to do")

    def gradient(self, node, output_grad):
        return [zeroslike_op(node.inputs[0])]


class MatMulOp(Op):
    """The product of two matrices, each of them transposed where that is said."""

    def __call__(self, node_A, node_B, trans_A=False, trans_B=False):
        made = Op.__call__(self, node_A, node_B)
        made.matmul_attr_trans_A, made.matmul_attr_trans_B = trans_A, trans_B
        return made

    def compute(self, node, input_vals):
        # TODO: transposed first, where that is said
        raise NotImplementedError("to do")

    def gradient(self, node, output_grad):
        # TODO: of Y = AB, dA = dY Bᵀ and dB = Aᵀ dY
        raise NotImplementedError("to do")


class ReduceSumAxisZeroOp(Op):
    """The sum over the first axis, which is gone."""

    def compute(self, node, input_vals):
        # TODO: the sum over the first axis
        raise NotImplementedError("to do")

    def gradient(self, node, output_grad):
        # TODO: along the first axis all get the same
        raise NotImplementedError("to do")


class BroadcastToOp(Op):
    """The first node, repeated along a new first axis until it has the shape of the second."""

    def compute(self, node, input_vals):
        # TODO: the shape of the second
        raise NotImplementedError("to do")

    def gradient(self, node, output_grad):
        # TODO: what was repeated is summed, and the second gives its shape alone
        raise NotImplementedError("to do")


class PlaceholderOp(Op):
    """A variable: its value is fed."""

    def compute(self, node, input_vals):
        raise AssertionError("the value of a variable is fed")

    def gradient(self, node, output_grad):
        return []


class ZerosLikeOp(Op):
    """0 in the shape of a node."""

    def compute(self, node, input_vals):
        return np.zeros(input_vals[0].shape)

    def gradient(self, node, output_grad):
        return [zeroslike_op(node.inputs[0])]


class OnesLikeOp(Op):
    """1 in the shape of a node."""

    def compute(self, node, input_vals):
        return np.ones(input_vals[0].shape)

    def gradient(self, node, output_grad):
        return [zeroslike_op(node.inputs[0])]


add_op = AddOp()
add_byconst_op = AddByConstOp()
mul_op = MulOp()
mul_byconst_op = MulByConstOp()
div_op = DivOp()
rdiv_byconst_op = RDivByConstOp()
pow_byconst_op = PowByConstOp()
exp_op = ExpOp()
log_op = LogOp()
relu_op = ReluOp()
step_op = StepOp()
matmul_op = MatMulOp()
reducesumaxiszero_op = ReduceSumAxisZeroOp()
broadcastto_op = BroadcastToOp()
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
        # TODO: every node after all that it is computed from
        raise NotImplementedError("to do")


def find_topo_sort(node_list):
    """Return all nodes behind some, each after all that it is computed from."""
    # TODO: depth first, a node once all its inputs are listed
    raise NotImplementedError("to do")


def gradients(output_node, node_list):
    """Return the gradient of the output by each node of a list, as nodes."""
    # TODO: from the output down, each node once the sum of all that arrives is known
    raise NotImplementedError("to do")
