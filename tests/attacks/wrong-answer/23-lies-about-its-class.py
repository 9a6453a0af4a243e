"""23. Return an object that says it is a float, a numpy scalar, anything."""

from hostile import TimesFive


class Liar:
    __class__ = property(lambda self: float)
    __module__ = "numpy"
    dtype = "float64"
    ndim = 0

    def item(self):
        return Liar()

    def __float__(self):
        raise SystemExit

    def __eq__(self, other):
        return True

    __hash__ = object.__hash__


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        return Liar()
