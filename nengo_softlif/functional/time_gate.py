r"""The time gate of a phased LSTM: units that take in something only now and then.

With the period :math:`\tau` and the shift s of a unit in its step t (0, 1, ...), the phase and the
openness of its gate are (Neil et al. 2016, eq. 6 and 7)

.. math::

   \varphi = (t / \tau - s) \bmod 1, \qquad
   k = \begin{cases} 2 \varphi / r & \varphi < r / 2 \\ 2 - 2 \varphi / r & r / 2 \le \varphi < r
       \\ \alpha \varphi & \text{else} \end{cases}

with the open fraction r and the leak :math:`\alpha`. In cells of spikes the gate is either open or
closed, :math:`k = [\varphi < r]`. Memory and output are mixed with their values of the last step:
:math:`c \leftarrow k \tilde c + (1 - k) c`, so that a closed unit keeps both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_bool, check_number

__all__ = ["TimeGate", "is_open", "openness", "phase"]


@dataclass(frozen=True)
class TimeGate:
    """Periods and opening of the time gates of a layer.

    Parameters
    ----------
    period : (float, float)
        Shortest and longest period in steps (>= 1). Each unit draws one between them, evenly on a
        logarithmic scale, and a shift.
    open_fraction : float
        Fraction of the period in which the gate is open (> 0, <= 1). The shortest period must be
        open for a step at least.
    leak : float
        Slope of the openness of a closed gate (>= 0, <= 1), so that gradients get through it. The
        paper has 0.001 in training and 0 afterwards; here it is always the same.
    trainable : bool
        Whether to train periods and shifts.

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    References
    ----------
    .. [1] Neil, Pfeiffer & Liu (2016), "Phased LSTM: accelerating recurrent network training for
       long or event-based sequences".

    Examples
    --------
    >>> TimeGate((20, 100))
    TimeGate(period=(20.0, 100.0), open_fraction=0.05, leak=0.0, trainable=False)
    """

    period: Sequence[float]
    open_fraction: float = 0.05
    leak: float = 0.0
    trainable: bool = False

    def __post_init__(self):
        name = type(self).__name__
        if np.shape(self.period) != (2,):
            raise ParameterError(
                f"{name}.period must be the shortest and the longest period in steps (got "
                f"{self.period!r:.80}); pass two numbers, such as (20, 100)"
            )
        low, high = (
            check_number(f"{name}.period[{k}]", x, minimum=1) for k, x in enumerate(self.period)
        )
        if low > high:
            raise ParameterError(
                f"{name}.period must begin with the shorter one (got {self.period!r}); pass "
                f"({high:g}, {low:g})"
            )
        fraction = check_number(f"{name}.open_fraction", self.open_fraction, above=0, maximum=1)
        if low * fraction < 1 - 1e-9:
            raise ParameterError(
                f"{name}: a gate must be open for a step at least (got a period of {low:g} steps "
                f"with open_fraction={fraction:g}); make the shortest period {1 / fraction:.6g} "
                "or longer"
            )
        checked = {
            "period": (low, high),
            "open_fraction": fraction,
            "leak": check_number(f"{name}.leak", self.leak, minimum=0, maximum=1),
            "trainable": check_bool(f"{name}.trainable", self.trainable),
        }
        for key, value in checked.items():
            object.__setattr__(self, key, value)

    @property
    def shortest(self) -> float:
        """Period that is open for one step, the shortest that training may reach."""
        return 1 / self.open_fraction

    def get_config(self) -> dict:
        """Return the parameters, ready for JSON."""
        return {**asdict(self), "period": list(self.period)}


def phase(step: Any, period: Any, shift: Any, xp: Any = np) -> Any:
    """Where in their period units are.

    Parameters
    ----------
    step : (...) array
        Number of steps before this one.
    period : (units,) array
        In steps.
    shift : (units,) array
        In periods.
    xp : namespace, optional
        Provides ``mod``; NumPy by default.

    Returns
    -------
    phase : (..., units) array
        From 0 to 1.

    Examples
    --------
    >>> float(phase(6.0, 4.0, 0.25))
    0.25
    """
    return xp.mod(step / period - shift, 1.0)


def openness(phase: Any, open_fraction: Any, leak: Any = 0.0, xp: Any = np) -> Any:
    """How far open gates are.

    Parameters
    ----------
    phase : (...) array
        From 0 to 1.
    open_fraction : float
    leak : float
    xp : namespace, optional
        Provides ``where``; NumPy by default.

    Returns
    -------
    openness : (...) array
        From 0 to 1.

    Examples
    --------
    >>> openness(np.array([0.05, 0.1, 0.15, 0.5]), 0.2)
    array([0.5, 1. , 0.5, 0. ])
    """
    rising = phase * (2 / open_fraction)
    closed = xp.where(phase < open_fraction, 2 - rising, leak * phase)
    return xp.where(phase < open_fraction / 2, rising, closed)


def is_open(phase: Any, open_fraction: Any) -> Any:
    """Whether the gates of spiking cells are open.

    Parameters
    ----------
    phase : (...) array
        From 0 to 1.
    open_fraction : float

    Returns
    -------
    is_open : (...) array of bool

    Examples
    --------
    >>> is_open(np.array([0.1, 0.5]), 0.2)
    array([ True, False])
    """
    return phase < open_fraction
