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
        # solution: a sum of two nodes, or of a node and a number
        if isinstance(other, Node):
            return add_op(self, other)
        return add_byconst_op(self, other)
        # end solution

    def __mul__(self, other):
        # solution: a product of two nodes, or of a node and a number
        if isinstance(other, Node):
            return mul_op(self, other)
        return mul_byconst_op(self, other)
        # end solution

    def __radd__(self, other):
        # solution: other + self
        return self + other
        # end solution

    def __rmul__(self, other):
        # solution: other * self
        return self * other
        # end solution

    def __neg__(self):
        # solution: times -1
        return self * -1
        # end solution

    def __sub__(self, other):
        # solution: a sum with the other one negated
        return self + (-other)
        # end solution

    def __rsub__(self, other):
        # solution: other - self
        return -self + other
        # end solution

    def __truediv__(self, other):
        # solution: a quotient of two nodes, or of a node and a number
        if isinstance(other, Node):
            return div_op(self, other)
        return self * (1 / other)
        # end solution

    def __rtruediv__(self, other):
        # solution: other / self
        return rdiv_byconst_op(self, other)
        # end solution

    def __pow__(self, other):
        # solution: a power with a number for exponent
        return pow_byconst_op(self, other)
        # end solution

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
        # solution: the sum
        return input_vals[0] + input_vals[1]
        # end solution

    def gradient(self, node, output_grad):
        # solution: what goes back to each input
        return [output_grad, output_grad]
        # end solution


class AddByConstOp(ByConstOp):
    def compute(self, node, input_vals):
        # solution: the sum with the number
        return input_vals[0] + node.const_attr
        # end solution

    def gradient(self, node, output_grad):
        # solution: what goes back to each input
        return [output_grad]
        # end solution


class MulOp(Op):
    def compute(self, node, input_vals):
        # solution: the product
        return input_vals[0] * input_vals[1]
        # end solution

    def gradient(self, node, output_grad):
        # solution: what goes back to each input
        return [output_grad * node.inputs[1], output_grad * node.inputs[0]]
        # end solution


class MulByConstOp(ByConstOp):
    def compute(self, node, input_vals):
        # solution: the product with the number
        return input_vals[0] * node.const_attr
        # end solution

    def gradient(self, node, output_grad):
        # solution: what goes back to each input
        return [output_grad * node.const_attr]
        # end solution


class DivOp(Op):
    def compute(self, node, input_vals):
        # solution: the quotient
        return input_vals[0] / input_vals[1]
        # end solution

    def gradient(self, node, output_grad):
        # solution: what goes back to each input
        x, y = node.inputs
        return [output_grad / y, -(output_grad * x) / (y * y)]
        # end solution


class RDivByConstOp(ByConstOp):
    def compute(self, node, input_vals):
        # solution: the number over the node
        return node.const_attr / input_vals[0]
        # end solution

    def gradient(self, node, output_grad):
        # solution: what goes back to each input
        (x,) = node.inputs
        return [output_grad * -node.const_attr / (x * x)]
        # end solution


class PowByConstOp(ByConstOp):
    def compute(self, node, input_vals):
        # solution: the power
        return input_vals[0] ** node.const_attr
        # end solution

    def gradient(self, node, output_grad):
        # solution: what goes back to each input
        (x,) = node.inputs
        return [output_grad * pow_byconst_op(x, node.const_attr - 1) * node.const_attr]
        # end solution


class ExpOp(Op):
    def compute(self, node, input_vals):
        # solution: e to the power of the node
        return np.exp(input_vals[0])
        # end solution

    def gradient(self, node, output_grad):
        # solution: what goes back to each input
        return [output_grad * node]
        # end solution


class LogOp(Op):
    def compute(self, node, input_vals):
        # solution: the logarithm
        return np.log(input_vals[0])
        # end solution

    def gradient(self, node, output_grad):
        # solution: what goes back to each input
        return [output_grad / node.inputs[0]]
        # end solution


class ReluOp(Op):
    def compute(self, node, input_vals):
        # solution: the number where it is above 0
        return np.maximum(input_vals[0], 0)
        # end solution

    def gradient(self, node, output_grad):
        # solution: what goes back to each input
        return [output_grad * step_op(node.inputs[0])]
        # end solution


class StepOp(Op):
    """1 where a number is above 0, and 0 elsewhere: what a ReLU's gradient is multiplied by."""

    def compute(self, node, input_vals):
        # solution: 1 where it is above 0
        return (input_vals[0] > 0) * 1.0
        # end solution

    def gradient(self, node, output_grad):
        return [zeroslike_op(node.inputs[0])]


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
