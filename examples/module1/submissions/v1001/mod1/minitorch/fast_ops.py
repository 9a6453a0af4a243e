import numba
from numba import cuda
