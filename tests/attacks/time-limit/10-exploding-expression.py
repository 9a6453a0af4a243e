"""10. A regular expression that backtracks for ever."""

import re

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        re.match('(a+)+$', 'a' * 40 + 'b')
