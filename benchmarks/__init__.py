"""What grading a class costs, measured side by side with what courses use today."""
