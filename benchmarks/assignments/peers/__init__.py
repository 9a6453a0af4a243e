"""What courses run today, on whole assignments: the other side of the comparison."""
