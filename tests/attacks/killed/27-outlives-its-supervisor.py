"""27. Go on after the supervisor was killed: deaf to signals, in a loop that nothing ends."""

import sys

signal = sys.modules["signal"]
for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
