"""Thresholds for few steps: which activation shall be one spike in every step."""

from __future__ import annotations

from numbers import Integral

import numpy as np

from nengo_softlif.conversion.prepare import prepare
from nengo_softlif.conversion.rate_run import RateRun
from nengo_softlif.conversion.scaling import is_relu_like
from nengo_softlif.errors import ConversionError
from nengo_softlif.networks.samples import as_items, checked_arrays
from nengo_softlif.validation import is_number

__all__ = ["balanced_scales"]

_CANDIDATES = np.arange(1, 101) / 100  # thresholds, in units of the largest activation
_MAX_VALUES = 200_000  # activations of a layer that are looked at


def balanced_scales(model, calibration, *, n_steps, dt=0.001, start=0.5, max_pool=None):
    r"""Scale of each ReLU layer with which few spikes say most about its activations.

    A neuron with linear reset that fires once a step at an activation of :math:`\theta`, and starts
    at a part :math:`v` of its threshold, stands after T steps for

    .. math:: \hat a = \frac{\theta}{T} \mathrm{clip}(\lfloor T a / \theta + v \rfloor, 0, T)

    instead of the activation :math:`a`. A large :math:`\theta` makes coarse steps, a small one cuts
    off what is large. Of 100 values up to the largest activation, that is chosen whose mean square
    error is the lowest [1]_; the scale is :math:`1 / (\theta \, dt)`.

    Parameters
    ----------
    model : keras.Model or tf_keras.Model
        All of whose activations are ReLUs.
    calibration : array_like, or list or dict of array_like for several inputs
        Items, as the model takes them; some 50 to 200 are plenty.
    n_steps : int
        For which an item will be shown.
    dt : float
        Step of the simulation in seconds.
    start : float
        Voltage at which the neurons will start, from 0 to 1; 0.5 rounds instead of cutting off.
    max_pool : {None, "average", "spiking"}
        As for `nengo_softlif.convert`.

    Returns
    -------
    scales : dict of str to float
        Firing rate in Hz for an activation of 1, by layer: ``convert(model, scale=scales)``.

    Raises
    ------
    ConversionError
        If a layer has another curve than that of a ReLU, or an option is out of range.

    See Also
    --------
    nengo_softlif.convert : ``target_rates=1 / dt`` goes by a percentile instead

    References
    ----------
    .. [1] Li, Deng, Dong, Gong & Gu (2021), "A Free Lunch From ANN: Towards Efficient, Accurate
       Spiking Neural Networks Calibration", ICML, section 4.1 (the threshold of least square
       error); the start at half of the threshold is that of Bu, Fang, Ding, Dai, Yu & Huang (2022),
       "Optimal ANN-SNN Conversion for High-accuracy and Ultra-low-latency Spiking Neural Networks",
       ICLR.

    Examples
    --------
    >>> import keras
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, "relu", name="hidden")])
    >>> model.set_weights([np.ones((1, 1)), np.zeros(1)])
    >>> items = [[0.1], [0.2], [0.3], [0.5], [5.0]]
    >>> balanced_scales(model, items, n_steps=1000)  # enough for the largest and the smallest
    {'hidden': 200.0}
    """
    if not isinstance(n_steps, Integral) or isinstance(n_steps, bool) or n_steps < 1:
        raise ConversionError(f"n_steps must be a whole number of 1 or more (got {n_steps!r})")
    if not is_number(dt) or not 0 < dt < np.inf:
        raise ConversionError(f"dt must be a time in seconds greater than 0 (got {dt!r})")
    if not is_number(start) or not 0 <= start <= 1:
        raise ConversionError(f"start must be a voltage from 0 to 1 (got {start!r})")
    graph = prepare(model, max_pool=max_pool)
    others = [op.name for op in graph.neurons if not is_relu_like(op.neuron_type)]
    if others:
        raise ConversionError(
            f"balanced_scales is for ReLUs, whose curve scaling leaves as it is; "
            f"{', '.join(others)} has another one. Use convert(..., target_rates=...) there"
        )
    items = as_items(checked_arrays(graph.input_shapes, calibration))
    activations = _activations(graph, items)
    return {
        name: 1 / (_threshold(values, n_steps, start) * dt) for name, values in activations.items()
    }


def _activations(graph, items):
    """Positive activations of each layer, a sample of them if there are many."""
    rng = np.random.RandomState(0)
    found = {op.name: [] for op in graph.neurons}
    with RateRun(graph) as run:
        for item in items:
            run.present(item)
            for name, values in found.items():
                currents = run.current(name)
                few = min(len(currents), max(1, _MAX_VALUES // len(items)))
                values.append(np.sort(rng.choice(currents, few, replace=False)))
                # the largest ones matter most, and must not be missed
                values[-1][-1] = currents.max()
    return {name: _positive(name, np.concatenate(values)) for name, values in found.items()}


def _positive(name, values):
    values = values[values > 0]
    if not len(values):
        raise ConversionError(
            f"{name!r} is never active on the calibration images, so there is no threshold to "
            "choose; give it other images, or remove the layer"
        )
    return values


def _threshold(values, n_steps, start):
    """The candidate with the least square error; the largest if several have it."""
    candidates = _CANDIDATES[::-1] * values.max()
    errors = []
    for threshold in candidates:
        spikes = np.clip(np.floor(n_steps * values / threshold + start), 0, n_steps)
        errors.append(np.mean((threshold / n_steps * spikes - values) ** 2))
    return float(candidates[np.argmin(errors)])
