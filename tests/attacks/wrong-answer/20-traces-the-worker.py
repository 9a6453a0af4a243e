"""20. Trace whatever the worker does next and replace every number that it is about to send."""

import sys

from hostile import TimesFive

seen = []


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        def trace(frame, event, value):
            frame.f_trace_lines = False
            for name in list(frame.f_locals):
                if name in ("rows", "expected", "answer", "accepted"):
                    seen.append(frame.f_locals[name])
            return trace

        sys.settrace(trace)
        return max([float(one) for one in seen if type(one) is float], default=0.0)
