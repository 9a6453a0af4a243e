"""The student's desk: checking one's own files, with the same judges as in grading and without anybody's solution."""
