"""Functions that are given what comes back and what went in, as numpy arrays, and return a gradient per argument.

The arrays hold one number each. Arrays without axes will not do: what is computed of them is no array, so that
`out[a <= 0] = 0` fails. Only functions of `math` take nothing but those, so they are tried second.
"""

import numpy as np

RECOGNISED_BY = ["exp_backward", "mul_backward"]
WORDS = {
    "sent_name": "grad_output",
    "pullback": "{}(*np.array([{d}, {args}]).reshape(-1, 1))",
    "first": "import numpy as np",
}


def pullback(function, xs, d):
    try:
        found = function(*[np.array([x]) for x in (d, *xs)])
    except TypeError:
        found = function(*[np.array(x) for x in (d, *xs)])
    if found is NotImplementedError:  # how the course's own file says that a function is not written yet
        raise NotImplementedError
    return [_number(one) for one in found] if isinstance(found, (tuple, list)) else _number(found)


def _number(found):
    return found.item() if isinstance(found, np.ndarray) and found.size == 1 else found
