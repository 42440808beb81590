"""Simulators by name, and one way to present batches of samples on any of them."""

from nengo_softlif.backends.registry import available, get, names

__all__ = ["available", "get", "names"]
