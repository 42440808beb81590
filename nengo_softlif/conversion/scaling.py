"""Firing-rate scaling: the input of a population up, its amplitude down."""

from __future__ import annotations

from dataclasses import replace

import nengo
import numpy as np
from nengo.neurons import RatesToSpikesNeuronType
from scipy.optimize import brentq

from nengo_softlif.conversion.neuron_choice import with_amplitude, with_parameters
from nengo_softlif.conversion.ranges import with_ranges
from nengo_softlif.conversion.rate_run import RateRun
from nengo_softlif.errors import ConversionError, ParameterError, warn
from nengo_softlif.networks.samples import checked_samples, one_by_one
from nengo_softlif.neurons import ActivationRate
from nengo_softlif.neurons.rates import has_rate_version, max_rate, rate_version
from nengo_softlif.validation import check_name, check_number

__all__ = ["is_relu_like", "scale_rates", "scale_to_targets"]

DEFAULT_SCALE = 100.0  # Hz for an activation of 1, where nothing else is asked for
# What biases alone may take of the spikes that are possible, one a step of 1 ms: what comes in
# needs room too.
_MAX_RATE_OF_BIASES = 0.5 / 0.001


def scale_rates(graph, scale):
    """Scale populations by given factors.

    A scaled neuron computes :math:`f(s J) / s`: the same for curves that are straight above
    threshold 0, at :math:`s` times the firing rate. Other curves change, which a warning gives
    in numbers. A curve that is fired as regular spikes stays as it is and is fired at
    :math:`s` times the rate.

    Parameters
    ----------
    graph : Graph
        With neuron types chosen.
    scale : float, dict of str to float, or None
        For all, or by layer. What is not given is 1 for LIF neurons, else 100, or less in a layer
        whose biases alone make it fire at more than one spike in two steps of 1 ms.

    Returns
    -------
    graph : Graph
    """
    by_name = _by_layer("scale", scale, graph)
    graph = graph.replaced({name: scaled(graph[name], f) for name, f in by_name.items()})
    return _scale_by_default(graph, [op for op in graph.neurons if op.name not in by_name])


def _scale_by_default(graph, populations):
    """Scale those populations of which nothing else is asked."""
    populations = [op for op in populations if _is_unscaled(op)]
    if not populations:
        return graph
    rates = _rates_from_biases(graph)
    changes, usual, notes = {}, [], []
    for op in populations:
        factor = min(DEFAULT_SCALE, _MAX_RATE_OF_BIASES / max(rates[op.name], 1.0))
        changes[op.name] = scaled(op, factor)
        if factor == DEFAULT_SCALE:
            usual.append(op.name)
        else:
            notes.append(
                f"{op.name}: an activation of 1 became {factor:.3g} Hz, since its biases alone "
                f"make activations of {rates[op.name]:.3g}; set scale or target_rates to choose "
                "other rates"
            )
    if usual:
        notes.append(
            f"{', '.join(usual)}: an activation of 1 became {DEFAULT_SCALE:g} Hz, so that one "
            f"above {1000 / DEFAULT_SCALE:g} would need more than one spike in a step of 1 ms; set "
            "scale, or target_rates with calibration, to choose other rates"
        )
    return graph.replaced(changes, notes=notes)


def _is_unscaled(op):
    """Whether a population computes its activation at 1 Hz for 1, for a usable rate to come."""
    if op.activation.kind == "relu":
        return is_relu_like(op.neuron_type)
    return _is_fired_curve(op.neuron_type) and _rate_of_one(op.neuron_type) == 1


def _rates_from_biases(graph):
    """Highest firing rate of each population for an input of zeros: what biases alone make."""
    # biases can't be followed through neurons of unknown curves
    if not all(has_rate_version(op.neuron_type) for op in graph.neurons):
        return {op.name: 0.0 for op in graph.neurons}
    with RateRun(graph) as run:
        run.present({op.name: np.zeros(op.size) for op in graph.inputs})
        return {
            op.name: float(
                np.abs(run.result(op.name)).max() / getattr(op.neuron_type, "amplitude", 1.0)
            )
            for op in graph.neurons
        }


