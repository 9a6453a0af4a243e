"""Marks sent to Canvas over its REST interface: planned, shown, and then sent, each thing once."""
