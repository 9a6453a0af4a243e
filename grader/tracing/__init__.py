"""A student's own backpropagation, step by step: what is run, what each number should be, where it first differs."""
