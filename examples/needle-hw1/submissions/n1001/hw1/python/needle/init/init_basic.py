import numpy
import needle as ndl


def constant(*shape, c=1.0, device=None, dtype="float32", requires_grad=False):
    return ndl.Tensor(numpy.full(shape, c), device=device, dtype=dtype, requires_grad=requires_grad)


def ones(*shape, device=None, dtype="float32", requires_grad=False):
    return constant(*shape, c=1.0, device=device, dtype=dtype, requires_grad=requires_grad)


def zeros(*shape, device=None, dtype="float32", requires_grad=False):
    return constant(*shape, c=0.0, device=device, dtype=dtype, requires_grad=requires_grad)
