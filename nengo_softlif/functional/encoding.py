r"""Values as spikes: encodings of images for networks whose input is spikes.

Values are from 0 to 1. In the rate codes, a value :math:`x` is a firing rate of
:math:`x f_{max}`:

=================  ==============================================================================
encoding           spikes
=================  ==============================================================================
`RegularSpikes`    evenly spaced, at most one a step; at any time t there have been as many as
                   :math:`x f_{max} t`, rounded (Lu & Xu 2022, eq. 15, 24)
`BernoulliSpikes`  one or none in each step, with the probability :math:`x f_{max} \, dt`
`PoissonSpikes`    a Poisson number in each step
`ConstantCurrent`  no spikes: the expected spike count, applied as a constant at every step
`LatencySpikes`    one in all, earlier for larger values (time to first spike)
=================  ==============================================================================

The formulas are against a namespace ``xp``: NumPy here, `keras.ops` in
`nengo_softlif.layers.EncodeSpikes`. What is random comes from `Draws`.

References
----------
.. [1] Lu & Xu (2022), "Linear Leaky-Integrate-and-Fire Neuron Model Based Spiking Neural Networks
   and Its Mapping Relationship to Deep Neural Networks", section V-A.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.value_range import check_range
from nengo_softlif.validation import (
    check_bool,
    check_generator,
    check_integer,
    check_number,
    check_numbers,
    check_seconds,
)

__all__ = [
    "BernoulliSpikes",
    "ConstantCurrent",
    "Draws",
    "Encoding",
    "LatencySpikes",
    "PoissonSpikes",
    "RegularSpikes",
]

# Products that are integers except for rounding must not come a step late
_ROUNDING = 1e-9
_SINGLE = 4 * 2.0**-23  # the same in single precision, for each step


Seed = int | Sequence[int] | np.random.Generator


class Draws(Protocol):
    """Where random numbers come from."""

    def uniform(self, shape: tuple) -> Any:
        """Numbers from 0 to 1, without 1."""

    def poisson(self, mean: Any, shape: tuple, highest: float) -> Any:
        """Poisson numbers whose ``mean`` broadcasts to a shape and is ``highest`` at most."""


class _NumPyDraws:
    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def uniform(self, shape):
        return self.rng.random(shape, np.float32)

    def poisson(self, mean, shape, highest):
        return self.rng.poisson(np.broadcast_to(mean, shape))


@dataclass(frozen=True, repr=False, kw_only=True)
class Encoding(ABC):
    """Base class; subclasses provide ``spikes`` and ``amplitude``.

    Parameters
    ----------
    clip : bool
        Whether values below 0 become 0 and those above 1 become 1, instead of an error.
    """

    clip: bool = False
    is_constant: ClassVar[bool] = False  # whether it sends the same numbers in every step

    def __repr__(self) -> str:
        rate = (f"{value:g}" for name, value in vars(self).items() if name == "max_rate")
        return f"{type(self).__name__}({', '.join([*rate, *['clip=True'] * self.clip])})"

    def __post_init__(self):
        object.__setattr__(self, "clip", check_bool(f"{type(self).__name__}.clip", self.clip))

    @property
    @abstractmethod
    def amplitude(self) -> float:
        """Charge of a spike: in a network it has the height ``amplitude / dt``."""

    def encode(
        self, values: ArrayLike, n_steps: int, *, dt: float = 0.001, seed: Seed = 0
    ) -> np.ndarray:
        """Turn values into spikes.

        Parameters
        ----------
        values : (n_samples, n) array_like
            From 0 to 1.
        n_steps : int
        dt : float
            Step in seconds.
        seed : int, sequence of int, or numpy.random.Generator
            Of what is random.

        Returns
        -------
        spikes : (n_samples, n_steps, n) ndarray
            Number of spikes in each step.

        Raises
        ------
        ParameterError
            If a value is out of range, values have the wrong shape, a rate is too high for the
            step, or another parameter is out of range.
        """
        dt = check_seconds("dt", dt)
        n_steps = check_integer("n_steps", n_steps, minimum=1)
        draws = _NumPyDraws(check_generator("seed", seed))
        self.check_step(dt)
        spikes = self.spikes(self.checked(values), n_steps, dt, draws)
        if spikes.dtype.kind == "f":
            return spikes
        return spikes.astype(np.min_scalar_type(int(spikes.max(initial=0))))

    def check_step(self, dt: float) -> None:  # noqa: B027
        """Raise if the rate is too high for a step.

        Parameters
        ----------
        dt : float
            Step in seconds.

        Raises
        ------
        ParameterError
            If there would be more than one spike a step in an encoding that has at most one.
        """

    def checked(self, values):
        """Check values, and clip them if ``clip`` is set.

        Parameters
        ----------
        values : (n_samples, n) array_like

        Returns
        -------
        values : (n_samples, n) ndarray

        Raises
        ------
        ParameterError
            If a value is out of range, or values have the wrong shape.
        """
        if isinstance(values, np.ndarray) and values.dtype == bool:
            values = values.astype(float)  # binary images
        values = check_numbers("values", values, finite=False, booleans=True)
        if values.ndim != 2:
            raise ParameterError(
                f"values must have the shape (n_samples, n) (got {values.shape}); flatten images "
                "with x.reshape(len(x), -1)"
            )
        if self.clip:
            return np.clip(values, 0, 1)
        if values.size:
            check_range("values", values.min(), values.max(), type(self).__name__)
        return values

    @abstractmethod
    def spikes(self, values: Any, n_steps: int, dt: float, draws: Draws, xp: Any = np) -> Any:
        """Spikes of values that were checked.

        Parameters
        ----------
        values : (n_samples, ...) array
            From 0 to 1, in single or double precision.
        n_steps : int
        dt : float
            Step in seconds.
        draws : Draws
            What is random.
        xp : namespace, optional
            Of functions for such arrays: NumPy by default, or `keras.ops`.

        Returns
        -------
        spikes : (n_samples, n_steps, ...) array
            Truth values or numbers.
        """


def _with_time(values: Any, n_steps: int, xp: Any) -> tuple[Any, Any, tuple]:
    """Values with a time axis of length 1, the steps along that axis, and the shape of both."""
    steps = xp.reshape(xp.arange(n_steps), (n_steps, *[1] * (len(values.shape) - 1)))
    return xp.expand_dims(values, 1), steps, (xp.shape(values)[0], n_steps, *values.shape[1:])


@dataclass(frozen=True, repr=False)
class _RateCode(Encoding):
    max_rate: float

    def __post_init__(self):
        super().__post_init__()
        max_rate = check_number(
            f"{type(self).__name__}.max_rate", self.max_rate, above=0, unit="Hz"
        )
        object.__setattr__(self, "max_rate", max_rate)

    @property
    def amplitude(self):
        """Charge of a spike, with which the mean over time is the value that was encoded."""
        return 1 / self.max_rate


class _OneAStep(_RateCode):
    """Rate codes with at most one spike a step."""

    def check_step(self, dt):
        if self.max_rate * dt > 1 + _ROUNDING:
            raise ParameterError(
                f"{type(self).__name__} has at most one spike a step, {1 / dt:g} Hz with dt = "
                f"{dt:g} s (got max_rate = {self.max_rate:g} Hz); lower max_rate or dt"
            )


@dataclass(frozen=True, repr=False)
class RegularSpikes(_OneAStep):
    r"""Evenly spaced spikes, at most one a step.

    After k steps there have been :math:`\lfloor x f_{max} k \, dt + 1/2 \rfloor`: the first comes
    after half a period, and whenever one stops, their number is rate times time, rounded.

    Parameters
    ----------
    max_rate : float
        Rate in Hz that stands for 1; at most one spike a step.
    clip : bool
        Whether to clip values outside of 0 to 1 instead of an error.

    Raises
    ------
    ParameterError
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

    def spikes(self, values, n_steps, dt, draws, xp=np):
        values, steps, _ = _with_time(values, n_steps + 1, xp)
        is_double = "float64" in str(values.dtype)
        rounding = _ROUNDING if is_double else _SINGLE * n_steps
        counts = xp.floor(xp.multiply(steps, values * (self.max_rate * dt)) + (0.5 + rounding))
        return counts[:, 1:] > counts[:, :-1]


