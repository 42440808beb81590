"""What is installed here, and what is missing why, found with nothing but Python."""

from __future__ import annotations

import platform
import subprocess
import sys
from importlib import metadata

import nengo_softlif

__all__ = ["diagnose", "import_error"]

_AROUND = (
    "numpy",
    "scipy",
    "numba",
    "nengo",
    "keras",
    "tensorflow",
    "tf-keras",
    "jax",
    "lazy-loader",
    "matplotlib",
    "click",
    "rich",
)
_IMPORT_SECONDS = 120


def diagnose(*, imports: bool = False) -> None:
    """Print versions, backends and patches, and why a backend can't run.

    Parameters
    ----------
    imports : bool
        Import each backend, too.

    Examples
    --------
    >>> diagnose()  # doctest: +SKIP
    """
    _print(
        "Versions",
        ("package", "version"),
        [
            ("Python", f"{platform.python_version()} on {platform.system()}"),
            ("nengo-softlif", nengo_softlif.__version__),
            *((package, _version(package)) for package in _AROUND),
        ],
    )
    patches = _patches()  # before anything looks for NengoDL and NengoLoihi
    _print("Backends", ("backend", "package", "version", "runs", "why not"), _backends(imports))
    _print("Patches", ("patch", "applied", "versions", "reason", "why"), patches)


def _version(package):
    try:
        return metadata.version(package) or "damaged: no version"
    except metadata.PackageNotFoundError:
        return "not installed"
    except Exception as err:  # metadata that can't be read
        return f"damaged: {err}"


def _backends(imports):
    try:
        from nengo_softlif import backends

        infos = backends.available()
    except Exception as err:
        return [("all", "", "", "no", f"{type(err).__name__}: {err}")]
    rows = []
    for info in infos:
        reason = info.reason
        if info.installed and imports:
            code = f"from nengo_softlif import backends; backends.get({info.name!r}).load()"
            reason = import_error(code)
        runs = "no" if reason else "yes" if imports else "installed"
        rows.append((info.name, info.package, info.version or "-", runs, reason))
    return rows


def import_error(code: str) -> str:
    """Run code that imports in a process of its own, which may crash.

    Parameters
    ----------
    code : str

    Returns
    -------
    reason : str
        Why it failed; empty if it did not.

    Examples
    --------
    >>> import_error("import no_such_module")
    "ModuleNotFoundError: No module named 'no_such_module'"
    """
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=_IMPORT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"its import takes more than {_IMPORT_SECONDS} s"
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"its import ends the process with code {done.returncode}"


def _patches():
    try:
        from nengo_softlif import compat

        return [
            (patch.name, "yes" if patch.applied else "no", patch.versions, patch.reason, patch.why)
            for patch in compat.status()
        ]
    except Exception as err:
        return [("all", "no", "", f"{type(err).__name__}: {err}", "")]


def _print(title, header, rows):
    """Print a table with nothing but Python: a table of `rich` needs `rich` to be in order."""
    rows = [tuple(map(str, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    print(title)
    for row in (header, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  " + "  ".join(cells).rstrip())
    print()
