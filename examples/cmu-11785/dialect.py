"""Functions that are given what comes back and what went in, as numpy arrays, and return a gradient per argument."""

import numpy as np

RECOGNISED_BY = ["exp_backward", "mul_backward"]
WORDS = {"sent_name": "grad_output", "pullback": "{}(*np.array([{d}, {args}]))", "first": "import numpy as np"}


def pullback(function, xs, d):
    return function(np.asarray(d), *[np.asarray(x) for x in xs])