@dataclass(frozen=True, repr=False)
class BernoulliSpikes(_OneAStep):
    """One spike or none in each step, drawn for each by itself.

    Parameters
    ----------
    max_rate : float
        Rate in Hz that stands for 1; at most one spike a step.
    clip : bool
        Whether to clip values outside of 0 to 1 instead of an error.

    Raises
    ------
    ParameterError
        If the rate is out of range.

    Examples
    --------
    >>> BernoulliSpikes(500).encode([[0.5, 1.0]], 8, seed=1)[0].T
    array([[0, 0, 1, 0, 1, 0, 0, 0],
           [0, 0, 1, 0, 1, 1, 0, 1]], dtype=uint8)
    """

    def spikes(self, values, n_steps, dt, draws, xp=np):
        values, _, shape = _with_time(values, n_steps, xp)
        return draws.uniform(shape) < values * (self.max_rate * dt)


@dataclass(frozen=True, repr=False)
class PoissonSpikes(_RateCode):
    """A Poisson number of spikes in each step.

    Parameters
    ----------
    max_rate : float
        Rate in Hz that stands for 1.
    clip : bool
        Whether to clip values outside of 0 to 1 instead of an error.

    Raises
    ------
    ParameterError
        If the rate is out of range.

    Examples
    --------
    >>> spikes = PoissonSpikes(2000).encode([[0.5, 1.0]], 10000, seed=1)
    >>> spikes.mean(axis=1).round(1)
    array([[1., 2.]])
    """

    def spikes(self, values, n_steps, dt, draws, xp=np):
        values, _, shape = _with_time(values, n_steps, xp)
        highest = self.max_rate * dt
        return draws.poisson(values * highest, shape, highest)


