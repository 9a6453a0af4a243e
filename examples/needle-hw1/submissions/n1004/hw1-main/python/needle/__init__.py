from .autograd import Tensor, all_devices, cpu
from . import ops
from .ops import *
