"""Checks of what a simulator is asked to run."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Collection, Mapping
from typing import Any

import nengo
import numpy as np
from nengo.exceptions import BuildError, ValidationError

from nengo_softlif.errors import DatasetError, ParameterError
from nengo_softlif.validation import (
    check_array_like,
    check_integer,
    check_real,
    check_seconds,
    is_integer,
    is_number,
)

__all__ = [
    "checked_dt",
    "checked_network",
    "checked_probes",
    "checked_samples",
    "checked_steps",
    "checked_threads",
    "checked_time",
    "n_objects",
    "warn_of_changes",
]


def checked_network(network: Any) -> None:
    """Check that a simulator was given a network.

    Parameters
    ----------
    network : nengo.Network or None

    Raises
    ------
    nengo.exceptions.BuildError
        If it is something else.
    """
    if network is None or isinstance(network, nengo.Network):
        return
    hint = ""
    if isinstance(getattr(network, "net", None), nengo.Network):
        hint = "; its network is its attribute `net`, so use spiking.net for an object `spiking`"
    raise BuildError(f"network must be a nengo.Network (got a {type(network).__name__}){hint}")


def n_objects(network: nengo.Network | None) -> int:
    """Count the objects of a network.

    Parameters
    ----------
    network : nengo.Network or None

    Returns
    -------
    n : int

    Examples
    --------
    >>> n_objects(nengo.Network())
    0
    """
    return 0 if network is None else len(network.all_objects)


def warn_of_changes(network: nengo.Network | None, n_built: int) -> None:
    """Warn if objects of a network were added or removed since it was built.

    Parameters
    ----------
    network : nengo.Network or None
    n_built : int
        How many objects it had then.
    """
    n = n_objects(network)
    if n != n_built:
        warnings.warn(
            f"{network} has {n} objects, but had {n_built} when it was built; what was added or "
            "removed since has no effect on this simulator",
            stacklevel=4,
        )


def checked_dt(dt: Any, simulator: object) -> float:
    """Check the length of a time step.

    Parameters
    ----------
    dt : float
    simulator : object
        For the message.

    Returns
    -------
    dt : float

    Raises
    ------
    nengo.exceptions.ValidationError
        If it is no time in seconds greater than 0.
    """
    try:
        return check_seconds("dt", dt)
    except ParameterError as err:
        raise ValidationError(str(err), attr="dt", obj=simulator) from None


def checked_steps(steps: Any, simulator: object) -> int:
    """Check a number of steps to run.

    Parameters
    ----------
    steps : int
    simulator : object
        For the message.

    Returns
    -------
    steps : int

    Raises
    ------
    nengo.exceptions.ValidationError
        If it is no integer of 0 or more.
    """
    if not is_integer(steps) or steps < 0:
        raise ValidationError(
            f"must be an integer of 0 or more (got {steps!r})", attr="steps", obj=simulator
        )
    return int(steps)


def checked_time(seconds: Any, simulator: object) -> float:
    """Check a time to run.

    Parameters
    ----------
    seconds : float
        Or an array that is one number, which Nengo takes too.
    simulator : object
        For the message.

    Returns
    -------
    seconds : float

    Raises
    ------
    nengo.exceptions.ValidationError
        If it is no finite number of 0 or more.

    Examples
    --------
    >>> checked_time(np.float32(0.5), None)
    0.5
    >>> checked_time(-1, None)
    Traceback (most recent call last):
    nengo.exceptions.ValidationError: time_in_seconds: must be a time in seconds of 0 or more (got \
-1)
    """
    number = seconds.item() if isinstance(seconds, np.ndarray) and seconds.ndim == 0 else seconds
    if not is_number(number) or number < 0:
        raise ValidationError(
            f"must be a time in seconds of 0 or more (got {seconds!r:.200})",
            attr="time_in_seconds",
            obj=simulator,
        )
    return float(number)


def checked_samples(
    signal_of: Callable, inputs: Mapping, n_steps: int
) -> tuple[dict[nengo.Node, np.ndarray], list[nengo.Node]]:
    """Check what nodes are to put out.

    Parameters
    ----------
    signal_of : callable
        Returns the signal that a node puts out, or None.
    inputs : dict of nengo.Node to array_like
        (n_samples, size), or (n_samples, n_steps, size) for values of every step.
    n_steps : int

    Returns
    -------
    samples : dict of nengo.Node to ndarray
        Their arrays.
    time_varying : list of nengo.Node
        Those whose arrays have a row for each step.

    Raises
    ------
    ParameterError
        If an array does not fit its node, the others or the number of steps, or is not finite; if
        there are no nodes or steps.
    """
    check_integer("n_steps", n_steps, minimum=1)
    if not isinstance(inputs, dict) or not inputs:
        raise ParameterError(
            f"inputs must have samples for at least one node, {{node: array}} (got {inputs!r:.80})"
        )
    samples, time_varying = {}, []
    for node, values in inputs.items():
        signal = signal_of(node) if isinstance(node, nengo.Node) else None
        if signal is None:
            raise ParameterError(
                "inputs must be for nodes with an output in the model of this simulator (got "
                f"{node})"
            )
        samples[node] = _checked_array(node, values, signal.size, n_steps)
        if samples[node].ndim == 3:
            time_varying.append(node)
    lengths = {len(array) for array in samples.values()}
    if len(lengths) > 1:
        raise DatasetError(
            "all inputs must have the same number of samples (got "
            + ", ".join(f"{len(array)} of {node}" for node, array in samples.items())
            + ")"
        )
    return samples, time_varying


def _checked_array(node, values, size, n_steps):
    name = str(node)
    check_array_like(name, values)
    try:
        array = np.asarray(values)
    except (TypeError, ValueError) as err:
        raise DatasetError(f"the samples of {node} are not an array of numbers: {err}") from err
    array = check_real(name, array).astype(float, copy=False)
    if array.shape[1:] not in ((size,), (n_steps, size)):
        raise DatasetError(
            f"the samples of {node} must have shape (n_samples, {size}), or (n_samples, {n_steps}, "
            f"{size}) for values of every step (got {array.shape})"
        )
    bad = ~np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
    if bad.any():
        raise DatasetError(
            f"sample {bad.argmax()} of {node} has values that are not finite numbers; there are "
            f"{bad.sum()} such samples of {len(array)}"
        )
    return array


def checked_probes(accumulated: Any, probes: Collection[nengo.Probe]) -> list[nengo.Probe]:
    """Check what is to be accumulated.

    Parameters
    ----------
    accumulated : collection of nengo.Probe
    probes : collection of nengo.Probe
        Those that there are.

    Returns
    -------
    accumulated : list of nengo.Probe

    Raises
    ------
    ParameterError
        If one of them isn't there, or it is no collection.
    """
    if not hasattr(accumulated, "__iter__"):
        raise ParameterError(f"accumulated must be a list of probes (got {accumulated!r})")
    for probe in accumulated:
        if probe not in probes:
            raise ParameterError(
                f"accumulated must be a list of probes of this simulator (got {probe})"
            )
    return list(accumulated)


def checked_threads(threads: Any) -> int:
    """Number of threads to use.

    Parameters
    ----------
    threads : int or None
        None for as many as there are cores to run on.

    Returns
    -------
    threads : int

    Raises
    ------
    ParameterError
        If it is not an integer of 1 or more.
    """
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return check_integer("threads", threads, minimum=1)
