import random

from micrograd import MLP

random.seed(1)
model = MLP(2, 8, 1)
for step in range(20):
    loss = sum((model([a, b]) - (a != b)) ** 2 for a in (0, 1) for b in (0, 1))
    for p in model.parameters():
        p.grad = 0
    loss.backward()
    for p in model.parameters():
        p.data -= 0.05 * p.grad
    print(step, loss.data)
