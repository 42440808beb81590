"""Versions of a package that need a patch."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

from packaging.version import Version

__all__ = ["Versions", "installed"]


def installed(package: str) -> str | None:
    """Return the installed version of a distribution, None if there is none of that name.

    Examples
    --------
    >>> installed("no-such-package") is None
    True
    """
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


@dataclass(frozen=True)
class Versions:
    """A range of versions.

    Parameters
    ----------
    package : str
        Name of the distribution.
    since : str, optional
        First version in the range.
    through : str, optional
        Last version in the range. For a fault that no release has fixed it is the newest
        release that the fault was seen in: a later one is trusted to work.

    Examples
    --------
    >>> str(Versions("numpy", since="2.0"))
    'numpy >= 2.0'
    """

    package: str
    since: str | None = None
    through: str | None = None

    def __str__(self) -> str:
        bounds = [(">=", self.since), ("<=", self.through)]
        return f"{self.package} " + ", ".join(f"{sign} {v}" for sign, v in bounds if v is not None)

    def hold(self) -> bool:
        """Whether the installed version is in the range.

        A package that is installed under another name (``tensorflow-cpu``) counts as in the
        range: without its version nothing speaks against the patch.
        """
        found = installed(self.package)
        if found is None:
            return True
        version = Version(found)
        is_late = self.since is None or version >= Version(self.since)
        return is_late and (self.through is None or version <= Version(self.through))
