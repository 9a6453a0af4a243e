"""Grade automatic-differentiation homework: run it locked down, judge it exactly, say what is wrong."""

__version__ = "0.2.0"
