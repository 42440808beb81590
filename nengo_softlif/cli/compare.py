"""``nengo-softlif compare``: one saved network on several backends."""

from __future__ import annotations

import click

from nengo_softlif.cli.options import (
    EXIT_INTERRUPTED,
    BackendWithCount,
    ExistingFile,
    data_option,
    evaluation_arguments,
    evaluation_options,
    seed_option,
)
from nengo_softlif.cli.quiet import (
    hush,
    import_backends_quietly,
    import_quietly,
    stdout_is_terminal,
)
from nengo_softlif.cli.samples import read_samples

__all__ = ["compare"]


@click.command()
@click.argument("network", type=ExistingFile)
@data_option
@click.option(
    "-b",
    "--backend",
    "backends",
    type=BackendWithCount(),
    multiple=True,
    default=["compiled", "loihi:1000", "nengo_dl:100", "nengo:20"],
    show_default=True,
    help="A backend, and how many test samples it gets at most; give the option several times.",
)
@click.option(
    "--model",
    type=ExistingFile,
    help="The .keras file that the network came from, for its error on the same images.",
)
@evaluation_options
@seed_option
@click.pass_context
def compare(ctx, network, data, backends, model, seed, **options):
    """Run a spiking NETWORK (.zip) on several backends: one table."""
    hush()
    import_backends_quietly(dict(backends))
    from rich.console import Console

    from nengo_softlif.conversion import SpikingNetwork
    from nengo_softlif.errors import EvaluationInterrupted
    from nengo_softlif.evaluation import comparison

    spiking = SpikingNetwork.load(network)
    samples, labels = read_samples(data, ("x_test", "y_test"), spiking.input_shapes)
    reference = None
    if model is not None:
        import_quietly("tensorflow")
        from nengo_softlif.cli.models import load_model

        reference = load_model(model).predict(samples, verbose=0).argmax(axis=-1)
    rows, interrupted = [], False
    try:
        for row in comparison.compare(
            spiking,
            samples,
            labels,
            backends=dict(backends),
            reference=reference,
            seed=seed,
            progress=stdout_is_terminal(),
            task="classes",
            **evaluation_arguments(options),
        ):
            rows.append(row)
    except EvaluationInterrupted:
        interrupted = True
        if not any(row.result and row.result.n_samples for row in rows):
            raise
    Console().print(comparison.table(rows, title=f"{network} on {data}"))
    ctx.exit(EXIT_INTERRUPTED if interrupted else 0)
