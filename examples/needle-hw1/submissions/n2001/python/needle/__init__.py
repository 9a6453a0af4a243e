from . import ops
from .ops import *
from .autograd import Tensor

from . import init
from .init import ones, zeros

from .backend_numpy import all_devices, cpu
