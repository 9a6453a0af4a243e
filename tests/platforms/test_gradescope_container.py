"""A bundle in the stand-in for Gradescope's container: every submission a whole file, every fault of ours none."""

from __future__ import annotations

import json
import os
import random
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.grading import config
from grader.model import Result
from grader.platforms.gradescope.metadata import Metadata
from grader.platforms.gradescope.results import encode, results
from grader.reports import stored
from tests.conftest import ROOT
from tests.end_to_end.test_cli import HANGS, RIGHT, grader
from tests.platforms import images
from tests.platforms.images import ON_TIME, Image, Visit

COHORT = ROOT / "examples" / "cohort" / "submissions"
LATE = {**ON_TIME, "created_at": "2025-03-02T12:00:00-08:00"}
POLICY = "late: {percent: 10, per: day, cap_percent: 50, drop: 7d}\n"
HOSTILE = """
import os, sys
said = []

# past what a worker pretends of files, to the real functions
for name in dir(sys.modules["posix"]):
    setattr(os, name, getattr(sys.modules["posix"], name))
open = sys.modules["_io"].open

def attempt(what):
    try:
        said.append(repr(what()))
    except BaseException as error:
        said.append(type(error).__name__)

FORGED = '{"score": 1000, "tests": [{"name": "pwned", "score": 1000, "max_score": 1}]}'
attempt(lambda: open("/autograder/source/assignment/reference/lecture8.py").read())
attempt(lambda: os.listdir("/autograder"))
attempt(lambda: open("/autograder/submission_metadata.json").read())
attempt(lambda: open("/autograder/results/results.json", "w").write(FORGED))
attempt(lambda: os.symlink("/etc/passwd", "/autograder/results/results.json"))
attempt(lambda: open("/proc/self/environ").read() + repr(dict(os.environ)))
attempt(lambda: os.fork())
attempt(lambda: os.posix_spawn("/bin/sleep", ["sleep", "60"], {}))
attempt(lambda: __import__("_socket").socket())

class TimesFive:
    @staticmethod
    def forward(ctx, x):
        raise RuntimeError("attempts: " + " ".join(said).replace("PermissionError", "refused"))

    @staticmethod
    def backward(ctx, d_out):
        return 5 * d_out
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The sample assignment without its packages, which are most of what there is to unpack, and with a late policy."""
    folder = tmp_path_factory.mktemp("image")
    text = (ROOT / "config.yaml").read_text()
    text = text.replace("allow_imports: [numpy, numpy.typing, typing_extensions]", "allow_imports: []")
    text = text[: text.index("late:\n")] + POLICY + text[text.index("# On Gradescope") :]
    (folder / "config.yaml").write_text(text)
    for name in ("exercises", "reference"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    made = images.made(folder, folder / "config.yaml")
    done = made.set_up()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[0].startswith("containment tier 2:")
    return made


Hand = Callable[..., Path]


@pytest.fixture
def hand_in(tmp_path: Path) -> Hand:
    """Lay a submission out where Gradescope would, from files given as text."""

    def laid_out(**files: str) -> Path:
        (tmp_path / "submission").mkdir(exist_ok=True)
        for name, text in files.items():
            (tmp_path / "submission" / f"{name}.py").write_text(text)
        return tmp_path

    return laid_out


def lost(visit: Visit) -> dict[str, str]:
    return {"/".join(one["tags"]): one["output"] for one in visit.results["tests"] if one["status"] == "failed"}


# --- what a submission does is a whole file with its score -----------------------------------------------------------


def test_a_submission_earns_the_same_everywhere_and_its_file_is_as_asked(
    image: Image, tmp_path: Path, grade: Callable[[str], Result]
) -> None:
    shutil.copytree(COHORT / "u2001", tmp_path / "submission")
    visit = image.visit(tmp_path)
    source = next((COHORT / "u2001").rglob("lecture8.py")).read_text()
    here, policy = grade(source), config.load(ROOT / "config.yaml").late
    text = encode(results(here, policy, Metadata(seconds_late=0)))
    expected = json.loads(text.replace(b"lecture8.py:", b"minitorch/lecture8.py:"))
    assert visit.status == 0
    assert {**visit.results, "extra_data": None} == {**expected, "extra_data": None}
    assert visit.left == 0
    place = tmp_path / "results" / "results.json"
    assert stat.S_IMODE(place.stat().st_mode) == 0o644
    assert [path.name for path in place.parent.iterdir()] == ["results.json"]
    assert visit.out.splitlines()[1:] == ["attempt 1: 32 of 35 points", "results.json is written"]


def test_the_command_makes_the_same_bytes_again_without_a_network(image: Image, tmp_path: Path) -> None:
    home = image.source.parent
    offline = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null", "PIP_FIND_LINKS": ""}
    options = [
        "--config",
        home / "config.yaml",
        "--cache",
        home / "cache",
        "--python",
        (home / "python.txt").read_text(),
    ]
    done = grader("bundle", "gradescope", *options, "-o", tmp_path / "again.zip", **offline)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "again.zip").read_bytes() == (home / "autograder.zip").read_bytes()
    assert "on Gradescope: 35 autograder points, and a time limit over" in done.stdout
    assert "corpus.seed is the sample's" in done.stderr
    none = grader("bundle", "gradescope", *options[:2], "--cache", tmp_path / "empty", **offline)
    assert none.returncode == 2
    assert "could not be fetched" in none.stderr
    assert "Traceback" not in none.stderr


