"""Firing-rate scaling: the input of a population up, its amplitude down."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
from scipy.optimize import brentq

from nengo_softlif.conversion.neuron_choice import with_amplitude
from nengo_softlif.conversion.rate_run import RateRun
from nengo_softlif.errors import ConversionError
from nengo_softlif.networks.samples import as_items, checked_arrays
from nengo_softlif.neurons.rates import max_rate, rate_version

__all__ = ["is_relu_like", "scale_rates", "scale_to_targets"]

RELU_SCALE = 100.0  # Hz for an activation of 1, where nothing else is asked for


def scale_rates(graph, scale):
    """Scale populations by given factors.

    A scaled neuron computes :math:`f(s J) / s`: the same for curves that are straight above
    threshold 0, at :math:`s` times the firing rate. Other curves change, which a warning says
    in numbers.

    Parameters
    ----------
    graph : Graph
        With neuron types chosen.
    scale : float, dict of str to float, or None
        For all, or by layer. What is not given is 1, or 100 for ReLU layers.

    Returns
    -------
    graph : Graph
    """
    by_name = _by_layer("scale", scale, graph)
    changes, by_default = {}, []
    for op in graph.neurons:
        factor = by_name.get(op.name)
        if factor is None and op.activation.kind == "relu" and is_relu_like(op.neuron_type):
            factor = RELU_SCALE
            by_default.append(op.name)
        changes[op.name] = scaled(op, 1.0 if factor is None else factor)
    notes = []
    if by_default:
        notes.append(
            f"{', '.join(by_default)}: an activation of 1 became {RELU_SCALE:g} Hz; set scale or "
            "target_rates to choose other rates"
        )
    return graph.replaced(changes, notes=notes)


def scale_to_targets(graph, target_rates, calibration, percentile):
    """Scale populations so that their firing rates reach targets on given images.

    Parameters
    ----------
    graph : Graph
        With neuron types chosen and not scaled.
    target_rates : float or dict of str to float
        Firing rate in Hz that the given percentile shall have, over neurons and items.
    calibration : array_like, or list or dict of array_like for several inputs
        Items, as the Keras model takes them.
    percentile : float
        Between 0 and 100.

    Returns
    -------
    graph : Graph

    Raises
    ------
    ConversionError
        If there are no items, or a rate is out of a neuron's reach.
    """
    if not 0 < percentile <= 100:
        raise ConversionError(f"percentile must be above 0 and at most 100 (got {percentile})")
    if calibration is None:
        raise ConversionError(
            "target_rates needs calibration images: pass calibration=x_train[:200]"
        )
    items = as_items(checked_arrays(graph.input_shapes, calibration))
    for name, target in _by_layer("target_rates", target_rates, graph).items():
        op = graph[name]
        limit = max_rate(op.neuron_type)
        if target >= limit:
            raise ConversionError(
                f"target_rates: {name!r} can't reach {target:g} Hz, its neurons fire at most "
                f"{limit:g} Hz (1 / tau_ref); ask for less"
            )
        with RateRun(graph) as run:
            currents = []
            for item in items:
                run.present(item)
                currents.append(run.current(name))
        J = np.percentile(currents, percentile)
        if J <= 0:
            warnings.warn(
                f"{name!r} stays as it is: the {percentile:g}th percentile of its input current "
                f"is {J:.3g} on the calibration images, so no scale makes it fire at "
                f"{target:g} Hz",
                stacklevel=3,
            )
            continue
        factor = float(_current_for(op.neuron_type, target) / J)
        graph = graph.replaced({name: scaled(op, factor)})
    return graph


def scaled(op, factor):
    """Return a population scaled once, warning where that changes its curve.

    Parameters
    ----------
    op : Neurons
        Not scaled yet.
    factor : float

    Returns
    -------
    op : Neurons
    """
    if factor == 1:
        return op
    change = _change_of_curve(op.neuron_type, factor)
    if change > 1e-6:
        warnings.warn(
            f"scaling {op.name!r} by {factor:.3g} changes its {type(op.neuron_type).__name__} "
            f"curve: by up to {change:.1%} of the output for currents between 1 and 5, so the "
            "network computes something else than the one that was trained",
            stacklevel=4,
        )
    return replace(op, scale=factor, neuron_type=with_amplitude(op.neuron_type, 1 / factor))


def is_relu_like(neuron_type):
    """Whether the rate curve is a straight line from J = 0, so that scaling is exact."""
    return _change_of_curve(neuron_type, 2.0) < 1e-9


def _change_of_curve(neuron_type, factor):
    """Largest change relative to the output, for currents from 1 to 5."""
    J = np.linspace(1.0, 5.0, 41)[1:]
    before = _rates(neuron_type, J)
    after = _rates(neuron_type, factor * J) / factor
    return float(np.max(np.abs(after - before) / np.maximum(np.abs(before), 1e-12)))


def _rates(neuron_type, J):
    rate_type, _ = rate_version(neuron_type)
    J = np.atleast_1d(np.asarray(J, dtype=float))
    rates = rate_type.rates(J, gain=np.ones(1), bias=np.zeros(1))[:, 0]
    return rates / getattr(rate_type, "amplitude", 1.0)


def _current_for(neuron_type, rate):
    top = 2.0
    while _rates(neuron_type, top)[0] < rate:
        top *= 2
        if top > 1e9:
            raise ConversionError(f"{neuron_type} never fires at {rate:g} Hz; ask for less")
    return brentq(lambda J: _rates(neuron_type, J)[0] - rate, 0.0, top, xtol=1e-12)


def _by_layer(option, values, graph):
    """One positive number a layer, from one for all or from a dict."""
    names = [op.name for op in graph.neurons]
    if values is None:
        return {}
    if not isinstance(values, dict):
        values = dict.fromkeys(names, values)
    for name, value in values.items():
        if name not in names:
            raise ConversionError(
                f"{option}: {name!r} is no layer with neurons; those are {', '.join(names)}"
            )
        number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
        if not number or not 0 < value < np.inf:
            raise ConversionError(
                f"{option} of {name!r} must be a finite number greater than 0 (got {value!r})"
            )
    # in the order of computation, so that each layer is measured after those before it
    return {name: float(values[name]) for name in names if name in values}
