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

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        if isinstance(other, Node):
            return div_op(self, other)
        return self * (1 / other)

    def __rtruediv__(self, other):
        return rdiv_byconst_op(self, other)

    def __pow__(self, other):
        return pow_byconst_op(self, other)

    def __repr__(self):
        return self.name


class Op(object):
    """Operations on nodes."""

    def __call__(self):
        new_node = Node()
        new_node.op = self
        return new_node

    def compute(self, node, input_vals):
        raise NotImplementedError

    def gradient(self, node, output_grad):
        raise NotImplementedError


class ByConstOp(Op):
    def __call__(self, node, const):
        made = Op.__call__(self)
        made.inputs = [node]
        made.const_attr = const
        return made


class AddOp(Op):
    def __call__(self, node_A, node_B):
        new_node = Op.__call__(self)
        new_node.inputs = [node_A, node_B]
        new_node.name = "(%s+%s)" % (node_A.name, node_B.name)
        return new_node

    def compute(self, node, input_vals):
        assert len(input_vals) == 2
        return input_vals[0] + input_vals[1]

    def gradient(self, node, output_grad):
        return [output_grad, output_grad]


class AddByConstOp(Op):
    def __call__(self, node_A, const_val):
        new_node = Op.__call__(self)
        new_node.const_attr = const_val
        new_node.inputs = [node_A]
        new_node.name = "(%s+%s)" % (node_A.name, str(const_val))
        return new_node

    def compute(self, node, input_vals):
        assert len(input_vals) == 1
        return input_vals[0] + node.const_attr

    def gradient(self, node, output_grad):
        return [output_grad]


class MulOp(Op):
    def __call__(self, node_A, node_B):
        new_node = Op.__call__(self)
        new_node.inputs = [node_A, node_B]
        new_node.name = "(%s*%s)" % (node_A.name, node_B.name)
        return new_node

    def compute(self, node, input_vals):
        assert len(input_vals) == 2
        return input_vals[0] * input_vals[1]

    def gradient(self, node, output_grad):
        return [output_grad * node.inputs[1], output_grad * node.inputs[0]]


class MulByConstOp(Op):
    def __call__(self, node_A, const_val):
        new_node = Op.__call__(self)
        new_node.const_attr = const_val
        new_node.inputs = [node_A]
        new_node.name = "(%s*%s)" % (node_A.name, str(const_val))
        return new_node

    def compute(self, node, input_vals):
        assert len(input_vals) == 1
        return input_vals[0] * node.const_attr

    def gradient(self, node, output_grad):
        return [node.const_attr * output_grad]


class DivOp(Op):
    def __call__(self, node_A, node_B):
        new_node = Op.__call__(self)
        new_node.inputs = [node_A, node_B]
        return new_node

    def compute(self, node, input_vals):
        return input_vals[0] / input_vals[1]

    def gradient(self, node, output_grad):
        x, y = node.inputs
        return [output_grad / y, -(output_grad * x) / (y * y)]


class RDivByConstOp(ByConstOp):
    def compute(self, node, input_vals):
        return node.const_attr / input_vals[0]

    def gradient(self, node, output_grad):
        (x,) = node.inputs
        return [output_grad * -node.const_attr / (x * x)]


class PowByConstOp(ByConstOp):
    def compute(self, node, input_vals):
        return input_vals[0] ** node.const_attr

    def gradient(self, node, output_grad):
        (x,) = node.inputs
        return [output_grad * pow_byconst_op(x, node.const_attr - 1) * node.const_attr]


class ExpOp(Op):
    def __call__(self, node_A):
        new_node = Op.__call__(self)
        new_node.inputs = [node_A]
        new_node.name = "exp(%s)" % node_A.name
        return new_node

    def compute(self, node, input_vals):
        assert isinstance(input_vals[0], np.ndarray)
        return np.exp(input_vals[0])

    def gradient(self, node, output_grad):
        return [output_grad * exp_op(node.inputs[0])]


class LogOp(Op):
    def __call__(self, node_A):
        new_node = Op.__call__(self)
        new_node.inputs = [node_A]
        new_node.name = "log(%s)" % node_A.name
        return new_node

    def compute(self, node, input_vals):
        assert isinstance(input_vals[0], np.ndarray)
        return np.log(input_vals[0])

    def gradient(self, node, output_grad):
        return [output_grad / node.inputs[0]]


class ReluOp(Op):
    def __call__(self, node_A):
        new_node = Op.__call__(self)
        new_node.inputs = [node_A]
        new_node.name = "relu(%s)" % node_A.name
        return new_node

    def compute(self, node, input_vals):
        assert isinstance(input_vals[0], np.ndarray)
        return np.maximum(input_vals[0], 0)

    def gradient(self, node, output_grad):
        return [output_grad * step_op(node.inputs[0])]


