"""26. Never finish loading."""

while True:
    pass
