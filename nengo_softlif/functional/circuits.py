"""Neurons with linear reset as circuits, how they run, and how they are the same as Nengo's.

The equations are in `nengo_softlif.functional.linear_lif`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.reprs import OneLineRepr
from nengo_softlif.validation import check_bool, check_numbers, check_seconds, check_type

__all__ = [
    "LinearLIF",
    "LinearResetParameters",
    "check_circuits",
    "linear_lif_from_nengo",
    "linear_reset_parameters",
    "per_unit",
    "run_linear_lif",
]


@dataclass(frozen=True, eq=False, repr=False)
class LinearLIF(OneLineRepr):
    """Neurons with linear reset as circuits, in units of physics.

    Parameters
    ----------
    weights : (n_units, n_inputs) array_like
        Charge that an input spike brings, in C.
    resistance : float or (n_units,) array_like
        In ohm (> 0); infinite without leak.
    capacitance : float or (n_units,) array_like
        In F (> 0).
    threshold : float or (n_units,) array_like
        In V (> 0).
    current : float or (n_units,) array_like
        Constant current, in A.

    Raises
    ------
    ParameterError
        Naming what is out of range, or has the wrong shape.
    """

    weights: np.ndarray
    resistance: np.ndarray
    capacitance: np.ndarray
    threshold: np.ndarray
    current: np.ndarray

    def __post_init__(self):
        resistance = check_numbers("resistance", self.resistance, above=0, unit="ohm", finite=False)
        weights, (capacitance, threshold, current, conductance) = per_unit(
            self.weights,
            capacitance=self.capacitance,
            threshold=self.threshold,
            current=self.current,
            conductance=1 / resistance,  # the resistance is infinite without leak
        )
        check_numbers("capacitance", capacitance, above=0, unit="F")
        check_numbers("threshold", threshold, above=0, unit="V")
        checked = {
            "weights": weights,
            "resistance": np.broadcast_to(resistance, conductance.shape),
            "capacitance": capacitance,
            "threshold": threshold,
            "current": current,
        }
        for name, values in checked.items():
            object.__setattr__(self, name, values)

    @property
    def time_constant(self):
        """Of the membrane in seconds, (n_units,); infinite without leak."""
        return self.resistance * self.capacitance


@dataclass(frozen=True, eq=False, repr=False)
class LinearResetParameters(OneLineRepr):
    """The same neurons as Nengo has them: `nengo_softlif.SpikingLinearResetLIF`, gain and bias.

    Parameters
    ----------
    tau_rc : (n_units,) ndarray
        Membrane time constant in seconds. Without leak it is 1: it then only scales the current.
    leak : (n_units,) bool ndarray
    gain, bias : (n_units,) ndarray
        With ``J = gain * x + bias``, where x is the sum of weights times spikes of height
        ``1 / dt``.
    """

    tau_rc: np.ndarray
    leak: np.ndarray
    gain: np.ndarray
    bias: np.ndarray


def run_linear_lif(neurons, spikes, *, dt=0.001, reset_to_zero=False, initial_voltage=0.0):
    """Run neurons on given input spikes.

    Parameters
    ----------
    neurons : LinearLIF
    spikes : (n_samples, n_steps, n_inputs) array_like
        Number of spikes on each input in each step.
    dt : float
        Step in seconds.
    reset_to_zero : bool
        Set the voltage to 0 at a spike instead of subtracting the threshold, to compare.
    initial_voltage : float or (n_units,) array_like
        In V.

    Returns
    -------
    output : (n_samples, n_steps, n_units) bool ndarray
        Where neurons spike.
    voltages : (n_samples, n_steps, n_units) ndarray
        In V, at the end of each step.

    Raises
    ------
    ParameterError
        If ``neurons`` is no `LinearLIF`, or the spikes don't fit the weights.

    Examples
    --------
    >>> neurons = LinearLIF(np.array([[0.75]]), *np.array([[np.inf], [1.0], [1.0], [0.0]]))
    >>> output, voltages = run_linear_lif(neurons, np.ones((1, 4, 1)))
    >>> output[0, :, 0], voltages[0, :, 0]
    (array([False,  True,  True,  True]), array([0.75, 0.5 , 0.25, 0.  ]))
    """
    check_circuits(neurons)
    dt = check_seconds("dt", dt)
    check_bool("reset_to_zero", reset_to_zero)
    spikes = check_numbers("spikes", spikes, booleans=True)
    initial_voltage = check_numbers("initial_voltage", initial_voltage, unit="V")
    n_units, n_inputs = neurons.weights.shape
    if spikes.ndim != 3 or spikes.shape[2] != n_inputs:
        raise ParameterError(
            f"spikes must have the shape (n_samples, n_steps, {n_inputs}) (got {spikes.shape})"
        )
    if initial_voltage.shape not in ((), (n_units,)):
        raise ParameterError(
            f"initial_voltage must be a number, or one for each of the {n_units} units (got shape "
            f"{initial_voltage.shape})"
        )
    decay = np.exp(-dt / neurons.time_constant)
    jumps = spikes @ (neurons.weights / neurons.capacitance[:, np.newaxis]).T
    jumps += _drift(neurons, dt)
    output = np.empty(jumps.shape, bool)
    voltages = np.empty(jumps.shape)
    voltage = np.zeros((len(spikes), n_units)) + initial_voltage
    for step in range(jumps.shape[1]):
        voltage = voltage * decay + jumps[:, step]
        fired = output[:, step] = voltage >= neurons.threshold
        voltage = np.where(fired, 0.0 if reset_to_zero else voltage - neurons.threshold, voltage)
        voltages[:, step] = voltage
    return output, voltages


def _drift(neurons, dt):
    """Voltage that the constant current adds in a step."""
    leaks = np.isfinite(neurons.resistance)
    full = np.where(leaks, neurons.resistance, 0) * -np.expm1(-dt / neurons.time_constant)
    return neurons.current * np.where(leaks, full, dt / neurons.capacitance)


def linear_reset_parameters(neurons, *, dt=0.001):
    r"""Parameters of the `nengo_softlif.SpikingLinearResetLIF` that is the same neuron.

    With :math:`v = V / V_{th}` and spikes of height ``1 / dt`` through the weights,

    .. math:: \tau_{rc} = R C, \qquad
              gain = \frac{dt}{C V_{th} (1 - e^{-dt / (R C)})}, \qquad
              bias = \frac{I R}{V_{th}},

    and without leak, where :math:`\tau_{rc}` is 1, :math:`gain = 1 / (C V_{th})` and
    :math:`bias = I / (C V_{th})`. The neurons then spike in the same steps. As `dt` gets smaller,
    the gain tends to :math:`R / V_{th}`.

    Parameters
    ----------
    neurons : LinearLIF
    dt : float
        Step in seconds of the simulation. With a leak the gain depends on it, as an impulse of the
        paper is no current that lasts for a step.

    Returns
    -------
    parameters : LinearResetParameters
        Nengo's neurons of one population share a type, so that each time constant needs an
        ensemble of its own.

    Raises
    ------
    ParameterError
        If ``neurons`` is no `LinearLIF`, or the step is out of range.

    Examples
    --------
    >>> neurons = LinearLIF(np.array([[0.2]]), *np.array([[0.05], [1.0], [1.0], [0.0]]))
    >>> parameters = linear_reset_parameters(neurons)
    >>> parameters.tau_rc, parameters.gain.round(4), parameters.bias
    (array([0.05]), array([0.0505]), array([0.]))
    """
    check_circuits(neurons)
    dt = check_seconds("dt", dt)
    leaks = np.isfinite(neurons.resistance)
    tau_rc = np.where(leaks, neurons.time_constant, 1.0)
    in_a_step = np.where(leaks, -np.expm1(-dt / tau_rc), dt / tau_rc)
    charge = neurons.capacitance * neurons.threshold
    return LinearResetParameters(
        tau_rc=tau_rc,
        leak=leaks,
        gain=dt / (charge * in_a_step),
        bias=neurons.current * tau_rc / charge,
    )


def linear_lif_from_nengo(weights, parameters, *, dt=0.001, threshold=1.0):
    """The circuits that Nengo's neurons are; the inverse of `linear_reset_parameters`.

    Parameters
    ----------
    weights : (n_units, n_inputs) array_like
        Of the connection, on spikes of height ``1 / dt``.
    parameters : LinearResetParameters
        With positive gains.
    dt : float
        Step in seconds of the simulation.
    threshold : float or (n_units,) array_like
        That stands for Nengo's threshold of 1, in V.

    Returns
    -------
    neurons : LinearLIF

    Raises
    ------
    ParameterError
        If a gain is not positive.
    """
    weights, (threshold,) = per_unit(weights, threshold=threshold)
    dt = check_seconds("dt", dt)
    check_numbers("threshold", threshold, above=0, unit="V")
    check_type(
        "parameters", parameters, LinearResetParameters, "make them with linear_reset_parameters"
    )
    check_numbers("gain", parameters.gain, above=0)
    leaks, tau_rc = parameters.leak, parameters.tau_rc
    in_a_step = np.where(leaks, -np.expm1(-dt / tau_rc), dt / tau_rc)
    capacitance = dt / (parameters.gain * threshold * in_a_step)
    return LinearLIF(
        weights=weights,
        resistance=np.where(leaks, tau_rc / capacitance, np.inf),
        capacitance=capacitance,
        threshold=threshold,
        current=parameters.bias * capacitance * threshold / tau_rc,
    )


def check_circuits(neurons):
    """Raise unless neurons are a `LinearLIF`.

    Raises
    ------
    ParameterError
        Saying what they are, and how to make them.
    """
    check_type(
        "neurons",
        neurons,
        LinearLIF,
        "make one with linear_lif_from_relu, or of weights, resistance, capacitance, threshold and "
        "current",
    )


def per_unit(weights, **values):
    """Check weights, and make other parameters arrays of a number for each unit.

    Parameters
    ----------
    weights : (n_units, n_inputs) array_like
    **values : float or (n_units,) array_like

    Returns
    -------
    weights : (n_units, n_inputs) ndarray
    values : list of (n_units,) ndarray

    Raises
    ------
    ParameterError
        Naming what has the wrong shape, or is not finite.
    """
    weights = check_numbers("weights", weights)
    if weights.ndim != 2 or 0 in weights.shape:
        raise ParameterError(
            "weights must have the shape (n_units, n_inputs), such as kernel.T of a Keras layer "
            f"(got {weights.shape})"
        )
    spread = []
    for name, value in values.items():
        value = check_numbers(name, value)
        if value.shape not in ((), (len(weights),)):
            raise ParameterError(
                f"{name} must be a number, or one for each of the {len(weights)} units (got shape "
                f"{value.shape})"
            )
        spread.append(np.full(len(weights), value))
    return weights, spread
