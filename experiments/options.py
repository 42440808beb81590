"""Options that the command lines of the trainings share."""

from __future__ import annotations

import click

__all__ = ["data_option", "training_options"]


def data_option(files):
    """Make the option ``--data``.

    Parameters
    ----------
    files : str
        What the folder holds.

    Returns
    -------
    option : callable
        Decorator of a command.
    """
    return click.option(
        "--data",
        type=click.Path(exists=True, file_okay=False),
        help=f"Folder of {files}; see docs/experiments.md.",
    )


def training_options(files):
    """Make the options ``--data``, ``--checkpoints`` and ``--restart``; see `data_option`."""
    options = (
        data_option(files),
        click.option(
            "--checkpoints",
            type=click.Path(file_okay=False),
            default="checkpoints",
            show_default=True,
            help="Folder of unfinished trainings.",
        ),
        click.option("--restart", is_flag=True, help="Begin again, whatever has been stored."),
    )

    def decorate(command):
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
