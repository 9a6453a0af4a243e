"""22. Raise an exception whose text, name, class and traceback all lie or exit."""

from hostile import TimesFive


class Meta(type):
    __name__ = property(lambda cls: 1 / 0)
    __qualname__ = property(lambda cls: 1 / 0)

    def __instancecheck__(cls, other):
        raise SystemExit

    def __subclasscheck__(cls, other):
        raise SystemExit


class Evil(Exception, metaclass=Meta):
    __class__ = property(lambda self: NotImplementedError)
    __traceback__ = property(lambda self: 1 / 0)
    args = property(lambda self: 1 / 0)

    def __str__(self):
        raise SystemExit

    __repr__ = __str__


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        raise Evil
