"""3. See what there is on the machine."""

import os

from hostile import buffer, refused, system_call, TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        folders = ("/", ".", "..", "/tmp", "/proc", "/proc/self/fd", "/box", "/usr", "ROOT", "CANARY_FOLDER")
        refused(
            *(lambda folder=folder: os.listdir(folder) for folder in folders),
            *(lambda folder=folder: list(os.scandir(folder)) for folder in folders),
            *(lambda folder=folder: os.chdir(folder) for folder in folders),
            *(lambda fd=fd: system_call("getdents64", fd, buffer(4096), 4096) for fd in range(16)),
            lambda: os.statvfs("/"),
        )
