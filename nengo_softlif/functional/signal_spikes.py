r"""Signals that change over time as spikes.

Images are constant while they are shown, see `nengo_softlif.functional.encoding`. Of a signal
:math:`x_k`, such as sound or touch, there are two kinds of spikes:

- `level_crossings`: of the changes. A spike up or down whenever the signal has moved by a level
  since the last one (send on delta). The sum of spikes follows the signal to within a level.
- `integrated_spikes`: of the values. As many spikes until any step as the sum of the signal until
  then, rounded: an integrate-and-fire neuron without leak, reset by subtraction.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_number, check_numbers

__all__ = ["integrated_spikes", "level_crossings"]


def level_crossings(signals: ArrayLike, level: float) -> np.ndarray:
    """Spikes up and down where signals cross levels.

    Parameters
    ----------
    signals : (n_samples, n_steps, n) array_like
    level : float
        Change that makes a spike (> 0).

    Returns
    -------
    spikes : (n_samples, n_steps, n, 2) ndarray of float32
        Numbers of spikes down and up, in the order of the polarities of an event camera. The first
        step has none.

    Raises
    ------
    ParameterError
        If the signals have another shape or are not finite, or the level is out of range.

    Examples
    --------
    >>> level_crossings([[[0.0], [0.25], [0.1], [0.0]]], level=0.1)[0, :, 0].tolist()
    [[0.0, 0.0], [0.0, 2.0], [1.0, 0.0], [1.0, 0.0]]
    """
    signals = _checked(signals)
    level = check_number("level", level, above=0)
    scaled = signals / level
    reached = scaled[:, 0]
    spikes = np.zeros((*signals.shape, 2), np.float32)
    for k in range(1, signals.shape[1]):
        # a change of a level, except for rounding, is one
        crossed = np.trunc((scaled[:, k] - reached) * (1 + 1e-9))
        reached = reached + crossed
        spikes[:, k, :, 0] = np.maximum(-crossed, 0)
        spikes[:, k, :, 1] = np.maximum(crossed, 0)
    return spikes


def integrated_spikes(signals: ArrayLike, gain: float = 1.0) -> np.ndarray:
    """Spikes whose number is the sum of signals over time, rounded.

    Parameters
    ----------
    signals : (n_samples, n_steps, n) array_like
        0 or more.
    gain : float
        Spikes a step for a value of 1 (> 0).

    Returns
    -------
    spikes : (n_samples, n_steps, n) ndarray of float32
        Numbers of spikes.

    Raises
    ------
    ParameterError
        If the signals have another shape or are not finite, or a value is out of range.

    Examples
    --------
    >>> integrated_spikes([[[0.25], [0.25], [0.5], [1.0]]])[0, :, 0].tolist()
    [0.0, 1.0, 0.0, 1.0]
    """
    signals = _checked(signals, minimum=0)
    total = np.cumsum(signals * check_number("gain", gain, above=0), axis=1)
    counts = np.floor(total + (0.5 + 1e-9))
    return np.diff(counts, axis=1, prepend=0).astype(np.float32)


def _checked(signals, **limits):
    signals = check_numbers("signals", signals, **limits)
    if signals.ndim != 3 or not signals.size:
        raise ParameterError(
            f"signals must have the shape (n_samples, n_steps, n) (got {signals.shape})"
        )
    return signals