@dataclass(frozen=True, repr=False)
class ConstantCurrent(_RateCode):
    """The expected spike count, applied as a constant at every step.

    Parameters
    ----------
    max_rate : float
        Rate in Hz that stands for 1.
    clip : bool
        Whether to clip values outside of 0 to 1 instead of an error.

    Raises
    ------
    ParameterError
        If the rate is out of range.

    Examples
    --------
    >>> ConstantCurrent(500).encode([[0.5, 1.0]], 4)[0].T
    array([[0.25, 0.25, 0.25, 0.25],
           [0.5 , 0.5 , 0.5 , 0.5 ]])
    """

    is_constant = True

    def spikes(self, values, n_steps, dt, draws, xp=np):
        return xp.repeat(xp.expand_dims(values * (self.max_rate * dt), 1), n_steps, axis=1)


class LatencySpikes(Encoding):
    """One spike a value, earlier for larger values: time-to-first-spike coding.

    A value of 1 fires in the first step, the least value in the last, and 0 never.

    Parameters
    ----------
    clip : bool
        Whether to clip values outside of 0 to 1 instead of an error.

    Examples
    --------
    >>> LatencySpikes().encode([[1.0, 0.6, 0.0]], 6)[0].T
    array([[1, 0, 0, 0, 0, 0],
           [0, 0, 1, 0, 0, 0],
           [0, 0, 0, 0, 0, 0]], dtype=uint8)
    """

    @property
    def amplitude(self):
        """Charge of the spike, 1: the value is in its time."""
        return 1.0

    def spikes(self, values, n_steps, dt, draws, xp=np):
        values, steps, _ = _with_time(values, n_steps, xp)
        when = xp.round((1 - values) * (n_steps - 1))
        return xp.logical_and(xp.equal(steps, when), values > 0)
