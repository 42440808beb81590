"""``nengo-softlif train``: a built-in architecture learns a data set."""

from __future__ import annotations

import click

from nengo_softlif.cli.options import Seconds, data_option, quiet_tensorflow, seed_option

__all__ = ["train"]


@click.command()
@click.argument("model", type=click.Path(dir_okay=False, writable=True))
@data_option
@click.option(
    "--architecture",
    default="convnet",
    show_default=True,
    metavar="NAME",
    help="One of the built-in models.",
)
@click.option("--epochs", type=click.IntRange(min=1), default=10, show_default=True, metavar="N")
@click.option(
    "--max-seconds",
    type=Seconds,
    metavar="SECONDS",
    help="Stop after the epoch in which this is over.",
)
@seed_option
def train(model, data, architecture, epochs, max_seconds, seed):
    """Train a built-in model with soft LIF neurons: MODEL.keras."""
    if not model.endswith(".keras"):
        raise click.BadParameter(f"must end with .keras (got {model!r})", param_hint="MODEL")
    quiet_tensorflow()
    from nengo_softlif import datasets

    images = datasets.load(data)  # before the imports below, which take seconds

    from nengo_softlif import architectures, training

    network = architectures.build(architecture, images.input_shape, images.n_classes)
    network.summary()
    training.train(
        network, images.x_train, images.y_train, epochs=epochs, max_seconds=max_seconds, seed=seed
    )
    predictions = network.predict(images.x_test, verbose=0).argmax(axis=-1)
    error = (predictions != images.y_test).mean()
    click.echo(f"error on {len(predictions):,} test images: {100 * error:.2f} %")
    network.save(model)
    click.echo(f"wrote {model}")
