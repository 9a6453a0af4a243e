"""Stand in for Gradescope's container: the same folders, users, rights and environment, and no network at all.

    python stand_in.py --autograder FOLDER [--source FOLDER] [--python EXECUTABLE] [--read-only PATH]... COMMAND...

Theory of operation. It starts as root. New mount, process, network, IPC and host namespaces make the container's; a
root folder on a tmpfs shows /usr (and the links beside it), FOLDER as /autograder, and, with `--python`, an interpreter
in /usr/local/bin. Bubblewrap is covered up: Gradescope's image has none. Then what `step_into` does for `--container`
goes on: Docker's capabilities, and its system-call filter, with no namespaces and no Landlock. The command is the
second process in there, below a first that collects what is left behind and counts it: the last line on stderr is
`left behind: N`. With the first process everything in there ends.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.sandbox import step_into

NEWNS, NEWUTS, NEWIPC, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x20000000, 0x40000000
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "RESULTS_UPLOAD_URL": "https://uploads.example/secret-signature",
    "SUBMISSION_URL": "https://uploads.example/secret-submission",
}
"""What a container is told, addresses that are nobody else's business among it."""


def main() -> None:
    """Do it, and exit as the command did."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--autograder", type=Path, required=True)
    parser.add_argument("--source", type=Path, help="shown as /autograder/source, where it is not in there already")
    parser.add_argument("--python", type=Path)
    parser.add_argument("--read-only", action="append", default=[])
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    root = tempfile.mkdtemp(prefix="stand-in-")
    if step_into._libc.unshare(NEWUTS | NEWIPC | NEWPID | NEWNET) != 0:
        raise OSError("no namespaces")
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        Path(root).rmdir()  # what was mounted there is gone with its namespace
        sys.exit(abs(os.waitstatus_to_exitcode(status)))
    if step_into._libc.unshare(NEWNS) != 0:
        raise OSError("no mount namespace")
    _furnish(root, options)
    os.chroot(root)
    os.chdir("/autograder")
    step_into._filter_calls()
    step_into._drop_capabilities()
    _first_process(options.command)


def _first_process(command: list[str]) -> None:
    """Run the command, then see what outlives it."""
    own = os.fork()
    if own == 0:
        os.execve(command[0], command, ENVIRONMENT)
    status = None
    while status is None:
        pid, ended = os.wait()
        status = ended if pid == own else None
    deadline = time.monotonic() + 2  # what is about to end, as a kernel ends a child with its parent, has ended then
    while (left := _others()) and time.monotonic() < deadline:
        time.sleep(0.01)
    print(f"left behind: {left}", file=sys.stderr, flush=True)
    os._exit(abs(os.waitstatus_to_exitcode(status)))


def _others() -> int:
    return sum(_alive(one) for one in Path("/proc").iterdir() if one.name.isdecimal()) - 1


def _alive(process: Path) -> bool:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _furnish(root: str, options: argparse.Namespace) -> None:
    """Put into a root folder what a container has in it."""
    _mount("--make-rprivate", "/")
    _mount("-t", "tmpfs", "-o", "mode=755", "none", root)
    for name in ("usr", "autograder", "proc", "dev", "tmp", "etc", "root", "var/tmp"):
        Path(root, name).mkdir(parents=True)
    for name in ("tmp", "var/tmp"):
        Path(root, name).chmod(0o1777)
    for name in ("lib", "lib64", "bin", "sbin"):
        here = Path("/", name)
        if here.is_symlink():
            Path(root, name).symlink_to(here.readlink())
        elif here.is_dir():
            Path(root, name).mkdir()
            _mount("--bind", str(here), f"{root}/{name}")
    _mount("--bind", "-o", "ro", "/usr", f"{root}/usr")
    if options.python is not None:
        python = options.python
        prefix = python.resolve().parent.parent
        Path(f"{root}/{prefix}").mkdir(parents=True)
        _mount("--bind", "-o", "ro", str(prefix), f"{root}/{prefix}")
        _mount("-t", "tmpfs", "-o", "mode=755", "none", f"{root}/usr/local")
        Path(f"{root}/usr/local/bin").mkdir()
        Path(f"{root}/usr/local/bin", f"python{version(python)}").symlink_to(python.resolve())
    if Path("/usr/bin/bwrap").exists():
        _mount("--bind", "/dev/null", f"{root}/usr/bin/bwrap")
    for name in ("ld.so.cache", "passwd", "group"):
        if Path("/etc", name).exists():
            Path(root, "etc", name).write_bytes(Path("/etc", name).read_bytes())
    for name in ("null", "zero", "urandom", "random"):
        Path(root, "dev", name).touch()
        _mount("--bind", f"/dev/{name}", f"{root}/dev/{name}")
    _mount("-t", "proc", "none", f"{root}/proc")
    _mount("--bind", str(options.autograder.resolve()), f"{root}/autograder")
    if options.source is not None:
        _mount("--bind", str(options.source.resolve()), f"{root}/autograder/source")
    for path in options.read_only:
        _mount("--bind", f"{root}{path}", f"{root}{path}")
        _mount("-o", "remount,bind,ro", f"{root}{path}")


def version(python: Path) -> str:
    """Return the `3.10` of an interpreter."""
    said = subprocess.run(
        [python, "-E", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], stdout=-1, text=True
    )
    return said.stdout.strip()


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


if __name__ == "__main__":
    main()
