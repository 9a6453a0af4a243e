"""What courses grade with today, each at the same exercises and as many examples."""
