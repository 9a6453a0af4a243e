"""The author's bench: writing an exercise, looking at it as students will, and knowing what it checks."""
