"""Exact values and derivatives of a formula, by forward mode: nothing here gives the homework away."""
