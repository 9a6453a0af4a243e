def total(numbers):
    """Return what the numbers add up to."""
    # solution: add them up
    found = 0.0
    for number in numbers:
        found = found + number
    return found
    # end solution
