r"""Sound as frames of channels: a bank of auditory filters.

The power spectrum of short windows is weighted by the responses of gammatone filters, whose centres
are evenly spaced on the scale of equivalent rectangular bandwidths (ERB), and taken in decibels:

.. math::

   ERB(f) = 24.7 (4.37 f / 1000 + 1), \qquad
   |H_c(f)|^2 = \left[1 + \left(\frac{f - f_c}{1.019 \, ERB(f_c)}\right)^2\right]^{-4}

Unlike the triangles of a mel filter bank, no filter falls between two frequencies of the spectrum,
however many channels there are.

References
----------
.. [1] Glasberg & Moore (1990), "Derivation of auditory filter shapes from notched-noise data".
.. [2] Patterson et al. (1992), "Complex sounds and auditory images": gammatone filters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import (
    check_integer,
    check_number,
    check_numbers,
    check_seconds,
    check_steps,
)

__all__ = ["FilterBank"]

_ERB_FACTOR, _ERB_SLOPE = 24.7, 4.37e-3
_BANDWIDTH = 1.019  # of a gammatone filter of order 4, in ERB


@dataclass(frozen=True, kw_only=True)
class FilterBank:
    """A bank of auditory filters.

    Parameters
    ----------
    rate : int
        Sampling rate in Hz.
    n_channels : int
        Filters, from low to high frequency.
    step : float
        Time from frame to frame in seconds, an integer number of samples.
    window : float
        Length of the windows in seconds, as long as a step or longer, an integer number of samples.
    lowest, highest : float, optional
        Centre of the first and the last filter in Hz; the highest is half of 90 % of the sampling
        rate by default.
    dynamic_range : float
        Decibels below the loudest channel and frame of a recording that become 0; the loudest
        becomes 1.

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    >>> bank = FilterBank(rate=8000, n_channels=20)
    >>> frames = bank.frames(tone)
    >>> frames.shape
    (100, 20)
    >>> bool(abs(bank.centers[frames.mean(axis=0).argmax()] - 1000) < 100)
    True
    """

    rate: int
    n_channels: int = 64
    step: float = 0.01
    window: float = 0.025
    lowest: float = 50.0
    highest: float | None = None
    dynamic_range: float = 60.0

    def __post_init__(self) -> None:
        check_integer("rate", self.rate, minimum=1)
        check_integer("n_channels", self.n_channels, minimum=1)
        for name in ("step", "window"):
            check_seconds(name, getattr(self, name))
            check_steps(name, getattr(self, name), 1 / self.rate)
        if self.window < self.step:
            raise ParameterError(
                f"window must be as long as a step of {self.step:g} s, or longer (got "
                f"{self.window:g} s), so that no sound falls between two windows"
            )
        check_number("lowest", self.lowest, above=0, unit="Hz")
        if self.highest is None:
            object.__setattr__(self, "highest", 0.45 * self.rate)
        check_number("highest", self.highest, above=self.lowest, maximum=self.rate / 2, unit="Hz")
        check_number("dynamic_range", self.dynamic_range, above=0, unit="decibels")

    @cached_property
    def centers(self) -> np.ndarray:
        """Centre frequencies in Hz, (n_channels,) ndarray."""
        first, last = np.log1p(_ERB_SLOPE * np.array([self.lowest, self.highest]))
        return np.expm1(np.linspace(first, last, self.n_channels)) / _ERB_SLOPE

    @cached_property
    def _weights(self) -> np.ndarray:
        """(n_frequencies, n_channels), of the power spectrum."""
        frequencies = np.fft.rfftfreq(self._n_fft, 1 / self.rate)[:, np.newaxis]
        erb = _ERB_FACTOR * (_ERB_SLOPE * self.centers + 1)
        weights = (1 + ((frequencies - self.centers) / (_BANDWIDTH * erb)) ** 2) ** -4.0
        return weights / weights.sum(axis=0)

    @property
    def _n_fft(self) -> int:
        return 1 << (round(self.window * self.rate) - 1).bit_length()

    def frames(self, sound: ArrayLike, n_steps: int | None = None) -> np.ndarray:
        """Frames of a recording.

        Parameters
        ----------
        sound : (n_samples,) array_like
            Its scale does not matter, except that silence stays silence.
        n_steps : int, optional
            Number of frames. Later sound is left out; a shorter recording ends with zeros. By
            default all of the recording, with silence until the end of the last step.

        Returns
        -------
        frames : (n_steps, n_channels) ndarray of float32
            From 0 to 1.

        Raises
        ------
        ParameterError
            If the sound is no row of finite numbers.
        """
        sound = check_numbers("sound", sound)
        if sound.ndim != 1 or not sound.size:
            raise ParameterError(
                f"sound must have the shape (n_samples,), and one sample at least (got "
                f"{sound.shape})"
            )
        hop, width = round(self.step * self.rate), round(self.window * self.rate)
        n_heard = -(-len(sound) // hop)  # rounded up
        n_steps = n_heard if n_steps is None else check_integer("n_steps", n_steps, minimum=1)
        n_heard = min(n_heard, n_steps)
        padded = np.zeros((n_heard - 1) * hop + width)
        length = min(len(sound), len(padded))
        padded[:length] = sound[:length]
        windows = np.lib.stride_tricks.sliding_window_view(padded, width)[::hop]
        spectrum = np.fft.rfft(windows * np.hanning(width), self._n_fft)
        power = np.abs(spectrum) ** 2 @ self._weights
        frames = np.zeros((n_steps, self.n_channels), np.float32)
        loudest = power.max()
        if loudest > 0:
            decibels = 10 * np.log10(np.maximum(power / loudest, 10 ** (-self.dynamic_range / 10)))
            frames[:n_heard] = 1 + decibels / self.dynamic_range
        return np.clip(frames, 0, 1)
