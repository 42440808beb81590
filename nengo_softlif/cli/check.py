"""``nengo-softlif check``: does a saved network fit Loihi?"""

from __future__ import annotations

import click

from nengo_softlif.cli.options import ExistingFile, check_target, dt_option
from nengo_softlif.cli.quiet import hush, import_quietly
from nengo_softlif.files import write_text

__all__ = ["check"]


@click.command()
@click.argument("network", type=ExistingFile)
@dt_option
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, writable=True),
    metavar="FILE",
    help="Write the report to this file as well.",
)
@click.pass_context
def check(ctx, network, dt, json_file):
    """Tell whether a spiking NETWORK (.zip) fits Loihi.

    Prints what each layer needs of the chip's cores, and everything that is in the way. The exit
    code is 1 if the network does not fit.
    """
    if json_file is not None:
        check_target(json_file)
    hush()
    import_quietly("tensorflow")
    import json

    from nengo_softlif import loihi
    from nengo_softlif.conversion import SpikingNetwork

    step = {} if dt is None else {"dt": dt}
    report = loihi.check(SpikingNetwork.load(network), **step)
    click.echo(report)
    if json_file is not None:
        write_text(json_file, json.dumps(report.to_dict(), indent=1))
        click.echo(f"wrote {json_file}")
    ctx.exit(0 if report.fits else 1)
