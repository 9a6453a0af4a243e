"""20. Have a signal or a timer run code of its own inside the worker's."""

import sys

from hostile import buffer, refused, system_call, TimesFive

signal, thread = sys.modules["signal"], sys.modules["_thread"]
signal.signal(signal.SIGALRM, lambda *_: None)


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        refused(
            lambda: signal.setitimer(signal.ITIMER_REAL, 0.01),
            lambda: signal.setitimer(signal.ITIMER_VIRTUAL, 0.01),
            lambda: signal.raise_signal(signal.SIGALRM),
            lambda: signal.pthread_kill(thread.get_ident(), signal.SIGALRM),
            lambda: system_call("timer_create", 0, 0, buffer(8)),
            lambda: system_call("timerfd_create", 0, 0),
        )
