from .autodiff import *
from .fast_ops import *
from .operators import *
from .scalar import Scalar
from .tensor import *
