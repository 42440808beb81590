"""What is added to firing rates while training, so that spikes are no surprise later.

A filtered spike train fluctuates around its rate. Networks trained with a similar fluctuation
on their rates lose less when they become spikes (Hunsberger & Eliasmith 2016, section 2.3).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isfinite

__all__ = ["GaussianNoise"]


@dataclass(frozen=True)
class GaussianNoise:
    r"""Gaussian noise on the firing rate of neurons above threshold.

    .. math:: r + n, \quad n \sim N(0, std) \text{ where } J > 1, \quad n = 0 \text{ elsewhere}

    It acts in training only, never when a network runs.

    Parameters
    ----------
    std : float
        Standard deviation in Hz (>= 0). 10 Hz is what an alpha synapse of 5 ms leaves of
        a LIF neuron's spikes, averaged over input currents [1]_.

    Raises
    ------
    ValueError
        If ``std`` is negative or not finite.

    References
    ----------
    .. [1] Hunsberger & Eliasmith (2016), "Training Spiking Deep Networks for Neuromorphic
       Hardware", section 2.3 (their sigma is ``std``).

    Examples
    --------
    >>> GaussianNoise(10.0)
    GaussianNoise(std=10.0)
    """

    std: float

    def __post_init__(self):
        if isinstance(self.std, bool) or not isinstance(self.std, (int, float)):
            raise ValueError(f"GaussianNoise.std must be a number in Hz (got {self.std!r})")
        if not (isfinite(self.std) and self.std >= 0):
            raise ValueError(f"GaussianNoise.std must be finite and 0 or more (got {self.std!r})")
        object.__setattr__(self, "std", float(self.std))

    def get_config(self):
        """Return the parameters as a JSON-ready dict; ``GaussianNoise(**config)`` is equal."""
        return asdict(self)
