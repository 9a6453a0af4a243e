"""The operations of tensors."""

from .ops_mathematic import *
