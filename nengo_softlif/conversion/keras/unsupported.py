"""How a parser says that it can't convert a layer."""

__all__ = ["UnsupportedLayer"]


class UnsupportedLayer(Exception):
    """Reason why one layer can't be converted, and what to do about it."""
