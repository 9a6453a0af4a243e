"""The teacher's side: who is in the course, who handed in what, what was decided by hand, and everyone's mark."""
