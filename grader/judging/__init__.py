"""How near is near enough: bands around the exact answer, and what a student's own forward excuses."""
