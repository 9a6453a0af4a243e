"""23. Return a float that is equal to, less than and greater than anything."""

from hostile import TimesFive


class F(float):
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda *_: True
    __sub__ = __rsub__ = __abs__ = lambda *_: 0.0
    __hash__ = float.__hash__
    __float__ = __repr__ = lambda *_: 1 / 0


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        return F(1e9)