WORLDLY = """
import argparse, logging, os, sys
import matplotlib.pyplot as plt
from .utils.ops import five
os.makedirs("logs", exist_ok=True)
logging.basicConfig(filename="logs/debug.log", level=logging.INFO)
logging.info(argparse.ArgumentParser().parse_args())
sys.stdout.reconfigure(encoding="utf-8")
plt.plot([1, 2]); print("x" * 2_000_000)

class TimesFive:
    @staticmethod
    def forward(ctx, x):
        return five() * x

    @staticmethod
    def backward(ctx, d_out):
        return five() * d_out
"""


def test_what_a_file_imports_prints_and_writes_costs_nothing_there_either(image: Image, hand_in: Hand) -> None:
    folder = hand_in(lecture8=WORLDLY)
    (folder / "submission" / "utils").mkdir()
    (folder / "submission" / "utils" / "ops.py").write_text("def five():\n    return 5.0\n")
    visit = image.visit(folder)
    assert not [name for name in lost(visit) if name.startswith("times-five")], visit.results["output"]
    assert "grading keeps no files" in visit.results["output"]
    assert "printed more than is read" in visit.results["output"]


def test_a_hostile_submission_reads_writes_and_starts_nothing(image: Image, hand_in: Hand) -> None:
    visit = image.visit(hand_in(lecture8=HOSTILE))
    told = lost(visit)["times-five-forward/forward"]
    said = next(line for line in told.splitlines() if line.startswith("RuntimeError: attempts: "))
    assert said.removeprefix("RuntimeError: attempts: ").split() == ["refused"] * 9
    text = json.dumps(visit.results)
    assert "pwned" not in text
    assert "secret-" not in text  # of the addresses in the container's environment
    assert visit.results["score"] == 0  # backward is not judged where forward raises
    assert visit.left == 0


def test_one_that_never_ends_is_charged_and_leaves_nothing_running(image: Image, hand_in: Hand) -> None:
    visit = image.visit(hand_in(lecture8=HANGS))
    assert (visit.status, visit.results["score"], visit.left) == (0, 0, 0)
    assert "time limit" in visit.results["output"]


@pytest.mark.ci
@pytest.mark.parametrize("what", ["nothing", "links", "names", "deep", "fifo"])
def test_whatever_is_handed_in_there_is_a_file_with_its_score(what: str, image: Image, hand_in: Hand) -> None:
    folder = hand_in()
    inside, earned = folder / "submission", 0
    if what == "links":
        (inside / "lecture8.py").symlink_to("/autograder/source/assignment/reference/lecture8.py")
        (inside / "minitorch").symlink_to("/autograder/source/assignment/reference")
        (inside / "round").symlink_to(".")
    elif what == "names":
        (inside / "lecture8.py").write_text(RIGHT)
        for name in ("; rm -rf $HOME", "a\nb.py", "`id`.py", "\u202egpj.py", "-rf", "x" * 250):
            (inside / name).write_text("x = 1\n")
        os.mkdir(os.fsencode(inside) + b"/\xff\xfe")  # noqa: PTH102 - a name that is no text
        earned = 3
    elif what == "deep":
        deepest = inside.joinpath(*["d"] * 80)
        deepest.mkdir(parents=True)
        (deepest / "lecture8.py").write_text(RIGHT)
    elif what == "fifo":
        os.mkfifo(inside / "lecture8.py")
    visit = image.visit(folder)
    assert (visit.status, visit.results["score"], visit.left) == (0, earned, 0)
    assert earned or "not handed in" in visit.results["output"]


