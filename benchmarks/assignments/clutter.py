"""What lies around in a MiniTorch repository beside what is graded: the course's files, later modules, leftovers."""

from __future__ import annotations

import json
import random

MODULES = "minitorch"
HANDLES = ("ada", "byte-me", "gradient-girl", "kmeans42", "lin-alg", "nabla", "overfit", "pyjamas", "quark", "sgd-joe")

TENSOR = '''"""Module 2, not begun."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray


class IndexingError(RuntimeError):
    """Exception raised for indexing errors."""


def index_to_position(index: Any, strides: Any) -> int:
    """Converts a multidimensional index into a position in storage."""
    # TODO: Implement for Task 2.1.
    raise NotImplementedError("Need to implement for Task 2.1")


def to_index(ordinal: int, shape: Any, out_index: Any) -> None:
    # TODO: Implement for Task 2.1.
    raise NotImplementedError("Need to implement for Task 2.1")


def broadcast_index(big_index: Any, big_shape: Any, shape: Any, out_index: Any) -> None:
    # TODO: Implement for Task 2.2.
    raise NotImplementedError("Need to implement for Task 2.2")


class TensorData:
    """Storage, strides and shape."""

    def __init__(self, storage: Any, shape: Sequence[int], strides: Optional[Sequence[int]] = None):
        self._storage, self.shape, self.strides = storage, tuple(shape), strides

    def permute(self, *order: int) -> "TensorData":
        # TODO: Implement for Task 2.1.
        raise NotImplementedError("Need to implement for Task 2.1")
'''
FAST = """from __future__ import annotations

import numba
from numba import cuda, njit, prange

from .tensor_ops import MapProto, TensorOps

to_index = njit(inline="always")(lambda i, shape, out: None)


class FastOps(TensorOps):
    @staticmethod
    def map(fn):
        # TODO: Implement for Task 3.1.
        raise NotImplementedError("Need to implement for Task 3.1")
"""
MODULE = '''from __future__ import annotations

from typing import Any, Dict, Optional, Sequence, Tuple


class Module:
    """Modules form a tree that store parameters and other submodules."""

    _modules: Dict[str, Any]
    training: bool

    def __init__(self) -> None:
        self._modules, self._parameters, self.training = {}, {}, True

    def modules(self) -> Sequence[Any]:
        return list(self._modules.values())

    def train(self) -> None:
        self.training = True
        for one in self.modules():
            one.train()

    def eval(self) -> None:
        self.training = False
        for one in self.modules():
            one.eval()
'''
TRAINING = '''"""Be sure you have minitorch installed in you Virtual Env: pip install -Ue ."""

import random

import minitorch
import streamlit as st


class Network(minitorch.Module):
    def __init__(self, hidden_layers):
        super().__init__()
        # TODO: Implement for Task 1.5.
        raise NotImplementedError("Need to implement for Task 1.5")


if __name__ == "__main__":
    st.title("Sandbox for Model Training")
'''
TEST = """import minitorch
import pytest
from hypothesis import given


@pytest.mark.task{task}
def test_of_the_course() -> None:
    assert minitorch.operators.add(1, 2) == 3
"""
WORKFLOW = """name: CI

on: [push]

jobs:
  build:
    runs-on: ubuntu-latest
    steps:
    - uses: actions/checkout@v4
    - uses: actions/setup-python@v5
      with: {python-version: 3.11}
    - run: |
        pip install -Ue . -r requirements.txt
        pytest tests -x -m task1_1
"""
README = """# MiniTorch Module {number}

<img src="https://minitorch.github.io/minitorch.svg" width="50%">

* Docs: https://minitorch.github.io/

This assignment requires the following files from the previous assignments.

        minitorch/operators.py minitorch/module.py tests/test_module.py tests/test_operators.py project/run_manual.py

Training logs of {name}: loss {loss:.4f} after {epochs} epochs
"""
BESIDE = {
    f"{MODULES}/__init__.py": "from .operators import *  # noqa: F401,F403\nfrom .module import *  # noqa: F401,F403\n"
    "from .autodiff import *  # noqa: F401,F403\nfrom .scalar import *  # noqa: F401,F403\n"
    "from .scalar_functions import *  # noqa: F401,F403\n",
    f"{MODULES}/module.py": MODULE,
    f"{MODULES}/tensor_data.py": TENSOR,
    f"{MODULES}/tensor.py": TENSOR.replace("TensorData", "Tensor"),
    f"{MODULES}/tensor_ops.py": TENSOR.replace("TensorData", "TensorOps"),
    f"{MODULES}/tensor_functions.py": TENSOR.replace("TensorData", "Function"),
    f"{MODULES}/fast_ops.py": FAST,
    f"{MODULES}/cuda_ops.py": FAST.replace("FastOps", "CudaOps"),
    "project/run_scalar.py": TRAINING,
    "project/run_torch.py": TRAINING.replace("import minitorch", "import minitorch\nimport torch"),
    "project/app.py": "import streamlit as st\nfrom graph_builder import GraphBuilder\n",
    "tests/__init__.py": "",
    "tests/test_operators.py": TEST.format(task="0_1"),
    "tests/test_autodiff.py": TEST.format(task="1_4"),
    "tests/test_scalar.py": TEST.format(task="1_2"),
    "tests/test_tensor.py": TEST.format(task="2_3"),
    "setup.py": 'from setuptools import setup\n\nsetup(py_modules=[], name="minitorch", version="0.5")\n',
    "setup.cfg": "[flake8]\nignore = N801, E203, E266, E501, W503\n",
    "requirements.txt": "colorama==0.4.3\nhypothesis == 6.54\nnumba == 0.60\nnumpy<2.0\npytest == 8.3.2\n",
    ".github/workflows/minitorch.yml": WORKFLOW,
    ".gitignore": "*.pyc\n__pycache__/\n.venv\n",
}


def clutter(source: random.Random, name: str) -> tuple[str, dict[str, bytes]]:
    """Return the folder a repository stands in, and what lies around there."""
    root = f"minitorch-module-1-{source.choice(HANDLES)}/"
    texts = dict(BESIDE)
    for some in ("project/run_torch.py", f"{MODULES}/cuda_ops.py", "tests/test_tensor.py", ".gitignore"):
        if source.random() < 0.3:
            del texts[some]
    texts["README.md"] = README.format(
        number=source.choice((1, 1, 2)), name=name, loss=source.random(), epochs=source.randrange(100, 1000, 50)
    )
    files = {f"{root}{path}": text.encode() for path, text in texts.items()}
    if source.random() < 0.5:
        files[f"{root}notes.ipynb"] = json.dumps(_notebook(source)).encode()
    if source.random() < 0.4:
        files[f"{root}data/points.csv"] = _points(source).encode()
    if source.random() < 0.4:
        for module in ("autodiff", "operators", "scalar"):
            files[f"{root}{MODULES}/__pycache__/{module}.cpython-311.pyc"] = source.randbytes(2_000)
    return root, files


def _notebook(source: random.Random) -> dict[str, object]:
    lines = ["import minitorch\n", f"x = minitorch.Scalar({source.uniform(-5, 5):.3f})\n", "(x * x).backward()"]
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": lines}
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _points(source: random.Random) -> str:
    return "".join(f"{source.random():.6f},{source.random():.6f},{source.randrange(2)}\n" for _ in range(500))
