"""A student's own backpropagation, step by step: what is run, what each number should be, and where it first differs."""
