"""Lecture 8, homework."""

import math

from .autodiff import Context
from .scalar_functions import ScalarFunction


class TimesFive(ScalarFunction):
    @staticmethod
    def forward(ctx, x):
        return x * 5

    @staticmethod
    def backward(ctx, d_out):
        return 5 * d_out


class Mul(ScalarFunction):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y

    @staticmethod
    def backward(ctx, d_out):
        x, y = ctx.saved_values
        return y * d_out, x * d_out


class AddTimes2(ScalarFunction):
    @staticmethod
    def forward(ctx, x, y):
        return x + 2 * y

    @staticmethod
    def backward(ctx, d_out):
        return d_out, 2 * d_out


class Square(ScalarFunction):
    @staticmethod
    def forward(ctx, x):
        print('x' * 50_000)
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, d_out):
        (x,) = ctx.saved_values
        return 2 * x * d_out


class Log(ScalarFunction):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return math.log(x)

    @staticmethod
    def backward(ctx, d_out):
        (x,) = ctx.saved_values
        return d_out / x


class Exp(ScalarFunction):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return math.exp(x)

    @staticmethod
    def backward(ctx, d_out):
        (x,) = ctx.saved_values
        return math.exp(x) * d_out


class SquareOfTimesFive(ScalarFunction):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (5 * x) ** 2

    @staticmethod
    def backward(ctx, d_out):
        (x,) = ctx.saved_values
        return 50 * x * d_out


class SquareOfAddTimes2(ScalarFunction):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return (x + 2 * y) ** 2

    @staticmethod
    def backward(ctx, d_out):
        x, y = ctx.saved_values
        g = 2 * (x + 2 * y)
        return g * d_out, 2 * g * d_out


class LogPlusExp(ScalarFunction):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        z = x * y
        return math.log(z) + math.exp(z)

    @staticmethod
    def backward(ctx, d_out):
        x, y = ctx.saved_values
        z = x * y
        dz = (1 / z + math.exp(z)) * d_out
        return y * dz, x * dz
