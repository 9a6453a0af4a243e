"""What is handed to the peers: the exercises of lecture 8, as a course would write them for each."""
