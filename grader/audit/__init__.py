"""Prove an exercise before a student meets it: what it catches, what it lets pass, what it costs."""
