"""``nengo-softlif demo``: the main job from end to end."""

from __future__ import annotations

import click

from nengo_softlif.cli.options import seed_option
from nengo_softlif.cli.quiet import import_quietly

__all__ = ["demo"]


@click.command()
@click.option(
    "--output",
    type=click.Path(file_okay=False),
    default="demo_output",
    show_default=True,
    help="Folder for the pictures, the trained model and the spiking network.",
)
@click.option("--quick", is_flag=True, help="Train shortly and show few images: half a minute.")
@seed_option
def demo(output, quick, seed):
    """Train on real digits, convert, run on every simulator."""
    import_quietly("keras")
    from nengo_softlif import demo as the_demo

    the_demo.run(output, quick=quick, seed=seed)
