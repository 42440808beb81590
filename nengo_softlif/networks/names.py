"""Names that are unique within a network."""

from __future__ import annotations

from collections.abc import Container

__all__ = ["unique"]


def unique(name: str, taken: Container[str], *, separator: str = " ", start: int = 2) -> str:
    """Number a name if it is taken.

    Parameters
    ----------
    name : str
    taken : container of str
        The names that there are already, for instance a set or a dict.
    separator : str
        Between the name and its number.
    start : int
        The first number.

    Returns
    -------
    name : str
        The name itself, or with the lowest number that makes it unique.

    Examples
    --------
    >>> unique("a", {"b"}), unique("a", {"a", "a 2"})
    ('a', 'a 3')
    """
    candidate, number = name, start
    while candidate in taken:
        candidate, number = f"{name}{separator}{number}", number + 1
    return candidate
