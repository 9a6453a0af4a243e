"""16. Leave a process behind: fork twice, a session of its own."""

import os

from hostile import refused, system_call, TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        def daemon():
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    while True:
                        pass
                os._exit(0)

        refused(daemon, os.setsid, lambda: os.setpgid(0, 0), lambda: system_call("setsid"), lambda: os.daemon(1, 1))
