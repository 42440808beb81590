"""Small pictures inside of HTML."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Html", "picture"]


@dataclass
class Html:
    """Text that is there once the picture is drawn."""

    text: str = ""


@contextmanager
def picture(width: float, height: float) -> Iterator[tuple[Axes, Html]]:
    """Draw a picture that becomes an ``<img>`` with the data inside.

    Parameters
    ----------
    width, height : float
        Inches.

    Yields
    ------
    ax : matplotlib.axes.Axes
        To draw on.
    html : Html
        Its ``text`` is set when the context ends.

    Examples
    --------
    >>> with picture(4, 3) as (ax, html):
    ...     _ = ax.plot([1, 2])
    >>> html.text[:32]
    '<img src="data:image/png;base64,'
    """
    from matplotlib.figure import Figure

    figure, html = Figure(figsize=(width, height), layout="constrained"), Html()
    yield figure.subplots(), html
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    data = base64.b64encode(buffer.getvalue()).decode()
    html.text = f'<img src="data:image/png;base64,{data}" alt="" style="max-width: 100%">'
