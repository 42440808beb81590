"""The group of all commands, and how errors reach the person who typed one."""

from __future__ import annotations

import sys

import click

import nengo_softlif
from nengo_softlif.cli.check import check
from nengo_softlif.cli.compare import compare
from nengo_softlif.cli.convert import convert
from nengo_softlif.cli.demo import demo
from nengo_softlif.cli.doctor import doctor
from nengo_softlif.cli.options import EXIT_INTERRUPTED
from nengo_softlif.cli.run import run
from nengo_softlif.cli.train import train
from nengo_softlif.errors import SoftLIFError

__all__ = ["commands"]


class _Commands(click.Group):
    """Commands in the order of use. Errors raised on purpose, and interrupts, are one line."""

    def list_commands(self, ctx):
        return list(self.commands)

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            click.echo(f"{str(interrupt) or 'interrupted'}: there is no result", err=True)
            ctx.exit(EXIT_INTERRUPTED)
        except Exception as error:
            if ctx.params["debug"] or not _speaks_for_itself(error):
                raise
            text = " ".join([str(error), *getattr(error, "__notes__", ())])
            raise click.ClickException(" ".join(text.split())) from error


def _speaks_for_itself(error):
    """Whether an error is about what was asked for, rather than a fault of the program."""
    known = (SoftLIFError, OSError)
    if "nengo.exceptions" in sys.modules:  # not imported for this, as it takes a while
        known += (sys.modules["nengo.exceptions"].NengoException,)
    return isinstance(error, known)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(nengo_softlif.__version__, prog_name="nengo-softlif")
@click.option("--debug", is_flag=True, help="Show the whole traceback of an error.")
def commands(debug):
    """Train rate networks, run them as spikes on any Nengo simulator.

    The usual path: train a Keras model, convert it to a spiking network, and compare it on
    several backends. `nengo-softlif demo` walks it in a few minutes.
    """


for command in (demo, train, convert, check, run, compare, doctor):
    commands.add_command(command)
