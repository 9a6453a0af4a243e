class FunctionBase:
    @classmethod
    def apply(cls, *vals):
        return cls.forward(None, *vals)
