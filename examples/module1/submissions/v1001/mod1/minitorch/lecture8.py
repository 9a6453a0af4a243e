from .scalar_functions import ScalarFunction


class TimesFive(ScalarFunction):
    @staticmethod
    def forward(ctx, x):
        return x * 5

    @staticmethod
    def backward(ctx, d_out):
        return 5 * d_out


class Square(ScalarFunction):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, d_out):
        (x,) = ctx.saved_values
        return 2 * x * d_out


def chained(x):
    g_x = TimesFive.apply(x)
    return Square.apply(g_x)


def h(x, y):
    z = x * y
    return z.log() + z.exp()


def backpropagate(variable, deriv):
    queue = [(variable, deriv)]
    while len(queue) > 0:
        var, d = queue.pop(0)
        if var.is_leaf():
            var.accumulate_derivative(d)
        else:
            for v, dv in var.chain_rule(d):
                queue.append((v, dv))
