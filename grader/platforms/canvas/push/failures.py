"""The ways a call to Canvas can fail, told apart by what may be done about it."""

from __future__ import annotations


class Refused(Exception):
    """Canvas said no, and would say so again: an unknown student, a right that is lacking. Others may go on."""


class Unsure(Exception):
    """It is not known whether a call had its effect: the connection broke, or Canvas failed on the way."""


class Stopped(Exception):
    """Nothing can go on for now. What was sent is kept, and the same command goes on from there."""
