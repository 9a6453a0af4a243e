"""A student's own machine: their files checked as in grading, without anybody's solution."""
