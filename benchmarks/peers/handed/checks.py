"""Lecture 8 for check50: a check an exercise, each in a process of its own, as check50 has it."""

import check50  # type: ignore[import-not-found] # in its own venv


def _checked(name: str) -> None:
    from plain import check  # type: ignore[import-not-found] # on the path

    try:
        check(name)
    except AssertionError as wrong:
        raise check50.Failure(str(wrong)) from None


@check50.check()  # type: ignore[untyped-decorator] # check50 is not typed
def times_five_forward() -> None:
    """times_five_forward is right"""
    _checked("times_five_forward")


@check50.check()  # type: ignore[untyped-decorator] # check50 is not typed
def mul_forward() -> None:
    """mul_forward is right"""
    _checked("mul_forward")


@check50.check()  # type: ignore[untyped-decorator] # check50 is not typed
def times_five_backward() -> None:
    """times_five_backward is right"""
    _checked("times_five_backward")


@check50.check()  # type: ignore[untyped-decorator] # check50 is not typed
def add_times_2() -> None:
    """add_times_2 is right"""
    _checked("add_times_2")


@check50.check()  # type: ignore[untyped-decorator] # check50 is not typed
def square() -> None:
    """square is right"""
    _checked("square")


@check50.check()  # type: ignore[untyped-decorator] # check50 is not typed
def mul_backward() -> None:
    """mul_backward is right"""
    _checked("mul_backward")


@check50.check()  # type: ignore[untyped-decorator] # check50 is not typed
def log() -> None:
    """log is right"""
    _checked("log")


@check50.check()  # type: ignore[untyped-decorator] # check50 is not typed
def exp() -> None:
    """exp is right"""
    _checked("exp")


@check50.check()  # type: ignore[untyped-decorator] # check50 is not typed
def chain_one_argument() -> None:
    """chain_one_argument is right"""
    _checked("chain_one_argument")


@check50.check()  # type: ignore[untyped-decorator] # check50 is not typed
def chain_two_arguments() -> None:
    """chain_two_arguments is right"""
    _checked("chain_two_arguments")


@check50.check()  # type: ignore[untyped-decorator] # check50 is not typed
def log_plus_exp() -> None:
    """log_plus_exp is right"""
    _checked("log_plus_exp")
