"""Constant inputs as spikes over time, drawn anew in each batch."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nengo_softlif.functional import encoding as encodings
from nengo_softlif.functional.encoding import Encoding
from nengo_softlif.layers.precision import check_dtype_policy
from nengo_softlif.validation import (
    check_choice,
    check_integer,
    check_seconds,
    check_seed,
    check_type,
)

__all__ = ["EncodeSpikes"]

_KINDS = {cls.__name__: cls for cls in (encodings.BernoulliSpikes, encodings.ConstantCurrent)}


@keras.saving.register_keras_serializable(package="nengo_softlif")
class EncodeSpikes(keras.layers.Layer):
    """Give (batch, ...) values from 0 to 1 a time axis: (batch, steps, ...) spikes.

    Random spikes are drawn anew in each batch, also when the model predicts.

    Parameters
    ----------
    encoding : BernoulliSpikes or ConstantCurrent
    n_steps : int
    dt : float
        Seconds that a step stands for: ``max_rate * dt`` is the mean number of spikes of a 1.
    seed : int, optional
    **kwargs
        As for every Keras layer.

    Raises
    ------
    ParameterError
        If a parameter is out of range, or the encoding is of another type.

    Examples
    --------
    >>> import numpy as np
    >>> import nengo_softlif as nsl
    >>> layer = EncodeSpikes(nsl.BernoulliSpikes(1000), n_steps=4)
    >>> np.asarray(layer(np.array([[0.0, 1.0]])))[0].T
    array([[0., 0., 0., 0.],
           [1., 1., 1., 1.]], dtype=float32)
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
            tuple(_KINDS.values()),
            "take nengo_softlif.BernoulliSpikes(1000), for instance",
        )
        self.n_steps = check_integer(f"{self.name}.n_steps", n_steps, minimum=1)
        self.dt = check_seconds(f"{self.name}.dt", dt)
        self.seed = None if seed is None else check_seed(f"{self.name}.seed", seed)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs):
        """Return the number of spikes in each step."""
        mean = ops.cast(inputs, self.compute_dtype) * (self.encoding.max_rate * self.dt)
        mean = ops.repeat(ops.expand_dims(mean, 1), self.n_steps, axis=1)
        if isinstance(self.encoding, encodings.ConstantCurrent):
            return mean
        drawn = keras.random.uniform(ops.shape(mean), dtype=mean.dtype, seed=self.seed_generator)
        return ops.cast(drawn < mean, mean.dtype)

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
