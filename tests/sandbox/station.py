"""Grade every attack where this process finds itself, watch from outside, and print what happened as JSON.

`python -m tests.sandbox.station SKIPPED_LAYERS [--unheld] [--through=DIALECT] [ATTACK...]`, from the repository's root.
Where nothing holds an attack, none is tried, unless `--unheld` says so. Through a dialect the attack's functions are
what the variables compute by.

Theory of operation. It is supervisor and witness in one process, as a grading process is: it holds a secret in memory
and environment, a file that must stay as it is, and two listeners (loopback, abstract) that nobody may reach. A process
of its own, the ear, listens for what strangers on one machine can hear of each other. After every attack it looks at
all of them, at the processes below it, and for anything new that carries the attack's name; then it grades an honest
submission, which must earn full marks. Whatever is amiss is a breach, told in words.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from grader.batch import cohort
from grader.grading import config, planning
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Result, Submission
from grader.reports import audience, feedback
from grader.sandbox.box import Box, Limits
from grader.sandbox.remote import Worker
from grader.sandbox.supervisor import Supervisor
from grader.sandbox.tiers import contained
from tests.sandbox import through
from tests.sandbox.ear import Ear

ROOT = Path(__file__).parents[2]
ATTACKS = ROOT / "tests" / "attacks"
HOSTILE = ATTACKS / "hostile.py"
COSTS_THE_FILE = b"It costs its whole file."
"""Said by an attack that breaks the worker it shares with the exercises beside it: they may be lost with it."""

KILLED = "killed"
"""The folder of what must end with its supervisor, whatever it is worth."""

EXERCISES = ("times-five-forward", "mul-forward", "times-five-backward")
LIMITS = Limits(exercise_cpu=0.25, submission_cpu=5.0, wall_factor=5.0, memory=128 * 1024 * 1024)
ROOMY = msgspec.structs.replace(LIMITS, exercise_cpu=10.0, submission_cpu=60.0, wall_factor=30.0)
"""For what is to meet anything but a time limit, and for honest work: on a busy machine it takes long by the clock."""

SECRET = f"secret-{os.urandom(8).hex()}"


AGAINST = re.compile(r"Against (?P<exercise>[\w-]+) of (?P<config>\S+), of which it earns (?P<points>[\d/]+)\.")
"""Said by an attack on the judge: the one exercise it is graded in, and what it may earn there."""

CARRIED, MOST_CARRIED = re.compile("[\u4e00-\u8dff]"), 300
"""Letters of 14 bits, in which an attack writes what it carries out; and the bytes of it that may come to somebody."""


class Tried(msgspec.Struct, frozen=True):
    """One attack: what it came to, and whatever the witness found amiss."""

    attack: str
    verdict: str
    breaches: tuple[str, ...]


class Report(msgspec.Struct, frozen=True):
    """One station's work: the tier it found, its layers, and every attack in turn."""

    tier: int
    layers: tuple[str, ...]
    tried: tuple[Tried, ...] = ()


def attacks() -> list[str]:
    """Return every attack as `verdict/name`: the path is the expectation."""
    return sorted(f"{path.parent.name}/{path.stem}" for path in ATTACKS.glob("*/*.py"))


def is_against(attack: str) -> bool:
    """Say whether an attack is on the judge, in one exercise of its own."""
    return AGAINST.search((ATTACKS / f"{attack}.py").read_text()) is not None


def main() -> None:
    """Try them all."""
    skip = tuple(filter(None, sys.argv[1].split(",")))
    unheld = "--unheld" in sys.argv
    wanted = [one for one in sys.argv[2:] if not one.startswith("--")] or attacks()
    dialect = next((one.partition("=")[2] for one in sys.argv if one.startswith("--through=")), "")
    os.environ["SECRET_TOKEN"] = SECRET
    with tempfile.TemporaryDirectory() as course:
        given = through.assignment(dialect, Path(course)) if dialect else config.load(ROOT / "config.yaml", EXERCISES)
        _report(given, skip, unheld, wanted, through.behind(dialect))


def _report(assignment: Assignment, skip: tuple[str, ...], unheld: bool, wanted: Sequence[str], behind: bytes) -> None:
    assignment = msgspec.structs.replace(
        assignment,
        corpus=msgspec.structs.replace(assignment.corpus, public=4, private=4),
        limits=msgspec.structs.replace(assignment.limits, output_kib=64),
    )
    box = msgspec.structs.replace(planning.box(assignment, skip), limits=LIMITS)
    found = contained(box)
    report = Report(found.tier, found.layers)
    if found.tier < 4 or unheld:
        prepared = cohort.plan(assignment, box, found.tier)
        with _Witness(behind) as witness, _Orderly(box, 800) as supervisor:
            tried = tuple(witness.watch(name, prepared, supervisor) for name in wanted)
        report = msgspec.structs.replace(report, tried=tried)
    sys.stdout.buffer.write(msgspec.json.encode(report))


