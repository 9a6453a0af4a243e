"""A neuron on values."""

from __future__ import annotations
