import torch
from micrograd.engine import Value


def test_sanity_check():
    x = Value(-4.0)
    y = (2 * x + 2 + x).relu() + x * x
    y.backward()
    t = torch.Tensor([-4.0]).double()
    t.requires_grad = True
    ((2 * t + 2 + t).relu() + t * t).backward()
    assert x.grad == t.grad.item()