class _Orderly(Supervisor):
    """Waits for every worker's end, so that whoever is there afterwards is there to stay."""

    @contextlib.contextmanager
    def worker(self, mentioned: bool = False, base: bytes = b"") -> Iterator[Worker]:
        with super().worker(mentioned, base) as one:
            one.watched = True
            yield one


class _Witness:
    """What must stay untouched, and the eyes on it. `behind` is put behind everything that is handed in."""

    def __init__(self, behind: bytes = b"") -> None:
        self._behind = behind

    def __enter__(self) -> _Witness:
        self._targets: dict[tuple[str, str], Plan] = {}
        self._held = contextlib.ExitStack()
        self._folder = Path(self._held.enter_context(tempfile.TemporaryDirectory(prefix="canary-")))
        self._folder.chmod(0o777)
        self._name = self._folder.name
        self._file = self._folder / "canary"
        self._file.write_text("untouched")
        self._file.chmod(0o666)
        self._loopback = self._held.enter_context(socket.create_server(("127.0.0.1", 0)))
        self._abstract = self._held.enter_context(socket.socket(socket.AF_UNIX))
        self._abstract.bind(f"\0{self._name}")
        self._abstract.listen()
        for listener in (self._loopback, self._abstract):
            listener.setblocking(False)
        self._ear = self._held.enter_context(Ear(self._name))
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def watch(self, attack: str, prepared: Plan, supervisor: Supervisor) -> Tried:
        """Grade one attack between two looks."""
        roomy = supervisor.box = msgspec.structs.replace(supervisor.box, limits=ROOMY)
        honest = _honest("", self._behind)
        mentioning = _honest(f"# {supervisor.box.on_mention[0]}\n", self._behind)
        grader = Grader(prepared, supervisor)
        for one in (mentioning, mentioning, honest):
            grader.grade(one)
        before_it = grader.grade(honest)  # both zygotes and their branches are there before processes are counted
        path = ATTACKS / f"{attack}.py"
        against = AGAINST.search(path.read_text())
        family = below(os.getpid())
        zygote = supervisor._zygotes[False]._process
        assert zygote is not None
        modules = {"lecture8": ("lecture8.py", self._aimed(path, zygote.pid))}
        if against is not None:  # a second file, so that nothing is built beforehand and no new branch is started
            module = self._target(against).units[0].module
            modules = {
                "autodiff": ("autodiff.py", b""),
                "scalar": ("scalar.py", b""),
                module: (f"{module}.py", modules.popitem()[1][1]),
            }
        submission = Submission(
            "attacker",
            modules,
            {"hostile": ("hostile.py", HOSTILE.read_bytes())},
        )
        if attack.startswith("time-limit"):
            supervisor.box = msgspec.structs.replace(supervisor.box, limits=LIMITS)
        breaches = []
        if against is not None:
            result = Grader(self._target(against), supervisor).grade(submission)
            verdict = result.exercises[0].verdict.replace(" ", "-")
            breaches = list(_gained(result, Fraction(against["points"])))
        elif attack.startswith(KILLED):
            verdict = _killed(prepared, supervisor.box, submission)
        else:
            result = grader.grade(submission)
            verdict = _verdict(result)
            breaches = list(_amiss(result, (ATTACKS / f"{attack}.py").read_bytes()))
        supervisor.box = roomy
        breaches += self._touched()
        if below(os.getpid()) != family:
            breaches.append("it changed which processes there are")
        if msgspec.structs.replace(grader.grade(honest), digest="") != msgspec.structs.replace(before_it, digest=""):
            breaches.append("the next submission was graded otherwise")
        return Tried(attack, verdict, tuple(breaches))

    def _target(self, against: re.Match[str]) -> Plan:
        """Return the plan with the one exercise that an attack is against."""
        key = against["config"], against["exercise"]
        if key not in self._targets:
            assignment = config.load(ROOT / key[0], (key[1],))
            corpus = msgspec.structs.replace(assignment.corpus, public=20, private=20)
            self._targets[key] = planning.prepare(msgspec.structs.replace(assignment, corpus=corpus))
        return self._targets[key]

    def _aimed(self, attack: Path, zygote: int) -> bytes:
        text = attack.read_text()
        for word, value in (
            ("CANARY_FILE", str(self._file)),
            ("CANARY_FOLDER", str(self._folder)),
            ("CANARY_NAME", self._name),
            ("CANARY_PORT", str(self._loopback.getsockname()[1])),
            ("SUPERVISOR_PID", str(os.getpid())),
            ("ZYGOTE_PID", str(zygote)),
            ("ROOT", str(ROOT)),
        ):
            text = text.replace(word, value)
        return self._ear.aim(text).encode() + self._behind

    def _touched(self) -> Iterator[str]:
        """Look at everything from outside."""
        if self._file.read_text() != "untouched" or self._file.stat().st_mode & 0o777 != 0o666:
            yield "it changed a file"
        for folder in (self._folder, Path("/tmp"), Path("/dev/shm"), Path("/var/tmp"), ROOT, Path("/")):
            new = [path.name for path in folder.iterdir() if self._name in path.name and path != self._folder]
            if folder == self._folder:
                new = [path.name for path in folder.iterdir() if path != self._file]
            if new:
                yield f"it left {new} in {folder}"
        for listener in (self._loopback, self._abstract):
            with contextlib.suppress(BlockingIOError):
                listener.accept()[0].close()
                yield f"it connected to {listener.family.name}"
        yield from self._ear.heard()


