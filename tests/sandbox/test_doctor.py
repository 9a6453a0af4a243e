"""`grader doctor` says what this machine can do, what is missing, and the very command that would raise the tier."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from grader.sandbox.advice import Facts, raising
from tests.conftest import ROOT
from tests.sandbox.settings import SETTINGS, Setting

ADVICE: tuple[tuple[int, Facts, str], ...] = (
    (1, Facts(True, True), ""),
    (2, Facts(True, False, ("apt-get",)), "apt-get install bubblewrap"),
    (2, Facts(True, False, ("dnf",)), "dnf install bubblewrap"),
    (2, Facts(True, False), "apt-get install bubblewrap"),
    (
        3,
        Facts(False, False, ("apt-get",)),
        "sudo apt-get install bubblewrap, or run as root in a container (docs/container.md), which is tier 2",
    ),
    (
        3,
        Facts(False, True, (), {"kernel.apparmor_restrict_unprivileged_userns": 1, "user.max_user_namespaces": 9}),
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or run as root in a container "
        "(docs/container.md), which is tier 2",
    ),
    (
        3,
        Facts(False, True, (), {"kernel.unprivileged_userns_clone": 0, "user.max_user_namespaces": 0}),
        "sudo sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000, or run as root in a "
        "container (docs/container.md), which is tier 2",
    ),
    (
        2,
        Facts(True, True, (), {"user.max_user_namespaces": 9}),
        "bubblewrap is installed and may not make namespaces: a container without CAP_SYS_ADMIN does not let it "
        "(docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined would)",
    ),
    (4, Facts(False, False), "run on Linux 5.3 or newer (x86_64 or aarch64), for instance in a container"),
)


@pytest.mark.parametrize(("tier", "here", "command"), ADVICE)
def test_the_command_that_raises_the_tier_is_told(tier: int, here: Facts, command: str) -> None:
    said = raising(tier, here)
    assert said == command if tier < 4 else said.startswith(command)


def doctor(setting: Setting, path: str = "/usr/bin:/bin") -> str:
    if not setting.reachable():
        pytest.skip("only root can become somebody else, somewhere else")
    command = setting.command(["/usr/bin/env", f"PATH={path}", sys.executable, "-m", "grader", "doctor"])
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("setting", [one for one in SETTINGS if not one.skip], ids=lambda one: one.name)
def test_doctor_finds_the_tier_of_every_place_and_says_what_is_missing(setting: Setting) -> None:
    said = doctor(setting)
    if f"containment tier {setting.tier}:" not in said:
        pytest.skip(said.splitlines()[0])
    assert "got through: nothing" in said
    assert "the assignment requires tier 3: met" in said
    assert ("missing: bubblewrap: namespaces" in said) == (setting.tier > 1)
    assert ("missing: uid: a user of its own" in said) == setting.ordinary
    assert ("to raise the tier: " in said) == (setting.tier > 1)
    if setting.container:
        assert "missing: landlock" in said
        assert "may not make namespaces" in said


def test_doctor_names_the_package_where_bubblewrap_is_not_installed() -> None:
    for setting, tier in ((SETTINGS[0], 2), (next(one for one in SETTINGS if one.ordinary), 3)):
        said = doctor(setting, path="/nowhere")
        assert f"containment tier {tier}:" in said
        assert "install bubblewrap" in said
