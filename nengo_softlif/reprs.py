"""How objects with arrays in them show in one line."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

__all__ = ["OneLineRepr"]

_LONGEST = 60  # characters of a value


class OneLineRepr:
    """Base of data classes whose values may be large: they show as type, shape or number.

    To be used with ``@dataclass(repr=False)``.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> @dataclass(repr=False)
    ... class Map(OneLineRepr):
    ...     name: str
    ...     weights: np.ndarray
    >>> Map("dense", np.zeros((10, 4)))
    Map(name='dense', weights=<10x4 float64>)
    """

    def __repr__(self) -> str:
        values = (f"{f.name}={_short(getattr(self, f.name))}" for f in fields(self) if f.repr)  # type: ignore[arg-type]
        return f"{type(self).__name__}({', '.join(values)})"


def _short(value: Any) -> str:
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if dtype is not None and shape:
        return f"<{'x'.join(map(str, shape))} {dtype}>"
    text = repr(value)
    if len(text) <= _LONGEST and "\n" not in text:
        return text
    if isinstance(value, (tuple, list, dict, set, frozenset)):
        return f"<{type(value).__name__} of {len(value)}>"
    return " ".join(text.split())[: _LONGEST - 3] + "..."
