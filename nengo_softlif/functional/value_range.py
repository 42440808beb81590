"""The range of values that can be encoded as spikes."""

from __future__ import annotations

from typing import Any

from nengo_softlif.errors import ParameterError

__all__ = ["check_range", "out_of_range"]


def out_of_range(name: str, encoding: str) -> str:
    """Say that values can't be encoded.

    Parameters
    ----------
    name : str
        Of the values.
    encoding : str
        Name of its class.

    Returns
    -------
    message : str
        With {} for the smallest and the largest value.

    Examples
    --------
    >>> print(out_of_range("x", "LatencySpikes").format(-1, 2))
    x must be from 0 to 1 to encode them as LatencySpikes (got -1 to 2); scale them, or \
clip them with clip=True
    """
    return (
        f"{name} must be from 0 to 1 to encode them as {encoding} (got {{}} to {{}}); scale them, "
        "or clip them with clip=True"
    )


def check_range(name: str, lowest: Any, highest: Any, encoding: str) -> None:
    """Raise unless values are from 0 to 1.

    Parameters
    ----------
    name : str
        Of the values, for the error.
    lowest, highest : scalar
        Of all values; NaN if one of them is.
    encoding : str
        Name of its class.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> check_range("values", 0.0, 1.0, "LatencySpikes")
    """
    lowest, highest = float(lowest), float(highest)
    if not (lowest >= 0 and highest <= 1):
        message = out_of_range(name, encoding)
        raise ParameterError(message.format(f"{lowest:.4g}", f"{highest:.4g}"))
