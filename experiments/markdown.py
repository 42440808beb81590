"""Pieces of RESULTS.md."""

from __future__ import annotations

__all__ = ["hz", "ms", "percent", "table", "times"]


def table(header, rows):
    """A Markdown table of strings."""
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def percent(value, digits=2):
    """A share as percentage; nothing for None."""
    return "" if value is None else f"{100 * value:.{digits}f} %"


def hz(value):
    """A firing rate."""
    return f"{value:.1f} Hz"


def ms(seconds):
    """A time."""
    return f"{1000 * seconds:g} ms"


def times(value):
    """An efficiency; nothing for None."""
    return "" if value is None else f"{value:.2f}x"
