"""MiniTorch, Module 2: tensors."""

from .tensor import History, Tensor
from .tensor_data import IndexingError, TensorData, shape_broadcast
from .tensor_functions import rand, tensor, zeros
from .tensor_ops import SimpleBackend
