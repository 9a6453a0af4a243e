"""26. Print without end before anything is asked."""

while True:
    print()
