"""Errors that name the thing, the rule, the value received and what to do."""

__all__ = ["BackendError", "ConversionError", "DatasetError", "FileError", "SoftLIFError"]


class SoftLIFError(Exception):
    """Base class of everything this package raises on purpose."""


class BackendError(SoftLIFError, RuntimeError):
    """A simulator is unknown, not installed, or can't run what it was given."""


class ConversionError(SoftLIFError, ValueError):
    """A model can't be converted; the message lists every reason."""


class DatasetError(SoftLIFError, ValueError):
    """Images or labels are missing, damaged or of the wrong shape."""


class FileError(SoftLIFError, ValueError):
    """A saved file is damaged, of another version, or not what it claims to be."""
