"""Renderers: a result in, text out. Nothing here counts points or decides anything."""
