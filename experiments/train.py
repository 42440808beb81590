"""``python -m experiments.train NAME ...``: train networks and store their weights."""

from __future__ import annotations

import os
from pathlib import Path

import click

from experiments.options import training_options
from nengo_softlif import datasets


@click.command()
@click.argument("names", nargs=-1)
@training_options("mnist.npz, cifar10.npz and the others")
@click.option("--bfloat16", is_flag=True, help="Convolutions in bfloat16, if that is faster here.")
@click.option("--quick", is_flag=True, help="A few images, two epochs; store nothing.")
def main(names, data, checkpoints, restart, bfloat16, quick):
    """Train the networks NAMES, or all, unless they have been. What was interrupted goes on."""
    if data:
        os.environ[datasets.DATA_VARIABLE] = data
    from experiments.checkpoints import WEIGHTS, store
    from experiments.plans import PLANS
    from experiments.training import train
    from nengo_softlif.errors import SoftLIFError

    unknown = [name for name in names if name not in PLANS]
    if unknown:
        raise click.UsageError(f"unknown: {', '.join(unknown)}; there are {', '.join(PLANS)}")
    for name in names or PLANS:
        stored = (WEIGHTS / f"{name}.npz").exists()
        begun = bool(names) and (Path(checkpoints) / name).exists()
        if stored and not (restart or quick or begun):
            click.echo(f"{name}: has been trained; --restart trains it again")
            continue
        click.echo(f"{name}:")
        folder = name + "_quick" * quick
        try:
            model, history = train(
                folder,
                PLANS[name],
                checkpoints,
                restart=restart,
                quick=quick,
                bfloat16=bfloat16,
            )
        except SoftLIFError as error:
            raise click.ClickException(str(error)) from error
        if not quick:
            store(name, model, history, bfloat16=bfloat16)


if __name__ == "__main__":
    main()
