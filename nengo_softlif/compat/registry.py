"""Which patches are in place, and why others are not."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, fields

from nengo_softlif.compat.catalogue import PATCHES, Patch
from nengo_softlif.compat.versions import installed
from nengo_softlif.errors import SoftLIFError, UnknownNameError
from nengo_softlif.tables import Table

__all__ = ["PatchStatus", "StatusTable", "apply", "is_enabled", "reason_against", "status"]

_SWITCH = "NENGO_SOFTLIF_COMPAT"
_applied: set[str] = set()


@dataclass(frozen=True)
class PatchStatus:
    """A line of `status`.

    Parameters
    ----------
    name : str
    module : str
        What is replaced, and for which modules if not for all.
    why : str
    versions : str
        The versions that need the patch.
    applied : bool
        Whether it is in place in this process.
    reason : str
        Why it is, or why it isn't.
    """

    name: str
    module: str
    why: str
    versions: str
    applied: bool
    reason: str


@dataclass(frozen=True)
class StatusTable:
    """All patches; iterate over it, or print it.

    Parameters
    ----------
    rows : tuple of PatchStatus
    """

    rows: tuple[PatchStatus, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(field.name for field in fields(PatchStatus))

    def __iter__(self) -> Iterator[PatchStatus]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> PatchStatus:
        for row in self.rows:
            if row.name == name:
                return row
        raise UnknownNameError("patch", name, [row.name for row in self.rows])

    def __str__(self) -> str:
        lines = []
        for row in self.rows:
            lines.append(f"{row.name}: {'applied' if row.applied else 'not applied'}")
            for column, value in zip(self.columns, astuple(row), strict=True):
                if column not in ("name", "applied"):
                    text = textwrap.fill(
                        value, 98, initial_indent=f"  {column:<9}", subsequent_indent=" " * 11
                    )
                    lines.append(text)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = tuple(
            tuple(str(value) for value in astuple(row)[:4])
            + ("yes" if row.applied else "no",)
            + (row.reason,)
            for row in self.rows
        )
        columns = range(len(self.columns))
        return Table(header=self.columns, rows=rows, text_columns=tuple(columns)).to_html()


def is_enabled() -> bool:
    """Whether patches are applied at all.

    Raises
    ------
    SoftLIFError
        If ``NENGO_SOFTLIF_COMPAT`` is neither 0 nor 1.
    """
    value = os.environ.get(_SWITCH, "1")
    if value not in ("0", "1"):
        raise SoftLIFError(
            f"{_SWITCH} must be 0, which turns all patches off, or 1 (got {value!r}); set it to "
            "one of them, or unset it"
        )
    return value == "1"


def reason_against(patch: Patch) -> str:
    """Say why a patch is not to be applied; empty if it is."""
    if not is_enabled():
        return f"turned off by {_SWITCH}=0"
    for versions in patch.needed_if:
        if not versions.hold():
            found = installed(versions.package)
            return f"{versions.package} {found} does not need it ({versions} does)"
    return ""


def apply(name: str, install: Callable[[], object]) -> None:
    """Put a patch in place, if it is needed.

    Parameters
    ----------
    name : str
        Of a patch in the catalogue.
    install : callable
        Does it; may be called again.

    Raises
    ------
    KeyError
        If the catalogue has no patch of that name.

    Examples
    --------
    >>> apply("block-shapes", block_shapes.install)  # doctest: +SKIP
    """
    if not reason_against(PATCHES[name]):
        install()
        _applied.add(name)


def status() -> StatusTable:
    """List every patch: what it changes, why, for which versions, and whether it is in place.

    Nothing is imported: the patches of a package that has not been imported are not in place.

    Returns
    -------
    table : StatusTable

    Examples
    --------
    >>> "numpy-1-arrays" in {row.name for row in status()}
    True
    """
    return StatusTable(tuple(map(_status_of, PATCHES.values())))


def _status_of(patch: Patch) -> PatchStatus:
    applied = patch.name in _applied
    if applied:
        packages = [versions.package for versions in patch.needed_if]
        reason = "needed by " + ", ".join(f"{p} {installed(p) or '(any)'}" for p in packages)
    else:
        reason = reason_against(patch) or f"comes with `import {patch.package}`"
    return PatchStatus(patch.name, patch.module, patch.why, patch.versions, applied, reason)
