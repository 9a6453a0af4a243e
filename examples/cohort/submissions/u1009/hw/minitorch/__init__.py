import numba
raise RuntimeError('not meant to be run')
