"""The range of values that can be encoded as spikes."""

from __future__ import annotations

from typing import Any

from nengo_softlif.errors import ParameterError

__all__ = ["check_range"]


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
        raise ParameterError(
            f"{name} must be from 0 to 1 to encode them as {encoding} (got {lowest:.4g} to "
            f"{highest:.4g}); scale them, or clip them with clip=True"
        )
