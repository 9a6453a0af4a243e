"""Micrograd: an autograd engine for scalars."""
