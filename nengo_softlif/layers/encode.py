"""Constant inputs as spikes over time, drawn anew in each batch."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional import encoding as encodings
from nengo_softlif.functional.encoding import Encoding
from nengo_softlif.functional.value_range import out_of_range
from nengo_softlif.layers.at_run_time import raise_unless
from nengo_softlif.layers.precision import at_least_single, check_dtype_policy
from nengo_softlif.validation import (
    check_choice,
    check_integer,
    check_seconds,
    check_seed,
    check_type,
)

__all__ = ["EncodeSpikes"]

_KINDS = {
    cls.__name__: cls
    for cls in (
        encodings.BernoulliSpikes,
        encodings.ConstantCurrent,
        encodings.LatencySpikes,
        encodings.PoissonSpikes,
        encodings.RegularSpikes,
    )
}
_HIGHEST_MEAN = 16  # of a Poisson number: exp(-16) is far from the end of single precision
_MOST_PARTS = 16  # that a Poisson number is the sum of; each adds to the compiled graph
_TAIL = 2.0**-24  # probability that single precision can't tell from 0


@keras.saving.register_keras_serializable(package="nengo_softlif")
class EncodeSpikes(keras.layers.Layer):
    """Give (batch, ...) values from 0 to 1 a time axis: (batch, steps, ...) spikes.

    Random spikes are drawn anew in each batch, also when the model predicts. Values outside of 0 to
    1 raise an error, unless the encoding clips them: ``BernoulliSpikes(1000, clip=True)``.

    A compiled model raises it as an error of its backend, while it runs. With ``jit_compile=True``
    TensorFlow leaves such checks out: the spikes of these values become NaN.

    Parameters
    ----------
    encoding : Encoding
        One of `nengo_softlif.functional.encoding`.
    n_steps : int
    dt : float
        Seconds that a step stands for: ``max_rate * dt`` is the mean number of spikes of a 1.
    seed : int, optional
        Of what is random. Layers with the same seed draw the same batches in the same order.
    **kwargs
        As for every Keras layer.

    Raises
    ------
    ParameterError
        If a parameter is out of range, the encoding is of another type, or its rate is too high for
        a step: more than one spike for encodings with at most one, 256 for Poisson spikes.

    Examples
    --------
    >>> import numpy as np
    >>> import nengo_softlif as nsl
    >>> layer = EncodeSpikes(nsl.BernoulliSpikes(1000), n_steps=4)
    >>> np.asarray(layer(np.array([[0.0, 1.0]])))[0].T
    array([[0., 0., 0., 0.],
           [1., 1., 1., 1.]], dtype=float32)
    >>> np.asarray(EncodeSpikes(nsl.LatencySpikes(), n_steps=4)(np.array([[0.0, 0.6]])))[0].T
    array([[0., 0., 0., 0.],
           [0., 1., 0., 0.]], dtype=float32)
    """

    def __init__(
        self,
        encoding: Encoding | dict,
        n_steps: int,
        dt: float = 0.001,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_dtype_policy(self)
        if isinstance(encoding, dict):
            parameters = dict(encoding)
            kind = check_choice("encoding kind", parameters.pop("kind", None), tuple(_KINDS))
            encoding = _KINDS[kind](**parameters)
        self.encoding = check_type(
            f"{self.name}.encoding",
            encoding,
            Encoding,
            "take nengo_softlif.BernoulliSpikes(1000), for instance",
        )
        self.n_steps = check_integer(f"{self.name}.n_steps", n_steps, minimum=1)
        self.dt = check_seconds(f"{self.name}.dt", dt)
        self.encoding.check_step(self.dt)
        self.seed = None if seed is None else check_seed(f"{self.name}.seed", seed)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs):
        """Return the number of spikes in each step."""
        precision = at_least_single(self.compute_dtype)
        values = ops.cast(inputs, precision)
        draws = _KerasDraws(precision, self.seed_generator)
        inside = ops.clip(values, 0, 1)
        spikes = self.encoding.spikes(inside, self.n_steps, self.dt, draws, ops)
        spikes = ops.cast(spikes, self.compute_dtype)
        if self.encoding.clip:
            return spikes
        self._check_range(values)
        refused = ops.expand_dims(ops.not_equal(inside, values), 1)
        return ops.where(refused, ops.cast(float("nan"), self.compute_dtype), spikes)

    def _check_range(self, values):
        """Raise unless values are from 0 to 1, at once or when compiled code runs."""
        if 0 in values.shape:
            return
        lowest, highest = ops.min(values), ops.max(values)
        is_right = ops.logical_and(lowest >= 0, highest <= 1)
        message = out_of_range(f"inputs of {self.name}", type(self.encoding).__name__)
        raise_unless(is_right, message, lowest, highest)

    def compute_output_shape(self, input_shape):
        """With a time axis behind the batch."""
        return (input_shape[0], self.n_steps, *input_shape[1:])

    def get_config(self):
        """Return everything that makes an equal layer."""
        encoding = {"kind": type(self.encoding).__name__, **vars(self.encoding)}
        return {
            **super().get_config(),
            "encoding": encoding,
            "n_steps": self.n_steps,
            "dt": self.dt,
            "seed": self.seed,
        }


class _KerasDraws:
    """Random numbers of any Keras backend; see `nengo_softlif.functional.encoding.Draws`."""

    def __init__(self, dtype: str, seed_generator: keras.random.SeedGenerator) -> None:
        self.dtype, self.seed_generator = dtype, seed_generator

    def uniform(self, shape):
        return keras.random.uniform(shape, dtype=self.dtype, seed=self.seed_generator)

    def poisson(self, mean, shape, highest):
        """Draw by the inverse of the distribution function, since Keras has no Poisson numbers.

        A number of a large mean is a sum of numbers of smaller means.
        """
        n_parts = math.ceil(highest / _HIGHEST_MEAN)
        if n_parts > _MOST_PARTS:
            raise ParameterError(
                f"Keras draws at most {_MOST_PARTS * _HIGHEST_MEAN} Poisson spikes a step on "
                f"average (got {highest:g}); lower max_rate or dt"
            )
        return sum(self._poisson(mean / n_parts, shape, highest / n_parts) for _ in range(n_parts))

    def _poisson(self, mean, shape, highest):
        drawn, count = self.uniform(shape), 0
        probability = below = ops.exp(-mean)
        for k in range(1, _largest_count(highest) + 1):
            count = count + ops.cast(drawn >= below, self.dtype)
            probability = probability * mean / k
            below = below + probability
        return count


def _largest_count(mean: float) -> int:
    """Poisson numbers above it have a probability of less than `_TAIL`."""
    probability, left, count = math.exp(-mean), 1.0 - math.exp(-mean), 0
    while left > _TAIL or count < mean:
        count += 1
        probability *= mean / count
        left -= probability
    return max(count, 1)
