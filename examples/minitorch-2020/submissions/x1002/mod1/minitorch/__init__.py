from .autodiff import *  # noqa
from .fast_ops import *  # noqa
from .module import *  # noqa
from .operators import *  # noqa
from .scalar import *  # noqa
from .tensor import *  # noqa
