"""Scalar automatic differentiation in the lecture's and MiniTorch's own terms."""
