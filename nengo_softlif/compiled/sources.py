"""Which packages compiled functions are made of, so that a change in one makes them anew."""

from __future__ import annotations

import functools
import hashlib
import sys
from pathlib import Path

__all__ = ["digest_of_sources", "register_sources"]

_HERE = __name__.rpartition(".")[0]
_USES: dict[str, tuple[str, ...]] = {_HERE: ()}


def register_sources(package: str, *, uses: tuple[str, ...] = ()) -> None:
    """Let the cache of a package's compiled functions depend on the text of the whole package.

    To be called by the package's ``__init__`` before it imports a module that has kernels. The
    functions of a module that belongs to no such package depend on their own file and on
    `nengo_softlif.compiled`.

    Parameters
    ----------
    package : str
        Name of the package, usually ``__name__``.
    uses : tuple of str
        Other registered packages whose functions its kernels call.

    Examples
    --------
    >>> register_sources("nengo_softlif.simulator")
    """
    _USES[package] = (_HERE, *uses)


def _package_of(module):
    """The innermost registered package that a module belongs to."""
    within = [name for name in _USES if f"{module}.".startswith(f"{name}.")]
    return max(within, key=len, default=_HERE)


def digest_of_sources(module: str) -> str:
    """Digest of all text that the compiled functions of a module are made of.

    Parameters
    ----------
    module : str
        Name of the module.

    Returns
    -------
    digest : str
    """
    return _digest(_package_of(module))


@functools.cache
def _digest(package):
    packages, left = set(), [package]
    while left:
        if (name := left.pop()) not in packages:
            packages.add(name)
            left += _USES[name]
    digest = hashlib.sha256()
    for name in sorted(packages):
        # a registered package is being imported, if it has not been already
        for folder in sys.modules[name].__path__:
            for path in sorted(Path(folder).rglob("*.py")):
                digest.update(path.read_bytes())
    return digest.hexdigest()
