"""Thresholds for few steps: which activation shall be one spike in every step."""

from __future__ import annotations

import warnings

import numpy as np

from nengo_softlif.conversion.prepare import prepare
from nengo_softlif.conversion.rate_run import RateRun
from nengo_softlif.conversion.scaling import is_relu_like
from nengo_softlif.errors import ConversionError
from nengo_softlif.networks.samples import checked_samples, one_by_one
from nengo_softlif.validation import check_integer, check_number, check_seconds

__all__ = ["balanced_scales"]

_CANDIDATES = np.arange(1, 101) / 100  # thresholds, in units of the largest activation
_MAX_VALUES = 200_000  # activations of a layer that are looked at


def balanced_scales(model, calibration, *, n_steps, dt=0.001, start=0.5, max_pool=None):
    r"""Per-layer scales that minimise the error of ReLU activations for a number of time steps.

    A neuron with linear reset that fires once a step at an activation of :math:`\theta`, and starts
    at a fraction :math:`v` of its threshold, represents after T steps

    .. math:: \hat a = \frac{\theta}{T} \mathrm{clip}(\lfloor T a / \theta + v \rfloor, 0, T)

    instead of the activation :math:`a`. A large :math:`\theta` makes coarse steps, a small one cuts
    off what is large. Of 100 values up to the largest activation, that is chosen whose mean square
    error is the lowest [1]_; the scale is :math:`1 / (\theta \, dt)`.

    Parameters
    ----------
    model : keras.Model or tf_keras.Model
        All of whose activations are ReLUs.
    calibration : array_like, or list or dict of array_like for several inputs
        Samples, as the model takes them; some 50 to 200 are plenty.
    n_steps : int
        For which a sample will be presented.
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
        Layers that are never active are left out, with a warning; `convert` then gives them
        its default scale.

    Raises
    ------
    ConversionError
        If a layer has another curve than that of a ReLU, or no layer is ever active.
    ParameterError
        If an option is out of range.

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
    >>> samples = [[0.1], [0.2], [0.3], [0.5], [5.0]]
    >>> balanced_scales(model, samples, n_steps=1000)  # enough for the largest and the smallest
    {'hidden': 200.0}
    """
    n_steps = check_integer("n_steps", n_steps, minimum=1)
    dt = check_seconds("dt", dt)
    start = check_number("start", start, minimum=0, maximum=1)
    graph = prepare(model, max_pool=max_pool)
    others = [op.name for op in graph.neurons if not is_relu_like(op.neuron_type)]
    if others:
        raise ConversionError(
            f"balanced_scales is for ReLUs, whose curve scaling leaves as it is; "
            f"{', '.join(others)} has another one. Use convert(..., target_rates=...) there"
        )
    activations = _activations(
        graph, one_by_one(checked_samples(graph.input_shapes, calibration).arrays)
    )
    return {
        name: 1 / (_threshold(values, n_steps, start) * dt) for name, values in activations.items()
    }


def _activations(graph, samples):
    """Positive activations of each layer, some of them if there are many."""
    rng = np.random.RandomState(0)
    found = {op.name: [] for op in graph.neurons}
    with RateRun(graph) as run:
        for sample in samples:
            run.present(sample)
            for name, values in found.items():
                currents = run.current(name)
                few = min(len(currents), max(1, _MAX_VALUES // len(samples)))
                values.append(np.sort(rng.choice(currents, few, replace=False)))
                # the largest ones matter most, and must not be missed
                values[-1][-1] = currents.max()
    activations = {name: np.concatenate(values) for name, values in found.items()}
    active = {name: values[values > 0] for name, values in activations.items() if values.max() > 0}
    silent = ", ".join(repr(name) for name in found if name not in active)
    if silent and not active:
        raise ConversionError(
            f"{silent} is never active on the calibration samples, so there is no threshold to "
            "choose; give other samples"
        )
    if silent:
        warnings.warn(
            f"{silent} is never active on the calibration samples, so there is no threshold to "
            "choose; convert gives it the default scale",
            stacklevel=3,
        )
    return active


def _threshold(values, n_steps, start):
    """The candidate with the least square error; the largest if several have it."""
    candidates = _CANDIDATES[::-1] * values.max()
    errors = []
    for threshold in candidates:
        spikes = np.clip(np.floor(n_steps * values / threshold + start), 0, n_steps)
        errors.append(np.mean((threshold / n_steps * spikes - values) ** 2))
    return float(candidates[np.argmin(errors)])