class StepOp(Op):
    def __call__(self, node_A):
        new_node = Op.__call__(self)
        new_node.inputs = [node_A]
        new_node.name = "step(%s)" % node_A.name
        return new_node

    def compute(self, node, input_vals):
        assert isinstance(input_vals[0], np.ndarray)
        return (input_vals[0] > 0).astype(float)

    def gradient(self, node, output_grad):
        return [zeroslike_op(node.inputs[0])]


class MatMulOp(Op):
    def __call__(self, node_A, node_B, trans_A=False, trans_B=False):
        new_node = Op.__call__(self)
        new_node.matmul_attr_trans_A = trans_A
        new_node.matmul_attr_trans_B = trans_B
        new_node.inputs = [node_A, node_B]
        new_node.name = "MatMul(%s,%s,%s,%s)" % (node_A.name, node_B.name, str(trans_A), str(trans_B))
        return new_node

    def compute(self, node, input_vals):
        assert isinstance(input_vals[0], np.ndarray)
        return np.matmul(
            input_vals[0].T if node.matmul_attr_trans_A else input_vals[0],
            input_vals[1].T if node.matmul_attr_trans_B else input_vals[1],
        )

    def gradient(self, node, output_grad):
        return [
            matmul_op(output_grad, node.inputs[1], trans_B=True),
            matmul_op(node.inputs[0], output_grad, trans_A=True),
        ]


class ReduceSumAxisZeroOp(Op):
    def __call__(self, node_A):
        new_node = Op.__call__(self)
        new_node.inputs = [node_A]
        new_node.name = "ReduceSumAxisZero(%s)" % node_A.name
        return new_node

    def compute(self, node, input_vals):
        assert isinstance(input_vals[0], np.ndarray)
        return np.sum(input_vals[0], axis=0)

    def gradient(self, node, output_grad):
        return [broadcastto_op(output_grad, node.inputs[0])]


class BroadcastToOp(Op):
    def __call__(self, node_A, node_B):
        new_node = Op.__call__(self)
        new_node.inputs = [node_A, node_B]
        new_node.name = "BroadcastTo(%s,%s.shape)" % (node_A.name, node_B.name)
        return new_node

    def compute(self, node, input_vals):
        assert len(input_vals) == 2
        return np.broadcast_to(input_vals[0], input_vals[1].shape)

    def gradient(self, node, output_grad):
        grad_A = reducesumaxiszero_op(output_grad)
        grad_B = zeroslike_op(node.inputs[1])
        return [grad_A, grad_B]


class PlaceholderOp(Op):
    """A variable: its value is fed."""

    def compute(self, node, input_vals):
        raise AssertionError("the value of a variable is fed")

    def gradient(self, node, output_grad):
        return []


class ZerosLikeOp(Op):
    def __call__(self, node_A):
        new_node = Op.__call__(self)
        new_node.inputs = [node_A]
        new_node.name = "Zeroslike(%s)" % node_A.name
        return new_node

    def compute(self, node, input_vals):
        assert isinstance(input_vals[0], np.ndarray)
        return np.zeros(input_vals[0].shape)

    def gradient(self, node, output_grad):
        return [zeroslike_op(node.inputs[0])]


class OnesLikeOp(Op):
    def __call__(self, node_A):
        new_node = Op.__call__(self)
        new_node.inputs = [node_A]
        new_node.name = "Oneslike(%s)" % node_A.name
        return new_node

    def compute(self, node, input_vals):
        assert isinstance(input_vals[0], np.ndarray)
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
        values = dict(feed_dict)
        for node in find_topo_sort(self.eval_node_list):
            if node not in values:
                values[node] = node.op.compute(node, [values[one] for one in node.inputs])
        return [values[node] for node in self.eval_node_list]


def find_topo_sort(node_list):
    visited = set()
    topo_order = []
    for node in node_list:
        topo_sort_dfs(node, visited, topo_order)
    return topo_order


def topo_sort_dfs(node, visited, topo_order):
    if node in visited:
        return
    visited.add(node)
    for n in node.inputs:
        topo_sort_dfs(n, visited, topo_order)
    topo_order.append(node)


def sum_node_list(node_list):
    from functools import reduce
    from operator import add

    return reduce(add, node_list)


def gradients(output_node, node_list):
    node_to_output_grads_list = {output_node: [oneslike_op(output_node)]}
    node_to_output_grad = {}
    for node in reversed(find_topo_sort([output_node])):
        grad = sum_node_list(node_to_output_grads_list[node])
        node_to_output_grad[node] = grad
        input_grads = node.op.gradient(node, grad)
        for i in range(len(node.inputs)):
            node_to_output_grads_list.setdefault(node.inputs[i], []).append(input_grads[i])
    return [node_to_output_grad[node] for node in node_list]


