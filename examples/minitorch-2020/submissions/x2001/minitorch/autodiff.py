"""Task 1.3 and 1.4."""

import numpy as np

made = 0


def wrap_tuple(x):
    return x if isinstance(x, tuple) else (x,)


def unwrap_tuple(x):
    return x[0] if len(x) == 1 else x


class Variable:
    def __init__(self, history, name=None):
        global made
        made += 1
        self.history = history
        self.unique_id = f"variable {made}"
        self.name = name or self.unique_id
        self.used = 0
        self._derivative = None

    def requires_grad_(self, val):
        self.history = History()

    def backward(self, d_output=None):
        backpropagate(VariableWithDeriv(self, 1.0 if d_output is None else d_output))

    def _add_deriv(self, val):
        assert is_leaf(self), "only leaves"
        self._derivative = val if self._derivative is None else self._derivative + val

    @property
    def derivative(self):
        return self._derivative

    def is_leaf(self):
        return self.history.last_fn is None

    def zero_derivative_(self):
        self._derivative = 0.0

    def expand(self, x):
        return x

    def __radd__(self, b):
        return self + b

    def __rmul__(self, b):
        return self * b


class Context:
    def __init__(self, no_grad=False):
        self.no_grad = no_grad
        self.kept = None

    def save_for_backward(self, *values):
        if not self.no_grad:
            self.kept = values

    @property
    def saved_values(self):
        if self.kept is None:
            raise RuntimeError("nothing was saved")
        return unwrap_tuple(self.kept)


class History:
    def __init__(self, last_fn=None, ctx=None, inputs=None):
        self.last_fn, self.ctx, self.inputs = last_fn, ctx, inputs

    def is_leaf(self):
        return self.last_fn is None

    def backprop_step(self, d_output):
        return self.last_fn.chain_rule(self.ctx, self.inputs, d_output)


class VariableWithDeriv:
    def __init__(self, variable, deriv):
        self.variable = variable
        self.deriv = variable.expand(deriv)


class FunctionBase:
    @classmethod
    def apply(cls, *vals):
        plain = []
        for one in vals:
            if isinstance(one, Variable):
                one.used += 1
            plain.append(one.get_data() if isinstance(one, Variable) else one)
        tracked = any(not is_constant(one) for one in vals)
        ctx = Context(no_grad=not tracked)
        result = cls.forward(ctx, *plain)
        if not isinstance(result, cls.data_type):
            raise TypeError(f"{cls.__name__}.forward gave a {type(result).__name__}")
        return cls.variable(cls.data(result), History(cls, ctx, vals) if tracked else None)

    @classmethod
    def chain_rule(cls, ctx, inputs, d_output):
        pairs = zip(inputs, wrap_tuple(cls.backward(ctx, d_output)))
        return [VariableWithDeriv(one, d) for one, d in pairs if not is_constant(one)]


def is_leaf(val):
    return isinstance(val, Variable) and val.history.is_leaf()


def is_constant(val):
    return not isinstance(val, Variable) or val.history is None


def backpropagate(final_variable_with_deriv):
    queue = [final_variable_with_deriv]
    while len(queue) > 0:
        current = queue.pop(0)
        if is_leaf(current.variable):
            current.variable._add_deriv(current.deriv)
            continue
        for step in current.variable.history.backprop_step(current.deriv):
            waiting = [one for one in queue if one.variable.unique_id == step.variable.unique_id]
            if waiting:
                waiting[0].deriv += step.deriv
            else:
                queue.append(step)
