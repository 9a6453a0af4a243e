"""The homework, yours to write: scalar automatic differentiation in the lecture's and MiniTorch's own terms."""
