"""Gradescope: its autograder's metadata in, its `results.json` out, and one visit to its container."""
