"""What lies around in a repository of micrograd's, or of needle's, beside what is graded."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

Clutter = Callable[[random.Random, str], tuple[str, dict[str, bytes]]]

NN = """import random
from micrograd.engine import Value


class Neuron:
    def __init__(self, nin, nonlin=True):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
        return act.relu() if self.nonlin else act
"""
TEST = """import torch
from {package} import *


def test_sanity_check():
    assert torch.Tensor([1.0]).item() == 1.0
"""
LATER = '''"""A later homework, not begun."""


class Module:
    def parameters(self):
        ### BEGIN YOUR SOLUTION
        raise NotImplementedError()
        ### END YOUR SOLUTION
'''
MICROGRAD = {
    "micrograd/__init__.py": "",
    "micrograd/nn.py": NN,
    "setup.py": 'import setuptools\n\nsetuptools.setup(name="micrograd", version="0.1.0")\n',
    "test/test_engine.py": TEST.format(package="micrograd.engine"),
    "train.py": "import torch\nimport matplotlib.pyplot as plt\nfrom micrograd.nn import Neuron\n",
    ".gitignore": "*.pyc\n.ipynb_checkpoints\n",
}
NEEDLE = {
    "apps/simple_ml.py": "import struct\nimport gzip\nimport numpy as np\nimport needle as ndl\n" + LATER,
    "tests/hw1/test_autograd_hw.py": TEST.format(package="needle"),
    "python/needle/init/__init__.py": "from .init_basic import *\n",
    "python/needle/init/init_basic.py": "import needle as ndl\n" + LATER,
    "python/needle/nn.py": LATER,
    "hw1.ipynb": json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}),
    ".github/workflows/hw1.yml": "on: push\njobs: {}\n",
}


def clutter(beside: dict[str, str], folder: str) -> Clutter:
    """Return what draws a repository with these files beside, in a folder whose name begins so."""

    def drawn(source: random.Random, name: str) -> tuple[str, dict[str, bytes]]:
        root = f"{folder}-{source.randrange(1000)}/"
        files = {f"{root}{path}": text.encode() for path, text in beside.items()}
        files[f"{root}README.md"] = f"# Homework of {name}\n\nloss {source.random():.4f}\n".encode()
        if source.random() < 0.4:
            files[f"{root}__pycache__/leftover.cpython-311.pyc"] = source.randbytes(1_500)
        return root, files

    return drawn
