"""Images in the form of spikes."""

from __future__ import annotations

import numpy as np
from nengo.base import Process
from nengo.exceptions import ValidationError
from nengo.params import NdarrayParam, NumberParam, Parameter

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.encoding import Encoding
from nengo_softlif.validation import MAX_SEED, check_numbers

__all__ = ["PresentEncoded"]


class EncodingParam(Parameter):
    """How values become spikes."""

    equatable = True

    def coerce(self, instance, encoding):
        """Accept an encoding, name the choices otherwise."""
        if not isinstance(encoding, Encoding):
            raise ValidationError(
                f"Must be an encoding, such as nengo_softlif.RegularSpikes(100) (got {encoding!r})",
                attr=self.name,
                obj=instance,
            )
        return super().coerce(instance, encoding)

    def hashvalue(self, instance):
        """Hash by value."""
        return hash((self.name, self.__get__(instance, type(instance))))


class PresentEncoded(Process):
    """Shows one sample after the other as spikes; `nengo.processes.PresentInput` shows currents.

    After the last sample comes the first again; what is random is then drawn anew. Spikes have the
    height ``encoding.amplitude / dt``, with which, in rate codes, their mean over time is the
    sample.

    Parameters
    ----------
    inputs : (n_samples, ...) array_like
        Samples with values from 0 to 1.
    presentation_time : float
        Seconds for which a sample is shown.
    encoding : Encoding
        One of `nengo_softlif.functional.encoding`.
    seed : int, optional
        Of what is random; by default the simulator gives one.

    Raises
    ------
    nengo.exceptions.ValidationError
        If a parameter is out of range.

    Examples
    --------
    >>> import nengo_softlif as nsl
    >>> shown = PresentEncoded([[0.5, 1.0]], 0.004, nsl.RegularSpikes(max_rate=1000))
    >>> shown.run_steps(4)
    array([[1., 1.],
           [0., 1.],
           [1., 1.],
           [0., 1.]])
    """

    inputs = NdarrayParam("inputs", shape=("...",))
    presentation_time = NumberParam("presentation_time", low=0, low_open=True)
    encoding = EncodingParam("encoding")

    def __init__(self, inputs, presentation_time, encoding, seed=None):
        try:
            inputs = check_numbers("inputs", inputs, finite=False, booleans=True)
        except ParameterError as err:
            raise ValidationError(str(err), attr="inputs", obj=self) from err
        if inputs.ndim < 2 or inputs.size == 0:
            raise ValidationError(
                f"Must be samples of shape (n_samples, ...) (got shape {inputs.shape}); put a "
                "single sample into a batch with x[np.newaxis]",
                attr="inputs",
                obj=self,
            )
        super().__init__(
            default_size_in=0, default_size_out=int(np.prod(inputs.shape[1:])), seed=seed
        )
        self.inputs = inputs
        self.presentation_time = presentation_time
        self.encoding = encoding
        try:
            encoding.checked(inputs.reshape(len(inputs), -1))
        except ParameterError as err:
            raise ValidationError(str(err), attr="inputs", obj=self) from err

    def __repr__(self):
        n_samples, *shape = self.inputs.shape
        return (
            f"<PresentEncoded: {n_samples} samples of {'x'.join(map(str, shape))}, "
            f"{self.presentation_time:g} s each, as {self.encoding}>"
        )

    def make_step(self, shape_in, shape_out, dt, rng, state):
        """Make the function of a time step."""
        n_steps = round(self.presentation_time / dt)
        if n_steps < 1:
            raise ValidationError(
                f"Must be at least one step of dt = {dt:g} s (got {self.presentation_time:g})",
                attr="presentation_time",
                obj=self,
            )
        if not np.isclose(n_steps * dt, self.presentation_time, rtol=1e-6, atol=0):
            raise ValidationError(
                f"Must be an integer number of steps of dt = {dt:g} s (got "
                f"{self.presentation_time:g})",
                attr="presentation_time",
                obj=self,
            )
        samples = self.inputs.reshape(len(self.inputs), -1)
        height = self.encoding.amplitude / dt
        seed = int(rng.randint(MAX_SEED))
        number = train = None  # of the presentation that is on, and its spikes

        def step(t):
            nonlocal number, train
            now, index = divmod(round(t / dt) - 1, n_steps)
            if now != number:
                sample = samples[[now % len(samples)]]
                (train,) = self.encoding.encode(sample, n_steps, dt=dt, seed=(seed, now))
                number = now
            return train[index] * height

        return step
