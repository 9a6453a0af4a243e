class SGD:
    def __init__(self, parameters, lr=1.0):
        self.parameters, self.lr = parameters, lr
