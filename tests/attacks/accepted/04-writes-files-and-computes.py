"""4. Try the same, say nothing about it, and hand in a right answer."""

import os

from hostile import system_call, TimesFive

FOLDERS = ("CANARY_FOLDER", ".", "/tmp", "/dev/shm", "/var/tmp", "ROOT")


def ways():
    for folder in FOLDERS:
        name = f"{folder}/CANARY_NAME"
        yield lambda name=name: open(name, "w").write("x")
        yield lambda name=name: os.mkdir(name)
        yield lambda name=name: os.mkfifo(name)
        yield lambda name=name: os.symlink("/etc/passwd", name)
        yield lambda name=name: os.link("CANARY_FILE", name)
        yield lambda name=name: system_call("openat", -100, name.encode(), 0o101, 0o600)
    yield lambda: open("CANARY_FILE", "w").write("x")
    yield lambda: open("CANARY_FILE", "a").write("x")
    yield lambda: os.truncate("CANARY_FILE", 0)
    yield lambda: os.unlink("CANARY_FILE")
    yield lambda: os.rename("CANARY_FILE", "CANARY_FILE.gone")
    yield lambda: os.chmod("CANARY_FILE", 0o777)
    yield lambda: os.utime("CANARY_FILE")
    yield lambda: os.setxattr("CANARY_FILE", "user.x", b"x")
    yield lambda: system_call("memfd_create", b"x", 0)


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        for attempt in ways():
            try:
                attempt()
            except BaseException:
                pass
        return x * y
