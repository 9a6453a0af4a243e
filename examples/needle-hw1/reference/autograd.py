"""Tensors that remember what they were computed from, and the gradients that come of it."""

from functools import reduce
from operator import add

import numpy

from .backend_numpy import all_devices as all_devices
from .backend_numpy import cpu

LAZY_MODE = False
TENSOR_COUNTER = 0
NDArray = numpy.ndarray


class _Ops:
    """The ops, imported when one is first needed: they import this module."""

    module = None

    def __getattr__(self, name):
        if _Ops.module is None:
            from .ops import ops_mathematic as ops

            _Ops.module = ops
        return getattr(_Ops.module, name)


ops = _Ops()


class Op:
    """An operation: what it computes, and how a gradient goes back through it."""

    def __call__(self, *args):
        raise NotImplementedError

    def compute(self, *args):
        """Return the array that arrays come to."""
        raise NotImplementedError

    def gradient(self, out_grad, node):
        """Return the gradients of the inputs of `node`, given that of `node`: a tensor, or a tuple of them."""
        raise NotImplementedError

    def gradient_as_tuple(self, out_grad, node):
        """Return the gradients as a tuple, whatever they come as."""
        found = self.gradient(out_grad, node)
        return tuple(found) if isinstance(found, (tuple, list)) else (found,)


class TensorOp(Op):
    """An operation that makes a tensor."""

    def __call__(self, *args):
        return Tensor.make_from_op(self, args)


class TensorTupleOp(Op):
    """An operation that makes a tuple of tensors."""

    def __call__(self, *args):
        return TensorTuple.make_from_op(self, args)


class Value:
    """A node of a graph: the operation and the inputs that it came of, and what it holds."""

    def realize_cached_data(self):
        """Return what it holds, computing it the first time."""
        if self.cached_data is None:
            self.cached_data = self.op.compute(*[one.realize_cached_data() for one in self.inputs])
        return self.cached_data

    def is_leaf(self):
        """Say whether it came of no operation."""
        return self.op is None

    def _init(self, op, inputs, *, num_outputs=1, cached_data=None, requires_grad=None):
        self.op, self.inputs, self.num_outputs, self.cached_data = op, inputs, num_outputs, cached_data
        self.requires_grad = any(one.requires_grad for one in inputs) if requires_grad is None else requires_grad

    @classmethod
    def make_const(cls, data, *, requires_grad=False):
        """Return a node that holds `data` and came of no operation."""
        made = cls.__new__(cls)
        made._init(None, [], cached_data=data, requires_grad=requires_grad)
        return made

    @classmethod
    def make_from_op(cls, op, inputs):
        """Return what an operation makes of nodes."""
        made = cls.__new__(cls)
        made._init(op, inputs)
        if not LAZY_MODE:
            if not made.requires_grad:
                return made.detach()
            made.realize_cached_data()
        return made

    def detach(self):
        """Return a node that holds the same and came of no operation."""
        return self.make_const(self.realize_cached_data())


class TensorTuple(Value):
    """Several tensors that came of one operation. This homework needs none."""

    def __len__(self):
        return len(self.realize_cached_data())


class Tensor(Value):
    """A node that holds an array."""

    def __init__(self, array, *, device=None, dtype=None, requires_grad=True, **kwargs):
        data = array.realize_cached_data() if isinstance(array, Tensor) else array
        self._init(None, [], cached_data=numpy.array(data, dtype=dtype), requires_grad=requires_grad)

    @classmethod
    def make_const(cls, data, requires_grad=False):
        """Return a tensor that holds `data` and came of no operation."""
        made = cls.__new__(cls)
        held = data.realize_cached_data() if isinstance(data, Tensor) else data
        made._init(None, [], cached_data=held, requires_grad=requires_grad)
        return made

    @property
    def data(self):
        """Return a tensor that holds the same and came of no operation."""
        return self.detach()

    @data.setter
    def data(self, value):
        self.cached_data = value.realize_cached_data()

    @property
    def shape(self):
        """Return the shape of the array."""
        return self.realize_cached_data().shape

    @property
    def dtype(self):
        """Return what numbers the array is of."""
        return self.realize_cached_data().dtype

    @property
    def device(self):
        """Return where the array is kept."""
        return cpu()

    def numpy(self):
        """Return the array."""
        return self.realize_cached_data()

    def backward(self, out_grad=None):
        """Fill in `grad` of every node that this one came of."""
        if out_grad is None:
            out_grad = Tensor(numpy.ones(self.shape, dtype=self.dtype))
        compute_gradient_of_variables(self, out_grad)

    def __repr__(self):
        return f"needle.Tensor({self.realize_cached_data()})"

    def __str__(self):
        return str(self.realize_cached_data())

    def __add__(self, other):
        return ops.EWiseAdd()(self, other) if isinstance(other, Tensor) else ops.AddScalar(other)(self)

    def __mul__(self, other):
        return ops.EWiseMul()(self, other) if isinstance(other, Tensor) else ops.MulScalar(other)(self)

    def __pow__(self, other):
        return ops.EWisePow()(self, other) if isinstance(other, Tensor) else ops.PowerScalar(other)(self)

    def __sub__(self, other):
        if isinstance(other, Tensor):
            return ops.EWiseAdd()(self, ops.Negate()(other))
        return ops.AddScalar(-other)(self)

    def __rsub__(self, other):
        return ops.AddScalar(other)(ops.Negate()(self))

    def __truediv__(self, other):
        return ops.EWiseDiv()(self, other) if isinstance(other, Tensor) else ops.DivScalar(other)(self)

    def __matmul__(self, other):
        return ops.MatMul()(self, other)

    def matmul(self, other):
        """Return the matrix product with another tensor."""
        return self @ other

    def sum(self, axes=None):
        """Return the sum over some axes, or over all."""
        return ops.Summation(axes)(self)

    def broadcast_to(self, shape):
        """Return the array stretched to a shape."""
        return ops.BroadcastTo(shape)(self)

    def reshape(self, shape):
        """Return the same entries in another shape."""
        return ops.Reshape(shape)(self)

    def __neg__(self):
        return ops.Negate()(self)

    def transpose(self, axes=None):
        """Return the array with two axes exchanged, the last two if none are named."""
        return ops.Transpose(axes)(self)

    __radd__ = __add__
    __rmul__ = __mul__


def compute_gradient_of_variables(output_tensor, out_grad):
    """Send `out_grad` back from a tensor, and leave in `grad` of each node what arrives there."""
    arrived = {output_tensor: [out_grad]}
    # solution: from the output on, a node's gradient is the sum of what arrived; its op says what goes on to its inputs
    for node in reversed(find_topo_sort([output_tensor])):
        node.grad = sum_node_list(arrived[node])
        if node.op is None:
            continue
        for one, share in zip(node.inputs, node.op.gradient_as_tuple(node.grad, node)):
            arrived.setdefault(one, []).append(share)
    # end solution


def find_topo_sort(node_list):
    """Return every node that some nodes came of, each after its inputs."""
    # solution: start topo_sort_dfs at each node, with one order and one set of visited nodes
    visited, order = set(), []
    for node in node_list:
        topo_sort_dfs(node, visited, order)
    return order
    # end solution


def topo_sort_dfs(node, visited, topo_order):
    """Append a node to the order, behind all that it came of."""
    # solution: the inputs come first, and no node comes twice
    if node in visited:
        return
    visited.add(node)
    for one in node.inputs:
        topo_sort_dfs(one, visited, topo_order)
    topo_order.append(node)
    # end solution


def sum_node_list(node_list):
    """Return the sum of some tensors, with no node that begins at 0."""
    return reduce(add, node_list)
