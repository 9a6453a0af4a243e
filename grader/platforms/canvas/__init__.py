"""Canvas: what its files are called, its gradebook as a file, and its gradebook over the network."""
