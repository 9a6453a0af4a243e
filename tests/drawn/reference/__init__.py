"""The homework, solved."""
