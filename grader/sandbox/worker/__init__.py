"""What runs inside the box: it loads a student's modules, calls them as asked and replies with plain numbers."""