def scale_to_targets(graph, target_rates, calibration, percentile):
    """Scale populations so that their firing rates reach targets on given samples.

    Parameters
    ----------
    graph : Graph
        With neuron types chosen and not scaled.
    target_rates : float or dict of str to float
        Firing rate in Hz that the given percentile shall have, over neurons and samples. Layers
        that are not named, and those that never fire, are scaled as `scale_rates` does by default.
    calibration : array_like, or list or dict of array_like for several inputs
        Samples, as the Keras model takes them.
    percentile : float
        Between 0 and 100.

    Returns
    -------
    graph : Graph

    Raises
    ------
    ConversionError
        If a rate is out of a neuron's reach.
    ParameterError
        If there are no samples, or an option is out of range.
    """
    percentile = check_number("percentile", percentile, above=0, maximum=100)
    if calibration is None:
        raise ParameterError(
            "target_rates needs calibration samples (got None); pass calibration=x_train[:200]"
        )
    checked = checked_samples(graph.input_shapes, calibration)
    samples = one_by_one(checked.arrays)
    graph = with_ranges(graph, checked.ranges)
    targets = _by_layer("target_rates", target_rates, graph)
    graph = _scale_by_default(graph, [op for op in graph.neurons if op.name not in targets])
    silent = []
    for name, target in targets.items():
        op = graph[name]
        limit = max_rate(op.neuron_type)
        if target >= limit:
            raise ConversionError(
                f"target_rates: {name!r} can't reach {target:g} Hz, its neurons fire at most "
                f"{limit:g} Hz (1 / tau_ref); ask for less"
            )
        with RateRun(graph) as run:
            currents = []
            for sample in samples:
                run.present(sample)
                currents.append(run.current(name))
        factor = _factor_for(op.neuron_type, np.array(currents), target, percentile)
        if factor is None:
            silent.append(name)
        else:
            graph = graph.replaced({name: scaled(op, factor)})
    if silent:
        warn(
            f"{', '.join(map(repr, silent))}: the {percentile:g}th percentile of the firing rates "
            "is 0 on the calibration samples, so no scale makes it the target rate; the scale is "
            "the default one",
        )
    return _scale_by_default(graph, [graph[name] for name in silent])


def _factor_for(neuron_type, currents, target, percentile):
    """Scale with which a percentile of the rates is the target; None if there is none."""
    if _is_fired_curve(neuron_type):
        # spikes of both signs count
        rate = np.percentile(np.abs(_rates(neuron_type, currents.ravel())), percentile)
        return float(target / rate) if rate > 0 else None
    J = np.percentile(currents, percentile)
    return float(_current_for(neuron_type, target) / J) if J > 0 else None


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
    if _is_fired_curve(op.neuron_type):
        return replace(op, neuron_type=_fired_faster(op.neuron_type, factor))
    name = type(op.neuron_type).__name__
    if not has_rate_version(op.neuron_type):
        warn(
            f"scaling {op.name!r} by {factor:.3g} may change its curve: {name} has no rate "
            "version to tell by; give the class a method rates(x, gain, bias)",
        )
    elif (change := _change_of_curve(op.neuron_type, factor)) > 1e-6:
        warn(
            f"scaling {op.name!r} by {factor:.3g} changes its {name} "
            f"curve: by up to {change:.1%} of the output for currents between 1 and 5, so the "
            "network computes something else than the one that was trained",
        )
    return replace(op, scale=factor, neuron_type=with_amplitude(op.neuron_type, 1 / factor))


def _is_fired_curve(neuron_type):
    """Whether a curve that has a rate of its own is fired as spikes."""
    return isinstance(neuron_type, RatesToSpikesNeuronType) and isinstance(
        neuron_type.base_type, (ActivationRate, nengo.Sigmoid, nengo.Tanh)
    )


def _rate_of_one(neuron_type):
    """Firing rate in Hz where the curve is 1."""
    base = neuron_type.base_type
    return base.rate if isinstance(base, ActivationRate) else 1 / base.tau_ref


def _fired_faster(neuron_type, factor):
    """Return the type that fires the same curve at ``factor`` times the rate."""
    base = neuron_type.base_type
    if isinstance(base, ActivationRate):
        faster = with_parameters(base, rate=base.rate * factor)
    else:
        faster = with_parameters(base, tau_ref=base.tau_ref / factor)
    amplitude = neuron_type.amplitude / factor
    return with_parameters(neuron_type, base_type=faster, amplitude=amplitude)


def is_relu_like(neuron_type):
    """Whether the rate curve is a straight line from J = 0, so that scaling is exact."""
    return has_rate_version(neuron_type) and _change_of_curve(neuron_type, 2.0) < 1e-9


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
        check_name(f"{option}: layer with neurons", name, dict.fromkeys(names))
        check_number(f"{option} of {name!r}", value, above=0)
    # in the order of computation, so that each layer is measured after those before it
    return {name: float(values[name]) for name in names if name in values}
