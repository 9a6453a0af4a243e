"""The homework, solved, in the interface of the lecture and of the course's first years."""
