"""Options that several commands share, and the types of their values."""

from __future__ import annotations

import os

import click

from nengo_softlif.errors import FileError

__all__ = [
    "EXIT_INTERRUPTED",
    "BackendWithCount",
    "ExistingFile",
    "KeyValue",
    "Seconds",
    "SynapseText",
    "check_target",
    "data_option",
    "dt_option",
    "evaluation_arguments",
    "evaluation_options",
    "seed_option",
]

EXIT_INTERRUPTED = 130  # as shells have it for Ctrl-C

ExistingFile = click.Path(exists=True, dir_okay=False)
Seconds = click.FloatRange(min=0, min_open=True)

data_option = click.option(
    "--data",
    default="mnist_subset",
    show_default=True,
    metavar="NAME|FILE.npz",
    help="mnist_subset, digits, mnist, cifar10, or an npz file with x_test, y_test, and to "
    "train also x_train, y_train.",
)

seed_option = click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="The same seed gives the same result.",
)

dt_option = click.option(
    "--dt", type=Seconds, metavar="SECONDS", help="Time step.  [default: 0.001]"
)


def evaluation_options(command):
    """Add the options of how a data set is shown to a spiking network.

    Parameters
    ----------
    command : callable
        Handler that takes ``presentation_time``, ``classify_from``, ``dt``, ``batch_size`` and
        ``threads``, and passes them through `evaluation_arguments`.

    Returns
    -------
    command : callable
    """
    for option in (
        click.option(
            "--batch-size",
            type=click.IntRange(min=1),
            metavar="N",
            help="Samples at a time, on backends that support it.",
        ),
        click.option(
            "--threads",
            type=click.IntRange(min=1),
            metavar="N",
            help="Samples in parallel, on backends that support it.  [default: one for each core]",
        ),
        dt_option,
        click.option(
            "--classify-from",
            type=click.FloatRange(min=0),
            metavar="SECONDS",
            help="Start of the readout window.  [default: 0.6 of the presentation time]",
        ),
        click.option(
            "--presentation-time",
            type=Seconds,
            metavar="SECONDS",
            help="How long each sample is shown.  [default: its own time steps, those that the "
            "model was trained with, or else 0.2]",
        ),
    ):
        command = option(command)
    return command


def evaluation_arguments(options):
    """Turn the values of `evaluation_options` into arguments of `nengo_softlif.evaluate`.

    Parameters
    ----------
    options : dict

    Returns
    -------
    arguments : dict
    """
    from nengo_softlif.evaluation import Presentation

    shown = {
        "time": options["presentation_time"],
        "dt": options["dt"],
        "classify_from": options["classify_from"],
    }
    given = {name: value for name, value in shown.items() if value is not None}
    return {
        "presentation": Presentation(**given) if given else None,
        "batch_size": options["batch_size"],
        "threads": options["threads"],
    }


def check_target(path):
    """Refuse a file that can't be written, before the work whose result goes there.

    Parameters
    ----------
    path : str

    Raises
    ------
    FileError
        If its folder does not exist or can't be written to.
    """
    folder = os.path.dirname(path) or os.curdir
    if not os.path.isdir(folder):
        raise FileError(f"{path} can't be written: there is no folder {folder!r}; make it first")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FileError(
            f"{path} can't be written: the folder {folder!r} must be writable; choose another"
        )


class BackendWithCount(click.ParamType):
    """``NAME`` or ``NAME:COUNT``: a backend, and how many samples it gets at most."""

    name = "NAME[:COUNT]"

    def convert(self, value, param, ctx):
        """Turn the text into a name and a count or None.

        Parameters
        ----------
        value : str or (str, int or None)
        param, ctx
            As click gives them.

        Returns
        -------
        backend : (str, int or None)
        """
        if isinstance(value, tuple):
            return value
        name, colon, count = value.partition(":")
        if not colon:
            return name, None
        if not (count.isascii() and count.isdigit() and int(count) > 0):
            self.fail(f"the count after ':' must be an integer above 0 (got {value!r})", param, ctx)
        return name, int(count)


class KeyValue(click.ParamType):
    """``KEY=VALUE``, both not empty."""

    name = "KEY=VALUE"

    def convert(self, value, param, ctx):
        """Part the text at its first equals sign.

        Parameters
        ----------
        value : str or (str, str)
        param, ctx
            As click gives them.

        Returns
        -------
        pair : (str, str)
        """
        if isinstance(value, tuple):
            return value
        key, _, text = value.partition("=")
        if not (key and text):
            self.fail(f"must have the form KEY=VALUE (got {value!r})", param, ctx)
        return key, text


class SynapseText(click.ParamType):
    """``none``, or ``alpha:TAU`` or ``lowpass:TAU`` with a time constant in seconds."""

    name = "KIND:TAU"

    def convert(self, value, param, ctx):
        """Turn the text into a kind and a time constant.

        Parameters
        ----------
        value : str or (str, float or None)
        param, ctx
            As click gives them.

        Returns
        -------
        synapse : (str, float or None)
        """
        if isinstance(value, tuple):
            return value
        if value == "none":
            return "none", None
        kind, _, tau = value.partition(":")
        try:
            seconds = float(tau)
        except ValueError:
            seconds = 0.0
        if kind not in ("alpha", "lowpass") or not 0 < seconds < float("inf"):
            self.fail(
                f"must be none, alpha:TAU or lowpass:TAU with TAU in seconds above 0 "
                f"(got {value!r})",
                param,
                ctx,
            )
        return kind, seconds
