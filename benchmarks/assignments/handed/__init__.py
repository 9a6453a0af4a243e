"""What the peers are handed: tests as a course would write them, to the public list of tasks."""
