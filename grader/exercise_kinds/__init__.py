"""One module per kind of exercise: what it asks of a worker, and how it judges what comes back."""
