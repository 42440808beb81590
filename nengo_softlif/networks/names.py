"""Names of the parts of a network: unique, and listed where an unknown one is asked for."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TypeVar

from nengo_softlif.errors import UnknownNameError

__all__ = ["ByName", "unique"]

T = TypeVar("T")


class ByName(dict[str, T]):
    """Values by name; an unknown name raises an error that lists the known ones.

    Parameters
    ----------
    kind : str
        What the names are of, for instance "layer".
    values : dict

    Examples
    --------
    >>> ByName("layer", {"conv": 1})["dense"]
    Traceback (most recent call last):
    nengo_softlif.errors.UnknownNameError: layer 'dense' is unknown; choose one of conv
    """

    def __init__(self, kind: str, values: Mapping[str, T]) -> None:
        super().__init__(values)
        self.kind = kind

    def __missing__(self, name: str) -> T:
        raise UnknownNameError(self.kind, name, self)

    def __reduce__(self):
        return ByName, (self.kind, dict(self))


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