def _honest(first: str, behind: bytes) -> Submission:
    return Submission("honest", {"lecture8": ("lecture8.py", first.encode() + HOSTILE.read_bytes() + behind)})


def _verdict(result: Result) -> str:
    return next(one.verdict for one in result.exercises if one.id == "mul-forward").replace(" ", "-")


def _amiss(result: Result, attack: bytes) -> Iterator[str]:
    """Say what a result shows that it must not: a breach told, a secret, a score withheld, another exercise's loss."""
    text = repr(result)
    if "BREACH" in text:
        yield text[text.index("BREACH") :][:200]
    if SECRET in text or SECRET.removeprefix("secret-") in text:
        yield "the secret came out"
    if result.withheld:
        yield "its score is withheld"
    verdicts = {one.verdict for one in result.exercises if one.id != "mul-forward"}
    loads = b"TimesFive" in attack
    if loads and COSTS_THE_FILE not in attack and verdicts != {"accepted"}:
        yield f"the exercises beside it came out as {sorted(verdicts)}"
    if not loads and result.earned:
        yield "a file that does not load earned points"


def _gained(result: Result, points: Fraction) -> Iterator[str]:
    """Say what an attack on the judge got that it must not: a point, or the solution in its student's feedback."""
    if result.earned != points:
        yield f"it earned {result.earned}"
    if result.withheld:
        yield "its score is withheld"
    letters = CARRIED.findall(feedback.markdown(audience.for_student(result)) + repr(result))
    if len(letters) * 14 / 8 >= MOST_CARRIED:
        yield f"it carried {len(letters) * 14 // 8} bytes out"


def _killed(prepared: Plan, box: Box, submission: Submission) -> str:
    """Kill a supervisor that is in the middle of grading; return `killed` once nothing of it is left."""
    pid = os.fork()
    if pid == 0:
        try:
            with Supervisor(box, 801) as supervisor:
                Grader(prepared, supervisor).grade(submission)
        finally:
            os._exit(1)
    deadline = time.monotonic() + 30
    family: set[int] = set()
    while not any(used_cpu(one) > 0.05 for one in family - {pid}) and time.monotonic() < deadline:
        time.sleep(0.02)
        family = below(pid)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while any(map(alive, family)):
        if time.monotonic() > deadline:
            return "something outlived its supervisor"
        time.sleep(0.02)
    return KILLED if len(family) > 1 else "nothing was running"


def processes() -> list[Path]:
    """Return the folder of every process. A pattern with a file in it looks at each, and raises over who has ended."""
    return [one for one in Path("/proc").iterdir() if one.name.isdecimal()]


def below(pid: int) -> set[int]:
    """Return `pid` and every process that it started, directly or not."""
    parents = {}
    for one in processes():
        with contextlib.suppress(OSError):
            fields = (one / "stat").read_text().rpartition(")")[2].split()
            if fields[0] not in "ZX":
                parents[int(one.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def alive(pid: int) -> bool:
    """Say whether a process is there, and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def used_cpu(pid: int) -> float:
    """Return the CPU seconds a process has used (fields 14 and 15 in proc(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
