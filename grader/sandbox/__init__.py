"""Run a student's code where it can do no harm. `supervisor` is the way in; nothing here holds an answer."""