def test_lateness_takes_its_share_and_the_automatic_score_stays(image: Image, hand_in: Hand) -> None:
    visit = image.visit(hand_in(lecture8=RIGHT), LATE)
    assert visit.results["score"] == 0  # 3 points, and 3.5 to come off
    assert visit.results["extra_data"]["automatic_score"] == "3"
    assert visit.results["extra_data"]["seconds_late"] == 43260
    assert "(3.5 of 35) are taken off" in visit.results["output"]
    assert "after lateness: 0" in visit.out


@pytest.mark.parametrize("metadata", [None, pytest.param(b"\x00{" * 1000, marks=pytest.mark.ci)], ids=["none", "torn"])
def test_without_metadata_the_grade_stands_and_staff_are_told(metadata: Any, image: Image, hand_in: Hand) -> None:
    visit = image.visit(hand_in(lecture8=RIGHT), metadata)
    assert (visit.status, visit.results["score"]) == (0, 3)
    assert "note for staff: " in visit.out
    assert visit.results["tests"][-1]["visibility"] == "hidden"
    assert "something may still be taken off" in visit.results["output"]


# --- what is our fault is no file ----------------------------------------------------------------------------------


def no_score(visit: Visit, *words: str) -> None:
    assert visit.status == 1
    assert visit.raw is None
    assert visit.left == 0
    assert "no score was written: this is our fault" in visit.out
    assert "Traceback" not in visit.out
    for word in words:
        assert word in visit.out


def spoilt(image: Image, folder: Path, name: str, old: str, new: str) -> Image:
    """Return an image like this one with one file changed."""
    source = folder / "spoilt"
    shutil.copytree(image.source, source)
    path = source / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return Image(source, image.python)


def test_where_the_reference_fails_no_file_is_written_or_left_from_before(image: Image, hand_in: Hand) -> None:
    folder = hand_in(lecture8=RIGHT)
    (folder / "results").mkdir()
    (folder / "results" / "results.json").write_text('{"score": 35}')
    wrong = spoilt(image, folder, "assignment/reference/lecture8.py", "return 5.0 * x", "return 6.0 * x")
    visit = wrong.visit(folder)
    no_score(visit, "times-five-forward: the reference itself fails its forward check")
    assert "35" not in visit.out


def test_where_results_cannot_be_written_it_says_so(image: Image, hand_in: Hand) -> None:
    visit = image.visit(hand_in(lecture8=RIGHT), ON_TIME, "--read-only", "/autograder/results")
    no_score(visit, "the results folder cannot be written to (Read-only file system)")


@pytest.mark.ci
def test_a_configuration_that_is_wrong_is_told_with_its_line(image: Image, hand_in: Hand) -> None:
    folder = hand_in(lecture8=RIGHT)
    wrong = spoilt(image, folder, "assignment/config.yaml", "required_tier: 3", "required_teir: 3")
    no_score(wrong.visit(folder), "did you mean 'required_tier'?")


@pytest.mark.ci
def test_below_the_required_tier_nothing_is_graded_and_setting_up_fails(image: Image, hand_in: Hand) -> None:
    folder = hand_in(lecture8=RIGHT)
    weak = spoilt(image, folder, "assignment/config.yaml", "required_tier: 3", "required_tier: 1")
    no_score(weak.visit(folder), "the assignment requires tier 1 or better")
    done = weak.set_up()
    assert done.returncode == 1
    assert "SET-UP FAILED: grading does not work in this image" in done.stdout


@pytest.mark.ci
def test_an_image_that_was_not_set_up_says_so(image: Image, hand_in: Hand) -> None:
    folder = hand_in(lecture8=RIGHT)
    source = folder / "bare"
    shutil.copytree(image.source, source, ignore=shutil.ignore_patterns("lib"))
    visit = Image(source, image.python).visit(folder)
    assert (visit.status, visit.raw) == (1, None)
    assert "setup.sh has not set this image up" in visit.out


BUDGET = """
import pathlib, sys, time
import msgspec
from grader.grading import config
from grader.errors import JudgeError
from grader.platforms.gradescope import container
root, seconds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
found = config.load(pathlib.Path("config.yaml"))
found = msgspec.structs.replace(found, gradescope=msgspec.structs.replace(found.gradescope, wall_seconds=seconds))
try:
    container.grade(root, found)
except JudgeError as error:
    print(error)
"""


