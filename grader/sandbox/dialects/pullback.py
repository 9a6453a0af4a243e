"""Functions that are given what is sent back: `exp_backward(grad_output, a)` returns one gradient per argument."""

NUMBERS = "constants"
WORDS = {"sent_name": "grad_output"}


def pullback(function, xs, d):
    return function(d, *xs)
