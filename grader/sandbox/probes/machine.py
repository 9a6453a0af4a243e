"""The student's machine as the driver uses it: where generations of the course differ, they differ here.

`Present` is MiniTorch's own: `ScalarHistory(last_fn, ctx, inputs)`, `Scalar.chain_rule(d)`,
`topological_sort(variable)`, `backpropagate(variable, d)`. `Lecture` is the lecture's, and that of 2020:
`cls.chain_rule(ctx, inputs, d)` gives pairs or objects with `.variable` and `.deriv`, `backpropagate` takes one of
those, `is_leaf` and `is_constant` are functions. `Between` is that of 2021: `cls.chain_rule` gives pairs,
`backpropagate(variable, d)` takes two arguments, and `is_constant` is a function.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, ClassVar

from grader.sandbox.boundary.protocol import file_of
from grader.sandbox.probes.dialect import BARE, Spoken
from grader.sandbox.worker.loading import Package

OPERATORS: dict[str, Callable[..., Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mul": operator.mul,
    "Div": operator.truediv,
    "Neg": operator.neg,
    "LT": operator.lt,
    "GT": operator.gt,
    "EQ": operator.eq,
    "Log": lambda x: x.log(),
    "Exp": lambda x: x.exp(),
    "Sigmoid": lambda x: x.sigmoid(),
    "ReLU": lambda x: x.relu(),
}
FUNCTIONS = ("Add", "Mul", "Neg", "Inv", "LT", "EQ", "Log", "Exp", "Sigmoid", "ReLU", "Square", "TimesFive")
"""What graphs are made of, and what operators lead to."""

MACHINERY = (
    *(("autodiff", name) for name in ("Context", "VariableWithDeriv", "is_leaf", "is_constant")),
    *(("scalar", name) for name in ("Scalar", "ScalarHistory", "is_leaf", "is_constant")),
)


def parts_of_a_machine(functions: str) -> tuple[tuple[str, str], ...]:
    """Return what a machine is driven by, as (module, name); `functions` is the module that has the functions."""
    return (*MACHINERY, *((functions, name) for name in FUNCTIONS))


class Present:
    """MiniTorch's present interface.

    `lacks` are the operators that a course in this interface does not ask for, `lacks_reflected` those that it does not
    ask for with a number on the left, and `optional` the methods that only some of its copies have. `meets_constants`:
    a walk may meet scalars without history, because numbers are wrapped in such.
    """

    lacks: ClassVar[frozenset[str]] = frozenset()
    optional: ClassVar[frozenset[str]] = frozenset()
    lacks_reflected: ClassVar[frozenset[str]] = frozenset()
    meets_constants: ClassVar[bool] = True

    def __init__(self, package: Package, functions: str) -> None:
        self._package, self._functions = package, functions
        self._known: dict[tuple[str, str], Any] = {}

    def leaf(self, value: float) -> Any:
        """Return a new scalar, created from scratch."""
        return self._named("scalar", "Scalar")(value)

    def constant(self, value: float) -> Any:
        """Return a scalar that takes no part in differentiation."""
        scalar = self.leaf(value)
        scalar.history = None
        return scalar

    def function(self, name: str) -> Any:
        """Return one of the functions by name."""
        return self._named(self._functions, name)

    def name_of(self, function: Any) -> str:
        """Return the name a function is asked by, whatever its class is called; its own where it is none of those."""
        name = str(type.__getattribute__(function, "__name__"))[:60] if isinstance(function, type) else "?"
        if name in FUNCTIONS:
            return name
        return next((one for one in FUNCTIONS if self._package.find(self._functions, one, "class") is function), name)

    def apply(self, name: str, *inputs: Any) -> Any:
        """Apply a function."""
        return self.function(name).apply(*inputs)

    def operate(self, name: str, *inputs: Any) -> Any:
        """Do the same by Python's operators, or the scalar's methods."""
        return OPERATORS[name](*inputs)

    def is_scalar(self, value: Any) -> bool:
        """Say whether a value is one of the student's scalars."""
        return type(value) not in (int, float, bool) and hasattr(value, "history")

    def data(self, scalar: Any) -> Any:
        """Return the number inside."""
        return scalar.data if self.is_scalar(scalar) else scalar

    def derivative(self, scalar: Any) -> Any:
        """Return what has arrived at it."""
        return scalar.derivative

    def origin(self, scalar: Any) -> tuple[Any, Any, tuple[Any, ...]]:
        """Return (function, context, inputs) as the history has them; (None, None, ()) for a leaf or a constant."""
        history = scalar.history
        if history is None or history.last_fn is None:
            return None, None, ()
        return history.last_fn, history.ctx, tuple(history.inputs)

    def is_leaf(self, scalar: Any) -> Any:
        """Return what the scalar says."""
        return scalar.is_leaf()

    def is_constant(self, scalar: Any) -> Any:
        """Return what the scalar says."""
        return scalar.is_constant()

    def chain_rule(self, scalar: Any, d_out: float) -> Any:
        """Return the pairs of one step back."""
        return scalar.chain_rule(d_out)

    def order(self, scalar: Any) -> Any:
        """Return the topological order from a scalar."""
        return self._named("autodiff", "topological_sort")(scalar)

    def backpropagate(self, scalar: Any, d_out: float, entry: tuple[str, str]) -> None:
        """Send a derivative back, by the function under test or, where none is named, by the scalar's method."""
        if entry[1]:
            self._named(*entry)(scalar, d_out)
        else:
            scalar.backward(d_out)

    def _named(self, module: str, name: str) -> Any:
        """Return what is asked for by name. It is looked up once a question: every node asks."""
        found = self._known.get((module, name))
        if found is None:
            found = self._package.asked(module, name, "class" if name[:1].isupper() else "function")
            if found is None:
                raise NotImplementedError(f"there is no {name} in {file_of(module)}")
            self._known[module, name] = found
        return found


