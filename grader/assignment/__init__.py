"""What an author writes, read into records: exercises, formulas, lateness, the seed."""
