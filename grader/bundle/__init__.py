"""Bundles: an assignment with all that is needed to run it somewhere else, in one zip, from a list."""
