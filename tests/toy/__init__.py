"""A kind of exercise that the grader has not got: what a new one takes, and what the tests hold that to."""
