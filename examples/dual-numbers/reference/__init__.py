"""Dual numbers: automatic differentiation in forward mode."""
