"""The homework, solved, in the interface of MiniTorch's Module 1 of 2020."""
