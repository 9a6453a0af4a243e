class Module:
    def __init__(self):
        self._modules = {}
