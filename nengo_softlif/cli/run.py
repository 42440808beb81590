"""``nengo-softlif run``: one saved network on one backend."""

from __future__ import annotations

import click

from nengo_softlif.cli.options import (
    ExistingFile,
    data_option,
    evaluation_options,
    seed_option,
)
from nengo_softlif.cli.quiet import hush, import_backends_quietly, stdout_is_terminal

__all__ = ["run"]


@click.command()
@click.argument("network", type=ExistingFile)
@data_option
@click.option(
    "--backend",
    default="nengo",
    show_default=True,
    metavar="NAME",
    help="See `nengo-softlif doctor`.",
)
@click.option(
    "--max-items",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    metavar="N",
    help="Test images at most.",
)
@evaluation_options
@seed_option
@click.option("--pictures", type=click.Path(file_okay=False), help="Write pictures to this folder.")
def run(network, data, backend, max_items, seed, pictures, **presentation):
    """Run a spiking NETWORK (.zip) on test images on one backend."""
    hush()
    import_backends_quietly([backend])
    from nengo_softlif import datasets
    from nengo_softlif.conversion import SpikingNetwork
    from nengo_softlif.evaluation.evaluate import evaluate

    spiking = SpikingNetwork.load(network)
    images = datasets.load(data)
    result = evaluate(
        spiking,
        images.x_test,
        images.y_test,
        backend=backend,
        max_items=max_items,
        seed=seed,
        progress=stdout_is_terminal(),
        **presentation,
    )
    click.echo(result.summary())
    if pictures:
        from nengo_softlif.plots.files import draw_accuracy, draw_firing_rates

        for path in (
            draw_accuracy(pictures, {backend: result}),
            draw_firing_rates(pictures, result),
        ):
            click.echo(f"wrote {path}")
