"""What leaves the course in one file: the students' handout. Everything in it is on a list."""
