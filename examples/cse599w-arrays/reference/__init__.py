"""Assignment 1."""
