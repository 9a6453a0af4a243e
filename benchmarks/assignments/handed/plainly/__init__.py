"""Stand in for Hypothesis and pytest where a course has neither: the same tests, on inputs that `random` draws."""
