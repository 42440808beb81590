"""``nengo-softlif convert``: a Keras model becomes a spiking network."""

from __future__ import annotations

import click

from nengo_softlif.cli.options import (
    ExistingFile,
    KeyValue,
    SynapseText,
    check_target,
    data_option,
    seed_option,
)
from nengo_softlif.cli.quiet import import_quietly, warnings_as_notes

__all__ = ["convert"]


@click.command()
@click.argument("model", type=ExistingFile)
@click.argument("network", type=click.Path(dir_okay=False, writable=True))
@click.option(
    "--synapse",
    type=SynapseText(),
    default="lowpass:0.005",
    show_default=True,
    help="Filter on every spiking layer's output: alpha or lowpass with a time constant in "
    "seconds, or none. Loihi can't run alpha.",
)
@click.option(
    "--neurons",
    type=KeyValue(),
    multiple=True,
    help="Spiking type for an activation or a layer, such as "
    "relu=SpikingLinearResetLIF; several times.",
)
@click.option(
    "--scale",
    type=click.FloatRange(min=0, min_open=True),
    metavar="FACTOR",
    help="Multiply all firing rates by this.",
)
@click.option(
    "--target-rate",
    type=click.FloatRange(min=0, min_open=True),
    metavar="HZ",
    help="Scale each layer so that its fast neurons fire at this rate.",
)
@click.option(
    "--percentile",
    type=click.FloatRange(min=0, max=100, min_open=True),
    default=99.9,
    show_default=True,
    metavar="PERCENT",
    help="Which neurons' rate --target-rate is about.",
)
@data_option
@click.option(
    "--calibration-images",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    metavar="N",
    help="Training images of --data that --target-rate and --verify look at.",
)
@click.option(
    "--max-pool",
    type=click.Choice(["average", "spiking"]),
    help="What to put in place of max pooling, which is refused otherwise: average pooling, or "
    "the spikes of who has most of them.",
)
@click.option(
    "--target",
    type=click.Choice(["loihi"]),
    help="Make sure that the network fits Loihi, and store how it is split among the cores.",
)
@seed_option
@click.option(
    "--verify", is_flag=True, help="Compare each layer's rates with the Keras model on --data."
)
def convert(model, network, data, calibration_images, verify, target_rate, **options):
    """Turn a MODEL (.keras) into a spiking NETWORK (.zip)."""
    check_target(network)
    import_quietly("keras")
    from nengo_softlif import conversion, datasets
    from nengo_softlif.cli.models import load_model

    keras_model = load_model(model)
    images = None
    if verify or target_rate is not None:
        images = datasets.load(data).x_train[:calibration_images]
    options["synapse"] = _synapse(*options["synapse"])
    options["neurons"] = {key: _neuron_type(name) for key, name in options["neurons"]}
    with warnings_as_notes():
        spiking = conversion.convert(
            keras_model,
            target_rates=target_rate,
            calibration=images if target_rate is not None else None,
            **options,
        )
    click.echo(spiking)
    if verify:
        _print_checks(conversion.verify(keras_model, spiking, images))
    spiking.save(network)
    click.echo(f"wrote {network}")


def _synapse(kind, tau):
    import nengo

    return {"none": lambda tau: None, "alpha": nengo.Alpha, "lowpass": nengo.Lowpass}[kind](tau)


def _neuron_type(name):
    import nengo

    from nengo_softlif import neurons

    # ours first: our SpikingLIF trains as a soft LIF and runs as Nengo's
    for home in (neurons, nengo):
        found = getattr(home, name, None)
        if isinstance(found, type) and issubclass(found, nengo.neurons.NeuronType):
            return found()
    raise click.UsageError(
        f"--neurons: there is no neuron type {name!r} in nengo_softlif or Nengo; "
        f"{', '.join(neurons.__all__)} are ours"
    )


def _print_checks(checks):
    from rich.console import Console
    from rich.table import Table

    table = Table("Layer", title="Rate version against the Keras model", title_justify="left")
    table.add_column("Largest difference", justify="right")
    table.add_column("Relative", justify="right")
    for check in checks:
        table.add_row(check.name, f"{check.max_abs:.2g}", f"{check.max_rel:.2g}")
    Console().print(table)
