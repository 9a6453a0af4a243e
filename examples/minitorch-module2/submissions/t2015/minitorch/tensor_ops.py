"""From functions of numbers to functions of tensors: map, zip and reduce, whatever the strides."""

import numpy as np

from . import operators
from .tensor_data import MAX_DIMS, broadcast_index, index_to_position, shape_broadcast, to_index


class TensorOps:
    """What a backend is made of."""

    @staticmethod
    def map(fn):
        raise NotImplementedError

    @staticmethod
    def zip(fn):
        raise NotImplementedError

    @staticmethod
    def reduce(fn, start=0.0):
        raise NotImplementedError

    @staticmethod
    def matrix_multiply(a, b):
        raise NotImplementedError("Not implemented in this assignment")

    cuda = False


class TensorBackend:
    """The functions of tensors that the others are written in."""

    def __init__(self, ops):
        self.neg_map = ops.map(operators.neg)
        self.sigmoid_map = ops.map(operators.sigmoid)
        self.relu_map = ops.map(operators.relu)
        self.log_map = ops.map(operators.log)
        self.exp_map = ops.map(operators.exp)
        self.id_map = ops.map(operators.id)
        self.inv_map = ops.map(operators.inv)
        self.add_zip = ops.zip(operators.add)
        self.mul_zip = ops.zip(operators.mul)
        self.lt_zip = ops.zip(operators.lt)
        self.eq_zip = ops.zip(operators.eq)
        self.is_close_zip = ops.zip(operators.is_close)
        self.relu_back_zip = ops.zip(operators.relu_back)
        self.log_back_zip = ops.zip(operators.log_back)
        self.inv_back_zip = ops.zip(operators.inv_back)
        self.add_reduce = ops.reduce(operators.add, 0.0)
        self.mul_reduce = ops.reduce(operators.mul, 1.0)
        self.matrix_multiply = ops.matrix_multiply
        self.cuda = ops.cuda


class SimpleOps(TensorOps):
    """Loops in plain Python."""

    @staticmethod
    def map(fn):
        """Return fn for tensors: of each number in turn, into `out` if that is given."""
        f = tensor_map(fn)

        def ret(a, out=None):
            if out is None:
                out = a.zeros(a.shape)
            f(*out.tuple(), *a.tuple())
            return out

        return ret

    @staticmethod
    def zip(fn):
        """Return fn for two tensors, broadcast to one shape."""
        f = tensor_zip(fn)

        def ret(a, b):
            out = a.zeros(a.shape if a.shape == b.shape else shape_broadcast(a.shape, b.shape))
            f(*out.tuple(), *a.tuple(), *b.tuple())
            return out

        return ret

    @staticmethod
    def reduce(fn, start=0.0):
        """Return fn over an axis of a tensor, which is left with the size 1."""
        f = tensor_reduce(fn)

        def ret(a, dim):
            shape = list(a.shape)
            shape[dim] = 1
            out = a.zeros(tuple(shape))
            out._tensor._storage[:] = start
            f(*out.tuple(), *a.tuple(), dim)
            return out

        return ret

    is_cuda = False


def tensor_map(fn):
    """Return a loop that fills `out` with fn of the numbers of a smaller or equal tensor."""

    def _map(out, out_shape, out_strides, in_storage, in_shape, in_strides):
        out_index = np.zeros(len(out_shape), dtype=int)
        in_index = np.zeros(len(in_shape), dtype=int)
        for ordinal in range(len(out)):
            to_index(ordinal, out_shape, out_index)
            broadcast_index(out_index, out_shape, in_shape, in_index)
            number = in_storage[index_to_position(in_index, in_strides)]
            out[index_to_position(out_index, out_strides)] = fn(number)

    return _map


def tensor_zip(fn):
    """Return a loop that fills `out` with fn of the numbers of two tensors."""

    def _zip(out, out_shape, out_strides, a_storage, a_shape, a_strides, b_storage, b_shape, b_strides):
        out_index = np.zeros(len(out_shape), dtype=int)
        a_index = np.zeros(len(a_shape), dtype=int)
        b_index = np.zeros(len(b_shape), dtype=int)
        for ordinal in range(len(out)):
            to_index(ordinal, out_shape, out_index)
            broadcast_index(out_index, out_shape, a_shape, a_index)
            broadcast_index(out_index, out_shape, b_shape, b_index)
            a = a_storage[index_to_position(a_index, a_strides)]
            b = b_storage[index_to_position(b_index, b_strides)]
            out[index_to_position(out_index, out_strides)] = fn(a, b)

    return _zip


def tensor_reduce(fn):
    """Return a loop that fills `out`, which holds what to start with, with fn over an axis."""

    def _reduce(out, out_shape, out_strides, a_storage, a_shape, a_strides, reduce_dim):
        index = np.zeros(len(out_shape), dtype=int)
        for ordinal in range(len(out)):
            to_index(ordinal, out_shape, index)
            position = index_to_position(index, out_strides)
            for i in range(a_shape[reduce_dim]):
                index[reduce_dim] = i
                out[position] = fn(out[position], a_storage[index_to_position(index, a_strides)])

    return _reduce


SimpleBackend = TensorBackend(SimpleOps)
