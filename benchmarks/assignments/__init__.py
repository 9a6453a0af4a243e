"""Whole assignments measured beside pytest + Hypothesis, and beside the students' own calls alone."""