class Lecture(Present):
    """The interface of the lecture, and of the course's first years."""

    lacks = frozenset({"EQ"})
    optional = frozenset({"Exp"})
    lacks_reflected = frozenset({"Div"})
    meets_constants = False

    def is_scalar(self, value: Any) -> bool:
        """Say whether a value is one of the student's variables."""
        return hasattr(value, "history")

    def data(self, scalar: Any) -> Any:
        """Return the number inside, by the method that the course's own `apply` uses where there is one."""
        read = getattr(scalar, "get_data", None) if self.is_scalar(scalar) else None
        return super().data(scalar) if read is None else read()

    def origin(self, scalar: Any) -> tuple[Any, Any, tuple[Any, ...]]:
        """Return (function, context, inputs); a history without a function is a leaf's."""
        function, context, inputs = super().origin(scalar)
        return function, context if context is not None else getattr(scalar.history, "context", None), inputs

    def is_leaf(self, scalar: Any) -> Any:
        """Ask the free function, or the scalar where there is none; not of a constant: the course's raises there."""
        if scalar.history is None:
            return False
        free = self._free("is_leaf")
        return free(scalar) if free else scalar.is_leaf()

    def is_constant(self, scalar: Any) -> Any:
        """Ask the free function, or the scalar where there is none."""
        free = self._free("is_constant")
        return free(scalar) if free else scalar.is_constant()

    def chain_rule(self, scalar: Any, d_out: float) -> Any:
        """Ask the function's class method, as the lecture does."""
        function, context, inputs = self.origin(scalar)
        return function.chain_rule(context, inputs, d_out)

    def backpropagate(self, scalar: Any, d_out: float, entry: tuple[str, str]) -> None:
        """Hand over the variable with its derivative in one object."""
        pair = self._package.find("autodiff", "VariableWithDeriv")
        if pair is None:
            super().backpropagate(scalar, d_out, entry)
        else:
            self._named(*(entry if entry[1] else ("autodiff", "backpropagate")))(pair(scalar, d_out))

    def _free(self, name: str) -> Any:
        return self._package.find("autodiff", name) or self._package.find("scalar", name)


class Between(Present):
    """The interface of 2021: functions have the chain rule, and the module says what is constant."""

    meets_constants = False

    def is_leaf(self, scalar: Any) -> Any:
        """Ask the scalar, unless it is a constant: the course's raises there."""
        return scalar.history is not None and scalar.is_leaf()

    def is_constant(self, scalar: Any) -> Any:
        """Ask the free function, or the scalar where there is none."""
        free = self._package.find("autodiff", "is_constant")
        return free(scalar) if free else scalar.is_constant()

    def chain_rule(self, scalar: Any, d_out: float) -> Any:
        """Ask the function's class method."""
        function, context, inputs = self.origin(scalar)
        return function.chain_rule(context, inputs, d_out)


OPERATIONS = {
    "Add": "add",
    "Sub": "sub",
    "Mul": "mul",
    "Div": "div",
    "Neg": "neg",
    "Inv": "inv",
    "Log": "log",
    "Exp": "exp",
    "Sigmoid": "sigmoid",
    "ReLU": "relu",
    "Tanh": "tanh",
}
"""Function of a graph -> the operation of a dialect that makes it."""


class Variables(Present):
    """Any course's variables, by its dialect: they are made, combined, sent back through and read, and no more."""

    def __init__(self, package: Package, spoken: Spoken) -> None:
        super().__init__(package, "")
        self._spoken = spoken

    def leaf(self, value: float) -> Any:
        """Return a new variable."""
        return self._spoken.leaf(value)

    def apply(self, name: str, *inputs: Any) -> Any:
        """Apply an operation, as the dialect says."""
        return self._spoken.operation(OPERATIONS[name])(*inputs)

    operate = apply

    def is_scalar(self, value: Any) -> bool:
        """Say whether a value may be a variable: it is no number."""
        return type(value) not in BARE

    def data(self, scalar: Any) -> Any:
        """Return the number inside."""
        return self._spoken.value(scalar) if self.is_scalar(scalar) else scalar

    def derivative(self, scalar: Any) -> Any:
        """Return what has arrived at a variable."""
        return self._spoken.gradient(scalar)

    def order(self, scalar: Any) -> Any:
        """Return the order from a variable, as the dialect asks for it."""
        if self._spoken.order is None:
            raise NotImplementedError("the dialect does not say how an order is asked for")
        return self._spoken.order(scalar)

    def backpropagate(self, scalar: Any, d_out: float, entry: tuple[str, str]) -> None:  # noqa: ARG002 - as others
        """Send a derivative back, as the dialect does."""
        self._spoken.backward(scalar, d_out)


MACHINES: dict[str, type[Present]] = {"minitorch": Present, "minitorch-2021": Between, "minitorch-2020": Lecture}
"""The dialects that have a machine of MiniTorch's, by name."""
