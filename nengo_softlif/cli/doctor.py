"""``nengo-softlif doctor``: what is installed here, and what is missing why."""

from __future__ import annotations

import platform
from importlib import metadata

import click

import nengo_softlif
from nengo_softlif.cli.quiet import import_quietly

__all__ = ["doctor"]

_AROUND = (
    "numpy",
    "scipy",
    "numba",
    "nengo",
    "keras",
    "tensorflow",
    "tf-keras",
    "jax",
    "matplotlib",
)


@click.command()
def doctor():
    """List versions and backends, and why one can't run."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from nengo_softlif import backends

    import_quietly("tensorflow")
    console = Console()
    versions = Table("Package", "Version", title="Versions", title_justify="left")
    versions.add_row("Python", f"{platform.python_version()} on {platform.system()}")
    versions.add_row("nengo-softlif", nengo_softlif.__version__)
    for package in _AROUND:
        versions.add_row(package, _version(package) or "[yellow]not installed[/yellow]")
    console.print(versions)

    table = Table("Backend", "Package", "Version", "Runs", title="Backends", title_justify="left")
    table.add_column("Why not, and what to do", overflow="fold")
    for info in backends.available():
        runs = "[green]yes[/green]" if info.installed else "[yellow]no[/yellow]"
        table.add_row(info.name, info.package, info.version or "-", runs, escape(info.reason))
    console.print(table)


def _version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
