"""``nengo-softlif run``: one saved network on one backend."""

from __future__ import annotations

import click

from nengo_softlif.cli.options import (
    EXIT_INTERRUPTED,
    ExistingFile,
    data_option,
    evaluation_arguments,
    evaluation_options,
    seed_option,
)
from nengo_softlif.cli.quiet import hush, import_backends_quietly, stdout_is_terminal
from nengo_softlif.cli.samples import read_samples

__all__ = ["run"]


@click.command()
@click.argument("network", type=ExistingFile)
@data_option
@click.option(
    "--backend",
    default="compiled",
    show_default=True,
    metavar="NAME",
    help="See `nengo-softlif doctor`.",
)
@click.option(
    "--max-samples",
    type=click.IntRange(min=1),
    metavar="N",
    help="Run the first N test samples.  [default: all]",
)
@evaluation_options
@seed_option
@click.option("--pictures", type=click.Path(file_okay=False), help="Write pictures to this folder.")
@click.pass_context
def run(ctx, network, data, backend, max_samples, seed, pictures, **options):
    """Run a spiking NETWORK (.zip) on test samples on one backend.

    Samples have the shape that the network takes, or a time axis before it. Labels are integers,
    one-hot rows, or the numbers that the output shall reach.
    """
    hush()
    import_backends_quietly([backend])
    from nengo_softlif.conversion import SpikingNetwork
    from nengo_softlif.errors import EvaluationInterrupted

    spiking = SpikingNetwork.load(network)
    samples, labels = read_samples(data, ("x_test", "y_test"), spiking.input_shapes)
    interrupted = False
    try:
        result = spiking.evaluate(
            samples[:max_samples],
            labels[:max_samples],
            backend=backend,
            seed=seed,
            progress=stdout_is_terminal(),
            **evaluation_arguments(options),
        )
    except EvaluationInterrupted as interrupt:
        result, interrupted = interrupt.result, True
        if not result.n_samples:
            raise  # there is nothing to tell of
    click.echo(result)
    if pictures:
        from nengo_softlif.plots.files import draw_accuracy, draw_firing_rates

        if hasattr(result, "accuracy_over_time"):
            click.echo(f"wrote {draw_accuracy(pictures, {backend: result})}")
        if result.mean_rates:
            click.echo(f"wrote {draw_firing_rates(pictures, result)}")
    ctx.exit(EXIT_INTERRUPTED if interrupted else 0)
