"""Where the numbers of a tensor lie: one flat storage, a shape, and strides."""

import random

import numpy as np

from .operators import prod

MAX_DIMS = 32


class IndexingError(RuntimeError):
    """Says that an index or a shape does not fit."""


def index_to_position(index, strides):
    """Return where in the storage the number at an index lies."""
    position = 0
    for i, stride in zip(index, strides):
        position += i * stride
    return position


def to_index(ordinal, shape, out_index):
    """Write into out_index the index that comes at a place when all of a shape are counted."""
    rest = ordinal
    for axis in range(len(shape) - 1, -1, -1):
        out_index[axis] = rest % shape[axis]
        rest = rest // shape[axis]


def broadcast_index(big_index, big_shape, shape, out_index):
    """Write into out_index where an index of a bigger shape is read in a smaller one."""
    added = len(big_shape) - len(shape)
    for axis in range(len(shape)):
        out_index[axis] = big_index[axis + added] if shape[axis] > 1 else 0


def shape_broadcast(shape1, shape2):
    """Return the shape that two broadcast to. Raises IndexingError if they do not fit."""
    longer = max(len(shape1), len(shape2))
    first = tuple(shape1) + (1,) * (longer - len(shape1))
    second = tuple(shape2) + (1,) * (longer - len(shape2))
    found = []
    for one, other in zip(first, second):
        if one != other and one != 1 and other != 1:
            raise IndexingError(f"{shape1} and {shape2} do not fit")
        found.append(other if one == 1 else one)
    return tuple(found)


def strides_from_shape(shape):
    """Return the strides of a storage that counts the last axis fastest."""
    strides, stride = [], 1
    for size in reversed(shape):
        strides.append(stride)
        stride *= size
    return tuple(reversed(strides))


class TensorData:
    """A storage, read by a shape and strides."""

    def __init__(self, storage, shape, strides=None):
        self._storage = storage if isinstance(storage, np.ndarray) else np.array(storage, dtype=np.float64)
        strides = strides_from_shape(shape) if strides is None else strides
        if not isinstance(strides, tuple) or not isinstance(shape, tuple):
            raise AssertionError("Strides and shape must be tuple")
        if len(strides) != len(shape):
            raise IndexingError(f"Len of strides {strides} must match {shape}.")
        self._strides = np.array(strides, dtype=int)
        self._shape = np.array(shape, dtype=int)
        self.strides = strides
        self.dims = len(strides)
        self.size = int(prod(shape))
        self.shape = shape
        if len(self._storage) != self.size:
            raise AssertionError(f"{shape} has {self.size} numbers, and the storage {len(self._storage)}")

    def to_cuda_(self):
        """Do nothing: there is no such device here."""

    def is_contiguous(self):
        """Say whether the storage is in the order in which indices are counted."""
        return all(a >= b for a, b in zip(self.strides, self.strides[1:]))

    @staticmethod
    def shape_broadcast(shape_a, shape_b):
        return shape_broadcast(shape_a, shape_b)

    def index(self, index):
        """Return where a number lies. Raises IndexingError for an index that is none of this shape."""
        wanted = np.array([index] if isinstance(index, int) else index, dtype=int)
        if len(wanted) != len(self.shape):
            raise IndexingError(f"Index {wanted} must be size of {self.shape}.")
        for i, size in zip(wanted, self.shape):
            if i >= size:
                raise IndexingError(f"Index {wanted} out of range {self.shape}.")
            if i < 0:
                raise IndexingError(f"Negative indexing for {wanted} not supported.")
        return index_to_position(wanted, self._strides)

    def indices(self):
        """Yield every index."""
        found = np.array(self.shape, dtype=int)
        for ordinal in range(self.size):
            to_index(ordinal, self._shape, found)
            yield tuple(found)

    def sample(self):
        """Return an index at random."""
        return tuple(random.randint(0, size - 1) for size in self.shape)

    def get(self, key):
        return self._storage[self.index(key)]

    def set(self, key, val):
        self._storage[self.index(key)] = val

    def tuple(self):
        return (self._storage, self._shape, self._strides)

    def permute(self, *order):
        """Return the same storage with its axes in another order."""
        if sorted(order) != list(range(len(self.shape))):
            raise AssertionError(f"{order} is no order of the axes of {self.shape}")
        shape = tuple(self.shape[axis] for axis in order)
        strides = tuple(self.strides[axis] for axis in order)
        return TensorData(self._storage, shape, strides)

    def to_string(self):
        """Return all numbers, in brackets."""
        numbers = np.array([self.get(one) for one in self.indices()]).reshape(self.shape)
        return np.array2string(numbers, precision=2)
