"""One submission, from its files to a scored result."""
