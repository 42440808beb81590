"""``nengo-softlif doctor``: what is installed here, and what is missing why."""

from __future__ import annotations

import click

from nengo_softlif.cli.diagnosis import diagnose

__all__ = ["doctor"]


@click.command()
@click.option("--imports", is_flag=True, help="Import each backend, too: half a minute.")
def doctor(imports):
    """List versions, backends and patches, and why a backend can't run.

    Reads what is installed without importing it, so that a broken package is no obstacle.
    """
    diagnose(imports=imports)