def test_a_budget_that_runs_out_states_no_score(hand_in: Hand) -> None:
    folder = hand_in(lecture8="import time\n" + RIGHT.replace("return 5 * x", "time.sleep(600)"))
    (folder / "results").mkdir()
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", BUDGET, str(folder), "1"], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "the time that one submission may take ran out (1 s, gradescope.wall_seconds)\n", done.stderr
    assert time.monotonic() - started < 10
    assert list((folder / "results").iterdir()) == []


FULL = """
import pathlib, resource, signal, sys
from grader.reports import files
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    files.write(pathlib.Path(sys.argv[1]), b"x" * 100_000, durable=True)
except OSError as error:
    print(error.strerror)
"""


def test_a_disk_that_fills_up_leaves_no_half_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL, str(tmp_path / "results.json")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "File too large\n", done.stderr
    assert list(tmp_path.iterdir()) == []


# --- proofs --------------------------------------------------------------------------------------------------------


def killed_at_random_moments(kills: int, image: Image, folder: Path) -> None:
    """Kill as many visits; each leaves a whole file or none, and nothing running. Some are killed, some get through."""
    whole = image.visit(folder)
    drawn, started = random.Random("visits"), time.monotonic()
    assert image.visit(folder).raw == whole.raw
    lasts, found = time.monotonic() - started, {True: 0, False: 0}
    for _ in range(kills):
        shutil.rmtree(folder / "results")
        visit = image.visit(folder, kill_after=drawn.uniform(0, lasts))
        assert visit.raw in (None, whole.raw), "a file is torn"
        assert visit.left == 0, "something outlived the visit"
        found[visit.raw is None] += 1
    assert kills < 10 or min(found.values()) > kills // 10, found


def test_three_visits_killed_at_random_moments_leave_a_whole_file_or_none(image: Image, hand_in: Hand) -> None:
    killed_at_random_moments(3, image, hand_in(lecture8=RIGHT))


@pytest.mark.prove
def test_fifty_visits_killed_at_random_moments_leave_a_whole_file_or_none(image: Image, hand_in: Hand) -> None:
    killed_at_random_moments(50, image, hand_in(lecture8=RIGHT))


def handed_in(entry: Path, folder: Path) -> Path:
    """Put one entry of the sample class where Gradescope would."""
    folder.mkdir()
    if entry.is_dir():
        shutil.copytree(entry, folder / "submission")
    else:
        (folder / "submission").mkdir()
        shutil.copy(entry, folder / "submission")
    return folder


def the_same_points(image: Image, entries: list[Path], tmp_path: Path) -> None:
    """Grade some of the sample class both ways, and hold the points together, byte for byte, and then every word."""
    assert image.set_up().returncode == 0
    folder = tmp_path / "class"
    folder.mkdir()
    for entry in entries:
        (shutil.copytree if entry.is_dir() else shutil.copy)(entry, folder / entry.name)
    assert grader("grade", folder, "--out", tmp_path / "out").returncode == 0
    policy = config.load(ROOT / "config.yaml").late
    for entry in entries:
        here = stored.read(stored.path_of(tmp_path / "out", entry.stem))
        assert here is not None
        visit = image.visit(handed_in(entry, tmp_path / entry.stem))
        expected = json.loads(encode(results(here, policy, Metadata(seconds_late=0))))
        assert points(visit.results) == points(expected), entry.stem
        assert (visit.status, visit.left) == (0, 0)
        assert {**visit.results, "extra_data": None} == {**expected, "extra_data": None}, entry.stem


VARIED = "u1006 u2001 u3002 u4001 u5001 u6001 u6004 u6005"


@pytest.mark.ci
def test_some_of_every_kind_earn_the_same_points_through_the_bundle(tmp_path: Path) -> None:
    entries = [one for one in sorted(COHORT.iterdir()) if one.stem in VARIED.split()]
    assert len(entries) == len(VARIED.split())
    the_same_points(images.made(tmp_path, ROOT / "config.yaml"), entries, tmp_path)


@pytest.mark.prove
def test_the_whole_sample_class_earns_the_same_points_through_the_bundle(tmp_path: Path) -> None:
    entries = [one for one in sorted(COHORT.iterdir()) if one.is_dir() or one.suffix in (".py", ".zip")]
    assert len(entries) == 44
    the_same_points(images.made(tmp_path, ROOT / "config.yaml"), entries, tmp_path)


def points(whole: dict[str, Any]) -> bytes:
    """Return the bytes of all that is points in a results.json."""
    each = [(one["number"], one["tags"], one["score"], one["max_score"], one["status"]) for one in whole["tests"]]
    return json.dumps([whole["score"], each]).encode()
