from .dual import Dual, cos, exp, log, sin, sqrt, tan
from .newton import root
