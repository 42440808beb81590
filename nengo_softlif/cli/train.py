"""``nengo-softlif train``: a built-in architecture learns a data set."""

from __future__ import annotations

import click

from nengo_softlif.cli.options import Seconds, check_target, data_option, seed_option
from nengo_softlif.cli.quiet import import_quietly
from nengo_softlif.files import replaced

__all__ = ["train"]


@click.command()
@click.argument("architecture")
@click.argument("model", type=click.Path(dir_okay=False, writable=True))
@data_option
@click.option("--epochs", type=click.IntRange(min=1), default=10, show_default=True, metavar="N")
@click.option(
    "--max-seconds",
    type=Seconds,
    metavar="SECONDS",
    help="Stop after the epoch in which this is over.",
)
@click.option(
    "--noise",
    type=click.FloatRange(min=0),
    default=20.0,
    show_default=True,
    metavar="HZ",
    help="Noise on the rates in training, as spikes will make it.",
)
@seed_option
def train(architecture, model, data, epochs, max_seconds, noise, seed):
    """Train a built-in ARCHITECTURE and save it as a MODEL (.keras).

    ARCHITECTURE is convnet or mlp; both have soft LIF neurons.
    """
    if not model.endswith(".keras"):
        raise click.BadParameter(f"must end with .keras (got {model!r})", param_hint="MODEL")
    check_target(model)
    from nengo_softlif import datasets

    images = datasets.load(data)  # before the imports below, which take seconds

    import_quietly("keras")
    from nengo_softlif.demo import architectures, training

    network = architectures.build(
        architecture, images.input_shape, images.n_classes, noise=noise, seed=seed
    )
    training.train(
        network,
        images.x_train,
        images.y_train,
        epochs=epochs,
        max_seconds=max_seconds,
        on_epoch=_tell,
    )
    error = training.error_rate(network, images.x_test, images.y_test)
    click.echo(f"{100 * error:.2f} % error on {len(images.y_test):,} test images")
    with replaced(model) as partial:
        network.save(partial)
    click.echo(f"wrote {model}")


def _tell(epoch, logs):
    click.echo(f"epoch {epoch + 1}: {100 * (1 - logs['accuracy']):.2f} % error in training")
