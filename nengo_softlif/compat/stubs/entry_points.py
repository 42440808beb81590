"""The function of ``pkg_resources`` that tests of NengoDL call; setuptools 81 dropped it."""

import importlib.metadata


class _EntryPoint:
    def __init__(self, entry_point):
        self.entry_point = entry_point

    def load(self, require=True):
        """Import the object; ``require``, whether to check versions first, is of no concern."""
        return self.entry_point.load()


def iter_entry_points(group):
    """Yield the entry points of a group.

    Parameters
    ----------
    group : str
        Name of the group.

    Yields
    ------
    entry_point
        Has the method ``load(require=...)``.
    """
    for entry_point in importlib.metadata.entry_points(group=group):
        yield _EntryPoint(entry_point)
