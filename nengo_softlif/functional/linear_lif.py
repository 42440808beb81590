r"""Linear-reset LIF neurons as ReLUs, and ReLUs as linear-reset LIF neurons.

The neuron of Lu & Xu is a circuit: impulses bring a charge :math:`w_i` to a membrane of
capacitance :math:`C`, which leaks through a resistance :math:`R`. In a step of ``dt``, with
:math:`s_i` spikes on input i and a constant current :math:`I` (eq. 5, 6, 28),

.. math:: V \leftarrow V e^{-dt / (R C)} + \frac{1}{C} \sum_i w_i s_i
                      + I R \, (1 - e^{-dt / (R C)});

where :math:`V \ge V_{th}` there is one spike, and :math:`V \leftarrow V - V_{th}`. Without leak,
:math:`R = \infty`, the current adds :math:`I \, dt / C`.

A ReLU unit :math:`y = k \max(\sum_i w_i x_i + b, 0)` maps onto it, where 1 in the network of ReLUs
is a rate of :math:`f_{max}` (``max_rate``) in that of spikes, for inputs and outputs alike:

==================  ========================================================================
ReLU                linear-reset LIF
==================  ========================================================================
weights             charges :math:`w_i`, the same numbers (eq. 9)
slope :math:`k`     :math:`1 / (C V_{th})` (eq. 14): output spikes for the charge of one impulse
bias :math:`b < 0`  the lowest input rate that fires (eq. 38), all inputs having the same,
                    :math:`f_{min} = -1 / [R C \log(1 - w / (C V_{th}))]` with
                    :math:`w = \sum_i w_i`; it has to be :math:`-b f_{max} / w`, where the ReLU
                    begins, which is solved for R
bias, any sign      or a current :math:`I = b f_{max}`, without leak
==================  ========================================================================

References
----------
.. [1] Lu & Xu (2022), "Linear Leaky-Integrate-and-Fire Neuron Model Based Spiking Neural Networks
   and Its Mapping Relationship to Deep Neural Networks".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.circuits import (
    LinearLIF,
    check_circuits,
    per_unit,
)
from nengo_softlif.reprs import OneLineRepr
from nengo_softlif.validation import check_choice, check_number, check_numbers

__all__ = ["ReLU", "linear_lif_from_relu", "lowest_firing_rates", "relu_from_linear_lif"]

_MAX_LISTED = 5  # units that an error names


@dataclass(frozen=True, eq=False, repr=False)
class ReLU(OneLineRepr):
    """Units ``slope * max(weights @ x + bias, 0)``.

    Parameters
    ----------
    weights : (n_units, n_inputs) ndarray
    bias, slope : (n_units,) ndarray
    """

    weights: np.ndarray
    bias: np.ndarray
    slope: np.ndarray

    def __call__(self, x):
        """Outputs, (..., n_units), for inputs, (..., n_inputs)."""
        return self.slope * np.maximum(np.asarray(x) @ self.weights.T + self.bias, 0)


def linear_lif_from_relu(weights, bias=0.0, slope=1.0, *, max_rate, threshold=1.0, bias_as="leak"):
    r"""Neurons with linear reset in the place of ReLUs.

    .. math:: C = \frac{1}{k V_{th}}, \qquad
              R = \frac{w}{b f_{max} C \log(1 - k w)}, \qquad w = \sum_i w_i

    Parameters
    ----------
    weights : (n_units, n_inputs) array_like
        As in a Nengo transform: the transpose of the kernel of a dense Keras layer.
    bias : float or (n_units,) array_like
        In units of the weighted sum.
    slope : float or (n_units,) array_like
        Of the ReLU (> 0).
    max_rate : float
        The encoding range: rate in Hz that stands for a value of 1 (> 0).
    threshold : float or (n_units,) array_like
        Of the voltage, in V (> 0).
    bias_as : {"leak", "current"}
        How the bias is carried. Leak is the paper's way, for units whose bias is 0 or below; no
        bias is no leak. A current has any sign and no conditions; see docs/linear_lif.md.

    Returns
    -------
    neurons : LinearLIF

    Raises
    ------
    ParameterError
        If a parameter is out of range; or naming each unit for which there is no resistance, and
        why.

    Examples
    --------
    A ReLU that is 0 below 0.25, and a neuron that is silent below 25 Hz:

    >>> neurons = linear_lif_from_relu([[0.2, 0.2]], bias=-0.1, max_rate=100)
    >>> neurons.resistance.round(4), neurons.capacitance
    (array([0.0783]), array([1.]))
    >>> lowest_firing_rates(neurons).round(4)
    array([25.])
    """
    weights, (bias, slope, threshold) = per_unit(
        weights, bias=bias, slope=slope, threshold=threshold
    )
    check_numbers("slope", slope, above=0)
    check_numbers("threshold", threshold, above=0, unit="V")
    max_rate = check_number("max_rate", max_rate, above=0, unit="Hz")
    check_choice("bias_as", bias_as, ("leak", "current"))
    capacitance = 1 / (slope * threshold)
    resistance, current = np.full(len(weights), np.inf), np.zeros(len(weights))
    if bias_as == "current":
        current = bias * max_rate
    else:
        total = weights.sum(axis=1)
        _check_resistance_exists(total, bias, slope)
        leaks = bias < 0
        lowest = -bias[leaks] * max_rate / total[leaks]
        resistance[leaks] = -1 / (
            lowest * capacitance[leaks] * np.log1p(-slope[leaks] * total[leaks])
        )
    return LinearLIF(weights, resistance, capacitance, threshold, current)


def relu_from_linear_lif(neurons, *, max_rate):
    """ReLUs in the place of neurons with linear reset; the inverse of `linear_lif_from_relu`.

    Parameters
    ----------
    neurons : LinearLIF
        With a leak or a current; no unit with both.
    max_rate : float
        Rate in Hz that stands for a value of 1 (> 0).

    Returns
    -------
    relu : ReLU

    Raises
    ------
    ParameterError
        If ``neurons`` is no `LinearLIF`; or naming each unit that is no ReLU, and why.

    Examples
    --------
    >>> neurons = linear_lif_from_relu([[0.2, 0.2]], bias=-0.1, max_rate=100)
    >>> relu = relu_from_linear_lif(neurons, max_rate=100)
    >>> relu.bias.round(6), relu([[0.5, 0.5], [0.25, 0.25]]).round(6)
    (array([-0.1]), array([[0.1],
           [0. ]]))
    """
    check_circuits(neurons)
    max_rate = check_number("max_rate", max_rate, above=0, unit="Hz")
    total = neurons.weights.sum(axis=1)
    leaks = np.isfinite(neurons.resistance)
    _refuse(
        (
            leaks & (neurons.current != 0),
            lambda j: f"it has both a leak and a current of {neurons.current[j]:g} A",
        ),
        (
            leaks & (total >= neurons.capacitance * neurons.threshold),
            lambda j: (
                "one spike of all inputs reaches the threshold before anything leaks, so that it "
                "has no lowest rate that fires"
            ),
        ),
        (
            leaks & (total <= 0),
            lambda j: (
                f"its weights sum to {total[j]:.3g}, so that it never fires if all inputs have "
                "the same rate"
            ),
        ),
        what="parameters that no ReLU has",
        remedy="give it a current instead of the leak",
    )
    bias = neurons.current / max_rate
    bias[leaks] = -(lowest_firing_rates(neurons) * total)[leaks] / max_rate
    return ReLU(neurons.weights, bias, 1 / (neurons.capacitance * neurons.threshold))


def lowest_firing_rates(neurons):
    r"""Lowest rate, the same on all inputs, with which neurons fire.

    .. math:: f_{min} = \frac{-1}{R C \log(1 - \frac{w}{C (V_{th} - I R)})}

    That is eq. 38, with what a current leaves of the threshold. It is exact for inputs that are
    regular and in phase, except for the rounding of their period to steps.

    Parameters
    ----------
    neurons : LinearLIF

    Returns
    -------
    rates : (n_units,) ndarray
        In Hz: 0 if any rate does, or none is needed; infinite if none does.

    Raises
    ------
    ParameterError
        If ``neurons`` is no `LinearLIF`.

    Examples
    --------
    >>> neurons = linear_lif_from_relu([[0.5], [-0.5]], bias=-0.1, max_rate=100, bias_as="current")
    >>> lowest_firing_rates(neurons)
    array([20., inf])
    """
    check_circuits(neurons)
    total = neurons.weights.sum(axis=1)
    rates = np.zeros(len(total))
    for j, (w, R, C, I) in enumerate(
        zip(total, neurons.resistance, neurons.capacitance, neurons.current, strict=True)
    ):
        leaks = np.isfinite(R)
        missing = neurons.threshold[j] - I * R if leaks else -I
        if missing < 0 or (missing == 0 and w > 0):
            continue  # the current alone makes it fire, or needs but the least help
        if w <= 0:
            rates[j] = np.inf
        elif not leaks:
            rates[j] = missing / w
        elif w < C * missing:
            rates[j] = -1 / (R * C * np.log1p(-w / (C * missing)))
    return rates


def _check_resistance_exists(total, bias, slope):
    _refuse(
        (
            bias > 0,
            lambda j: (
                f"its bias is {bias[j]:.3g}, and a leak can only keep it silent for longer; a "
                "positive bias makes it fire without input"
            ),
        ),
        (
            (bias < 0) & (total <= 0),
            lambda j: (
                f"its weights sum to {total[j]:.3g}, so that it is silent at equal rates of all "
                "inputs, whatever the resistance"
            ),
        ),
        (
            (bias < 0) & (total > 0) & (slope * total >= 1),
            lambda j: (
                f"slope times the sum of its weights is {slope[j] * total[j]:.3g}, so that one "
                "spike of all inputs reaches the threshold before anything leaks; it must be "
                "below 1"
            ),
        ),
        what="no resistance that does what the bias does",
        remedy='carry the biases as currents, bias_as="current"',
    )


def _refuse(*rules, what, remedy):
    """Raise an error that names units and reasons; a rule is (where it is broken, its reason)."""
    broken = [(j, reason) for where, reason in rules for j in np.flatnonzero(where)]
    if not broken:
        return
    broken.sort(key=lambda found: found[0])
    lines = [f"  - unit {j}: {reason(j)}" for j, reason in broken[:_MAX_LISTED]]
    if len(broken) > _MAX_LISTED:
        lines.append(f"  - and {len(broken) - _MAX_LISTED} more")
    one = len(broken) == 1
    raise ParameterError(
        f"{len(broken)} unit{'' if one else 's'} {'has' if one else 'have'} {what}:\n"
        + "\n".join(lines)
        + f"\n{remedy[0].upper()}{remedy[1:]}."
    )
