r"""Values as spikes: encodings of images for networks that take nothing else.

Values are from 0 to 1. In the rate codes, a value :math:`x` is a firing rate of
:math:`x f_{max}`:

=================  ==============================================================================
encoding           spikes
=================  ==============================================================================
`RegularSpikes`    evenly spaced, at most one a step; at any time t there have been as many as
                   :math:`x f_{max} t`, rounded (Lu & Xu 2022, eq. 15, 24)
`BernoulliSpikes`  one or none in each step, with the probability :math:`x f_{max} \, dt`
`PoissonSpikes`    a Poisson number in each step
`ConstantCurrent`  none: the number that there is of them on average, in every step
`LatencySpikes`    one in all, the sooner the larger the value
=================  ==============================================================================

References
----------
.. [1] Lu & Xu (2022), "Linear Leaky-Integrate-and-Fire Neuron Model Based Spiking Neural Networks
   and Its Mapping Relationship to Deep Neural Networks", section V-A.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from numbers import Integral

import numpy as np

from nengo_softlif.errors import DatasetError, SoftLIFError
from nengo_softlif.functional.numbers import is_number

__all__ = [
    "BernoulliSpikes",
    "ConstantCurrent",
    "Encoding",
    "LatencySpikes",
    "PoissonSpikes",
    "RegularSpikes",
]

# Products that are whole numbers but for rounding shall not come a step late
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Encoding(ABC):
    """Base class; subclasses provide ``_spikes`` and ``amplitude``.

    Parameters
    ----------
    clip : bool
        Take values below 0 for 0 and those above 1 for 1, instead of refusing them.
    """

    clip: bool = False

    @property
    @abstractmethod
    def amplitude(self):
        """Charge of a spike: in a network it has the height ``amplitude / dt``."""

    def encode(self, values, n_steps, *, dt=0.001, seed=0):
        """Turn values into spikes.

        Parameters
        ----------
        values : (n_items, n) array_like
            From 0 to 1.
        n_steps : int
        dt : float
            Step in seconds.
        seed : int, sequence of int, or numpy.random.Generator
            Of what is random.

        Returns
        -------
        spikes : (n_items, n_steps, n) ndarray
            Number of spikes in each step.

        Raises
        ------
        DatasetError
            If values are out of range, or of the wrong shape.
        SoftLIFError
            If a rate is too high for the step, or another parameter out of range.
        """
        if not is_number(dt) or not 0 < dt < np.inf:
            raise SoftLIFError(f"dt must be a time in seconds greater than 0 (got {dt!r})")
        if not isinstance(n_steps, Integral) or n_steps < 1:
            raise SoftLIFError(f"n_steps must be a whole number of 1 or more (got {n_steps!r})")
        try:
            rng = np.random.default_rng(seed)
        except (TypeError, ValueError) as error:
            raise SoftLIFError(
                f"seed must be a whole number of 0 or more, several of them, or a NumPy generator "
                f"(got {seed!r})"
            ) from error
        return self._spikes(self.checked(values), int(n_steps), dt, rng)

    def checked(self, values):
        """Check values, and clip them if that was asked for.

        Parameters
        ----------
        values : (n_items, n) array_like

        Returns
        -------
        values : (n_items, n) ndarray

        Raises
        ------
        DatasetError
            If they are out of range, or of the wrong shape.
        """
        try:
            values = np.asarray(values)
            # complex numbers and text are none; what lists of mixed numbers become is converted
            values = values.astype(
                float, casting="unsafe" if values.dtype == object else "same_kind"
            )
        except (TypeError, ValueError) as error:
            raise DatasetError(f"values to encode must be real numbers ({error})") from error
        if values.ndim != 2:
            raise DatasetError(
                f"values to encode must have shape (n_items, n) (got {values.shape}); flatten "
                "images with x.reshape(len(x), -1)"
            )
        if n_missing := int(np.isnan(values).sum()):
            raise DatasetError(
                f"values to encode must be numbers (got NaN in {n_missing} of {values.size} places)"
            )
        if self.clip:
            return np.clip(values, 0, 1)
        if not np.all((values >= 0) & (values <= 1)):
            raise DatasetError(
                f"values to encode as {type(self).__name__} must be from 0 to 1 (got "
                f"{values.min():.4g} to {values.max():.4g}); scale them, or pass clip=True to cut "
                "off what is outside"
            )
        return values

    @abstractmethod
    def _spikes(self, values, n_steps, dt, rng):
        """(n_items, n_steps, n) spikes of checked values."""


@dataclass(frozen=True)
class _RateCode(Encoding):
    max_rate: float

    def __post_init__(self):
        if not is_number(self.max_rate) or not 0 < self.max_rate < np.inf:
            raise SoftLIFError(
                f"max_rate of {type(self).__name__} must be a rate in Hz greater than 0 (got "
                f"{self.max_rate!r})"
            )

    @property
    def amplitude(self):
        """Charge of a spike, with which the mean over time is the value that was encoded."""
        return 1 / self.max_rate

    def _one_a_step(self, values, dt):
        """Spikes a step on average, which may not be more than one."""
        if self.max_rate * dt > 1 + _ROUNDING:
            raise SoftLIFError(
                f"{type(self).__name__} has at most one spike a step, {1 / dt:g} Hz with dt = "
                f"{dt:g} s (got max_rate = {self.max_rate:g} Hz); lower max_rate or dt"
            )
        return values * (self.max_rate * dt)


@dataclass(frozen=True)
class RegularSpikes(_RateCode):
    r"""Evenly spaced spikes, at most one a step.

    After k steps there have been :math:`\lfloor x f_{max} k \, dt + 1/2 \rfloor`: the first comes
    after half a period, and whenever one stops, their number is rate times time, rounded.

    Parameters
    ----------
    max_rate : float
        Rate in Hz that stands for 1; at most one spike a step.
    clip : bool
        Cut off values outside of 0 to 1 instead of refusing them.

    Raises
    ------
    SoftLIFError
        If the rate is out of range.

    References
    ----------
    .. [1] Lu & Xu (2022), equations 15 and 24.

    Examples
    --------
    >>> RegularSpikes(500).encode([[0.5, 1.0]], 8)[0].T
    array([[0, 1, 0, 0, 0, 1, 0, 0],
           [1, 0, 1, 0, 1, 0, 1, 0]], dtype=uint8)
    """

    def _spikes(self, values, n_steps, dt, rng):
        per_step = self._one_a_step(values, dt)[:, np.newaxis]
        steps = np.arange(n_steps + 1)[:, np.newaxis]
        return np.diff(np.floor(steps * per_step + (0.5 + _ROUNDING)), axis=1).astype(np.uint8)


@dataclass(frozen=True)
class BernoulliSpikes(_RateCode):
    """One spike or none in each step, drawn for each by itself.

    Parameters
    ----------
    max_rate : float
        Rate in Hz that stands for 1; at most one spike a step.
    clip : bool
        Cut off values outside of 0 to 1 instead of refusing them.

    Raises
    ------
    SoftLIFError
        If the rate is out of range.

    Examples
    --------
    >>> BernoulliSpikes(500).encode([[0.5, 1.0]], 8, seed=1)[0].T
    array([[0, 0, 1, 0, 1, 0, 0, 0],
           [0, 0, 1, 0, 1, 1, 0, 1]], dtype=uint8)
    """

    def _spikes(self, values, n_steps, dt, rng):
        probability = self._one_a_step(values, dt)[:, np.newaxis]
        shape = (len(values), n_steps, values.shape[1])
        return (rng.random(shape, np.float32) < probability).astype(np.uint8)


@dataclass(frozen=True)
class PoissonSpikes(_RateCode):
    """A Poisson number of spikes in each step.

    Parameters
    ----------
    max_rate : float
        Rate in Hz that stands for 1.
    clip : bool
        Cut off values outside of 0 to 1 instead of refusing them.

    Raises
    ------
    SoftLIFError
        If the rate is out of range.

    Examples
    --------
    >>> spikes = PoissonSpikes(2000).encode([[0.5, 1.0]], 10000, seed=1)
    >>> spikes.mean(axis=1).round(1)
    array([[1., 2.]])
    """

    def _spikes(self, values, n_steps, dt, rng):
        mean = values[:, np.newaxis] * (self.max_rate * dt)
        shape = (len(values), n_steps, values.shape[1])
        counts = rng.poisson(np.broadcast_to(mean, shape))
        return counts.astype(np.min_scalar_type(counts.max(initial=0)))


@dataclass(frozen=True)
class ConstantCurrent(_RateCode):
    """No spikes, but as many of them as come on average, in every step.

    Parameters
    ----------
    max_rate : float
        Rate in Hz that stands for 1.
    clip : bool
        Cut off values outside of 0 to 1 instead of refusing them.

    Raises
    ------
    SoftLIFError
        If the rate is out of range.

    Examples
    --------
    >>> ConstantCurrent(500).encode([[0.5, 1.0]], 4)[0].T
    array([[0.25, 0.25, 0.25, 0.25],
           [0.5 , 0.5 , 0.5 , 0.5 ]])
    """

    def _spikes(self, values, n_steps, dt, rng):
        return np.repeat(values[:, np.newaxis] * (self.max_rate * dt), n_steps, axis=1)


class LatencySpikes(Encoding):
    """One spike: of a value of 1 in the first step, of the least in the last, of 0 none.

    Parameters
    ----------
    clip : bool
        Cut off values outside of 0 to 1 instead of refusing them.

    Examples
    --------
    >>> LatencySpikes().encode([[1.0, 0.6, 0.0]], 6)[0].T
    array([[1, 0, 0, 0, 0, 0],
           [0, 0, 1, 0, 0, 0],
           [0, 0, 0, 0, 0, 0]], dtype=uint8)
    """

    @property
    def amplitude(self):
        """Charge of the spike: 1, since it is its time that counts."""
        return 1.0

    def _spikes(self, values, n_steps, dt, rng):
        when = np.rint((1 - values) * (n_steps - 1))[:, np.newaxis]
        steps = np.arange(n_steps)[:, np.newaxis]
        return ((steps == when) & (values[:, np.newaxis] > 0)).astype(np.uint8)
