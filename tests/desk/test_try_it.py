"""What is there to try runs as it is printed, beside the student's files, and shows again what was told."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from grader.batch import cohort
from grader.grading import config
from grader.submissions.handed_in import HandedIn
from tests.conftest import ROOT
from tests.desk import homes
from tests.desk.homes import MODULE1, check, environment

DUAL, MICROGRAD = "examples/dual-numbers/config.yaml", "examples/micrograd/config.yaml"
NEEDLE = "examples/needle-hw1/config.yaml"

FEW = {
    "config.yaml": ("u2001", "u2008", "u2012", "u3004"),
    MODULE1: ("v2001", "v2003", "v2005"),
    MICROGRAD: ("k2002", "k2014"),
    DUAL: ("d2001", "d2007"),
}
"""Config -> wrong samples: forgotten d_out, values on the class, another base, broken files, walks, operators."""

MISTAKES = {
    "a sign": (
        "ops/ops_mathematic.py",
        "return out_grad / b, -out_grad * a / (b * b)",
        "return out_grad / b, out_grad",
    ),
    "not transposed": ("ops/ops_mathematic.py", "matmul(out_grad, transpose(b))", "matmul(out_grad, b)"),
    "by the input": ("ops/ops_mathematic.py", "return out_grad * node\n", "return out_grad\n"),
    "no such name": ("ops/ops_mathematic.py", "return -out_grad\n", "return -outgrad\n"),
    "nothing returned": ("ops/ops_mathematic.py", "return out_grad / self.scalar\n", "out_grad / self.scalar\n"),
    "reversed": ("autograd.py", "topo_order.append(node)", "topo_order.insert(0, node)"),
}
"""Mistake in needle -> file, what the solution says, and what a student says."""

NUMBER = re.compile(r"-?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf|nan)")
TOLD = (
    re.compile(r"^ +your .*?(?:returned|is)(?: for \w+)?  +(.+)$", re.MULTILINE),
    re.compile(r"^ +\S.*?  +(\S+)  +expected ", re.MULTILINE),
    re.compile(r" = (\S+), expected ", re.MULTILINE),
)
RAISED = re.compile(r"^ +(\w+(?:Error|Exception))\b", re.MULTILINE)


class Block(msgspec.Struct, frozen=True):
    """What was told of one mistake, and what there is to try."""

    told: str
    code: str


def blocks(shown: str) -> Iterator[Block]:
    """Yield what is to try, with the lines of evidence above it, up to what is in another block."""
    lines = shown.splitlines()
    for i, line in enumerate(lines):
        if line.strip() != "try it:":
            continue
        inside = " " * (len(line) - len(line.lstrip()) + 2)
        code = []
        for one in lines[i + 1 :]:
            if not one.startswith(inside):
                break
            code.append(one.removeprefix(inside))
        above = next(j for j in range(i - 1, -1, -1) if lines[j][:1].strip() or lines[j].strip() == "try it:")
        yield Block("\n".join(lines[above + 1 : i]), "\n".join(code))


def tried(handout: Path, block: Block) -> str:
    """Run what is there to try as a script beside the package, and return what it prints or raises."""
    path = handout / "try_it.py"
    path.write_text(f"{block.code}\n")
    plain = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    try:
        done = subprocess.run(
            [sys.executable, path.name], cwd=handout, env=plain, capture_output=True, text=True, timeout=20
        )
    finally:
        path.unlink()
    return done.stdout + done.stderr


def shows_it_again(block: Block, printed: str) -> bool:
    """Say whether what was told of a mistake is seen again: the exception, or each number up to the digits told."""
    raised = RAISED.findall(block.told)
    if raised:
        return raised[-1] in printed
    assert "Traceback" not in printed, printed
    numbers = [float(one) for one in NUMBER.findall(printed)]
    told = [text for pattern in TOLD for text in pattern.findall(block.told)]
    wanted = [float(one) for text in told[:1] for one in NUMBER.findall(text)]
    return bool(printed.strip()) and all(any(_close(one, other) for other in numbers) for one in wanted)


def _close(one: float, other: float) -> bool:
    return str(one) == str(other) or abs(one - other) <= 1e-5 * abs(other) + 1e-9


def every_block(handout: Path) -> list[Block]:
    """Check a handout, try each block that is shown, and return them. An endless loop is left alone."""
    shown = check(handout, "--all").stdout
    found = list(blocks(shown))
    for block in found:
        if "time limit" in block.told:
            continue
        printed = tried(handout, block)
        assert shows_it_again(block, printed), f"{block.told}\n\n{block.code}\n\nprints\n{printed}"
    return found


def wrong(name: str) -> list[str]:
    folder = (ROOT / name).parent / ("examples/cohort" if name == "config.yaml" else "") / "submissions"
    return sorted(one.name for one in folder.iterdir() if re.fullmatch(r"[a-z][23]\d{3}", one.name))


FEW_PAIRS = {(name, sample) for name, few in FEW.items() for sample in few}
ANOTHER_WAY = {"k2013": "its product is wrong, so the dialect sends 2.0 by a square, and people write a product"}
"""Sample -> why what it is given to try shows another number."""

ALL = [
    pytest.param(name, sample, marks=[] if sample in few else pytest.mark.ci)
    for name, few in FEW.items()
    for sample in wrong(name)
    if sample not in ANOTHER_WAY
]


@pytest.mark.parametrize(("name", "sample"), ALL)
def test_what_a_wrong_sample_is_given_to_try_shows_it_again(name: str, sample: str, tmp_path: Path) -> None:
    assignment = config.load(ROOT / name)
    assert assignment.submissions is not None
    found = HandedIn(assignment.submissions, cohort.layout(assignment))
    theirs = found[found.ids.index(sample)]
    handout = homes.unpacked(tmp_path, name)
    for module, (_, source) in {**theirs.modules, **theirs.extras}.items():
        path = handout / assignment.layout.package / f"{module.replace('.', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(source)
    assert every_block(handout) or (name, sample) not in FEW_PAIRS


@pytest.mark.parametrize(
    "mistake", [pytest.param(one, marks=[pytest.mark.ci] * (i > 2)) for i, one in enumerate(MISTAKES)]
)
def test_what_a_mistake_in_needle_is_given_to_try_shows_it_again(mistake: str, tmp_path: Path) -> None:
    handout = homes.unpacked(tmp_path, NEEDLE)
    homes.fill_in(handout, NEEDLE)
    file, right, written = MISTAKES[mistake]
    path = handout / "needle" / file
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, written))
    assert every_block(handout)
