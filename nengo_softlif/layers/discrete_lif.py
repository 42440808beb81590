"""Discrete-time LIF neurons as a Keras layer that trains in spikes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.fixed_point import lowest_voltage, round_decay, round_threshold
from nengo_softlif.functional.surrogates import ExponentialSurrogate, Surrogate
from nengo_softlif.layers.between import Between
from nengo_softlif.layers.curves import in_one_loop
from nengo_softlif.layers.fixed_point import (
    FixedPointDynamics,
    check_quantize,
    nan_if_beyond,
    straight_through,
)
from nengo_softlif.layers.loihi_limits import check_for_loihi
from nengo_softlif.layers.precision import check_dtype_policy, check_training_precision
from nengo_softlif.layers.rate_regularizer import (
    FiringRateRegularizer,
    mean_over_steps,
    penalize,
    rate_regularizer_of,
)
from nengo_softlif.layers.spike_scan import Dynamics, spikes_of, state_size
from nengo_softlif.layers.surrogate import surrogate_config, surrogate_of
from nengo_softlif.validation import (
    check_bool,
    check_choice,
    check_integer,
    check_number,
)

__all__ = ["DiscreteLIF", "check_time_axis"]

_LOWEST_THRESHOLD = 1e-3  # of the initial one, for thresholds that are trained


@keras.saving.register_keras_serializable(package="nengo_softlif")
class DiscreteLIF(keras.layers.Layer):
    r"""Spiking neurons over time: (batch, steps, ...) currents in, as many spikes out.

    .. math::

       v \leftarrow \max(\beta v + J, v_{min}); \text{ spike where } v \ge s + \gamma a;
       \text{ then reset}; \quad a \leftarrow \rho a + (1 - \rho) [\text{spike}]

    Layers with weights before it work on all steps at once, since only the neurons have a memory: a
    `keras.layers.Dense` does so by itself, convolutions and pooling inside of
    `nengo_softlif.layers.OverTime`. The gradient is exact except for the derivative of a spike,
    which is that of the ``surrogate``.

    Parameters
    ----------
    decay : float
        Fraction of the voltage that is left after a step, from 0 to 1.
    threshold : float
        Voltage of a spike (> 0).
    reset : {"zero", "subtract"}
        Reset to zero (hard reset), or by subtraction of the threshold (soft reset).
    refractory_steps : int
        Steps after a spike in which a neuron ignores its input (>= 0).
    min_voltage : float, optional
        Floor of the voltage (<= 0); none by default.
    adaptation_strength : float or sequence of float
        By how much the threshold rises if a neuron fires in every step (>= 0), of all neurons or of
        each channel (the last axis): above 0 these are the adaptive neurons (ALIF) of LSNNs.
    adaptation_decay : float
        Fraction of the adaptation that is left after a step, from 0 to 1.
    initial_voltage : float
        Voltage before the first step, in units of the threshold, from 0 to 1.
    surrogate : Surrogate, optional
        One of `nengo_softlif.functional.surrogates`; `ExponentialSurrogate` by default, as Bondarev
        has it.
    bptt : bool
        Whether errors go back through time. If not, each step learns by itself (Bondarev, eq. 8),
        which takes half the time.
    detach_reset : bool
        Whether the gradient takes the reset for a constant.
    trainable_decay, trainable_threshold : bool
        Whether to train them, one for each channel: the last axis.
    quantize : {None, "loihi"}
        "loihi" computes as the chip does, in integers: decays of 12 bits, thresholds of 17,
        voltages of 23 and a sign. An input of a step beyond 16 raises an error, in compiled models
        one of the backend while they run. With weights from `nengo_softlif.layers.OverTime` layers
        with ``quantize="loihi"`` the Loihi emulator gives the same spikes.
    rate_regularizer : FiringRateRegularizer, optional
        Penalty on mean firing rates over all steps, in training; a step counts as 1 ms.
    **kwargs
        As for every Keras layer.

    Raises
    ------
    ParameterError
        If a parameter is out of range, or there is no time axis.

    References
    ----------
    .. [1] Bondarev, "Training a digital model of a deep spiking neural network using
       backpropagation".
    .. [2] Bellec et al. (2018), "Long short-term memory and learning-to-learn in networks of
       spiking neurons".

    Examples
    --------
    >>> import numpy as np
    >>> layer = DiscreteLIF(decay=0.5)
    >>> currents = np.full((1, 4, 1), 0.6, dtype="float32")
    >>> np.asarray(layer(currents)).ravel()
    array([0., 0., 1., 0.], dtype=float32)
    """

    def __init__(
        self,
        decay: float = 0.9,
        threshold: float = 1.0,
        reset: str = "zero",
        refractory_steps: int = 0,
        min_voltage: float | None = None,
        adaptation_strength: float | Sequence[float] = 0.0,
        adaptation_decay: float = 0.99,
        initial_voltage: float = 0.0,
        surrogate: Surrogate | dict | None = None,
        bptt: bool = True,
        detach_reset: bool = True,
        trainable_decay: bool = False,
        trainable_threshold: bool = False,
        quantize: str | None = None,
        rate_regularizer: FiringRateRegularizer | dict | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_dtype_policy(self)
        name = self.name
        self.decay = check_number(f"{name}.decay", decay, minimum=0, maximum=1)
        self.threshold = check_number(f"{name}.threshold", threshold, above=0)
        self.reset = check_choice(f"{name}.reset", reset, ("zero", "subtract"))
        self.refractory_steps = check_integer(
            f"{name}.refractory_steps", refractory_steps, minimum=0
        )
        if min_voltage is not None:
            min_voltage = check_number(f"{name}.min_voltage", min_voltage, maximum=0)
        self.min_voltage = min_voltage
        self.adaptation_strength = _check_strength(
            f"{name}.adaptation_strength", adaptation_strength
        )
        self.adaptation_decay = check_number(
            f"{name}.adaptation_decay", adaptation_decay, minimum=0, maximum=1
        )
        self.initial_voltage = check_number(
            f"{name}.initial_voltage", initial_voltage, minimum=0, maximum=1
        )
        self.surrogate = surrogate_of(name, surrogate, ExponentialSurrogate())
        self.bptt = check_bool(f"{name}.bptt", bptt)
        self.detach_reset = check_bool(f"{name}.detach_reset", detach_reset)
        self.trainable_decay = check_bool(f"{name}.trainable_decay", trainable_decay)
        self.trainable_threshold = check_bool(f"{name}.trainable_threshold", trainable_threshold)
        self.quantize = check_quantize(self, quantize)
        if self.quantize:
            check_for_loihi(self)
        self.rate_regularizer = rate_regularizer_of(name, rate_regularizer)
        self._decays = self._thresholds = None

    def build(self, input_shape):
        """Make the weights, if decay or threshold are trained."""
        check_time_axis(self, input_shape)
        channels = (input_shape[-1],)
        strengths = self.adaptation_strength
        if isinstance(strengths, tuple) and len(strengths) != input_shape[-1]:
            raise ParameterError(
                f"{self.name}.adaptation_strength: one value for each of {input_shape[-1]} "
                f"channels is needed, or one for all (got {len(strengths)})"
            )
        if self.trainable_decay:
            self._decays = self.add_weight(
                shape=channels,
                initializer=keras.initializers.Constant(self.decay),
                constraint=Between(0.0, 1.0),
                name="decay",
            )
        if self.trainable_threshold:
            self._thresholds = self.add_weight(
                shape=channels,
                initializer=keras.initializers.Constant(self.threshold),
                constraint=Between(_LOWEST_THRESHOLD * self.threshold, None),
                name="threshold",
            )
        super().build(input_shape)

    @property
    def dynamics(self) -> Dynamics:
        """One step of the neurons, and its gradient."""
        lowest = float("-inf") if self.min_voltage is None else self.min_voltage
        return (FixedPointDynamics if self.quantize else Dynamics)(
            subtracts=self.reset == "subtract",
            refractory_steps=self.refractory_steps,
            min_voltage=lowest_voltage(lowest) if self.quantize else lowest,
            adaptation_strength=self.adaptation_strength,
            adaptation_decay=self.adaptation_decay,
            initial_voltage=self.initial_voltage,
            surrogate=self.surrogate,
            bptt=self.bptt,
            detach_reset=self.detach_reset,
            learns_decay=self.trainable_decay,
            learns_threshold=self.trainable_threshold,
        )

    def call(self, inputs, training=False):
        """Return spikes, 1 or 0, shaped as the inputs."""
        check_training_precision(self, training)
        spikes = self._spikes(inputs)
        if training and self.rate_regularizer is not None:
            penalize(self, mean_over_steps(spikes))
        return spikes

    def initial_state(self, inputs: Any) -> Any:
        """State in which the neurons begin.

        Parameters
        ----------
        inputs : (batch, steps, ...) tensor

        Returns
        -------
        state : (batch, n, ...) tensor
            Voltage, refractory steps, adaptation, and spikes on their way back.
        """
        zero = ops.zeros_like(ops.cast(inputs[:, 0], self.compute_dtype))
        _, threshold = self._decay_and_threshold(ops.shape(zero)[1:])
        start = self.dynamics.start(zero, threshold)
        return ops.stack([*start, *(self._state_size - len(start)) * [zero]], axis=1)

    def run(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Go on from a state, for sequences that are presented in segments.

        Parameters
        ----------
        inputs : (batch, steps, ...) tensor
        state : (batch, n, ...) tensor
            From `initial_state`, or from the segment before.

        Returns
        -------
        spikes : (batch, steps, ...) tensor
        state : (batch, n, ...) tensor
            At the end.
        """
        n_steps = inputs.shape[1]
        both = self._spikes(inputs, state, stateful=True)
        return both[:, :n_steps], both[:, n_steps:]

    @property
    def _state_size(self):
        return state_size(recurrent=False)

    def _spikes(self, inputs, *others, **options):
        """Spikes of neurons, from currents, recurrent weights if there are any, and a state."""
        currents = ops.cast(inputs, self.compute_dtype)
        parameters = self._decay_and_threshold(ops.shape(currents)[2:])
        spikes_of_all = in_one_loop(spikes_of(self.dynamics, **options), shared=True)
        spikes = spikes_of_all(currents, *parameters, *others)
        if self.quantize:
            return nan_if_beyond(self, spikes, self._inputs_of_steps(currents, spikes, *others))
        return spikes

    def _inputs_of_steps(self, currents, spikes, *others):
        """What the neurons integrate in each step."""
        return currents

    def _decay_and_threshold(self, shape):
        """Of each neuron, as the forward pass takes them."""
        decay = self.decay if self._decays is None else self._decays
        threshold = self.threshold if self._thresholds is None else self._thresholds
        dtype = self.compute_dtype
        full = [
            ops.full(shape, value, dtype)  # a cast would go through single precision
            if isinstance(value, float)
            else ops.broadcast_to(ops.cast(value, dtype), shape)
            for value in (decay, threshold)
        ]
        return self._rounded(*full) if self.quantize else full

    def _rounded(self, decay, threshold):
        """Decays and thresholds of the chip."""
        rounded = round_threshold(threshold, self.reset == "subtract", ops)
        return (
            straight_through(decay, round_decay(decay, ops)),
            straight_through(threshold, rounded),
        )

    def compute_output_shape(self, input_shape):
        """Output has the shape of the input."""
        return input_shape

    def get_config(self):
        """Return everything that makes an equal layer."""
        regularizer = self.rate_regularizer
        return {
            **super().get_config(),
            "decay": self.decay,
            "threshold": self.threshold,
            "reset": self.reset,
            "refractory_steps": self.refractory_steps,
            "min_voltage": self.min_voltage,
            "adaptation_strength": self.adaptation_strength,
            "adaptation_decay": self.adaptation_decay,
            "initial_voltage": self.initial_voltage,
            "surrogate": surrogate_config(self.surrogate),
            "bptt": self.bptt,
            "detach_reset": self.detach_reset,
            "trainable_decay": self.trainable_decay,
            "trainable_threshold": self.trainable_threshold,
            "quantize": self.quantize,
            "rate_regularizer": None if regularizer is None else regularizer.get_config(),
        }


def check_time_axis(layer: keras.layers.Layer, shape: tuple) -> None:
    """Raise unless inputs have the shape (batch, steps, ...), with a known number of steps.

    Parameters
    ----------
    layer : keras.layers.Layer
    shape : tuple of (int or None)

    Raises
    ------
    ParameterError
        Naming the layer and the shape.
    """
    if len(shape) < 3:
        raise ParameterError(
            f"{layer.name}: inputs must have the shape (batch, steps, ...) (got {tuple(shape)}); "
            "give constant inputs a time axis with nengo_softlif.layers.EncodeSpikes"
        )
    if not shape[1]:
        raise ParameterError(
            f"{layer.name}: the number of steps must be known and 1 or more (got {shape[1]}); "
            "give it to keras.Input, as in keras.Input((20, 784)) for 20 steps"
        )


def _check_strength(name, value):
    if np.ndim(value) == 0:
        return check_number(name, value, minimum=0)
    return tuple(check_number(f"{name}[{i}]", x, minimum=0) for i, x in enumerate(value))
