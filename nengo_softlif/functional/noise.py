"""What is added to firing rates while training, so that spikes are no surprise later.

A filtered spike train fluctuates around its rate. Networks trained with a similar fluctuation
on their rates lose less when they become spikes (Hunsberger & Eliasmith 2016, section 2.3).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isfinite

from nengo_softlif.functional.spike_statistics import check_time_constants

__all__ = ["FilteredSpikeNoise", "GaussianRateNoise", "noise_from_config"]


@dataclass(frozen=True)
class GaussianRateNoise:
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
    >>> GaussianRateNoise(10.0)
    GaussianRateNoise(std=10.0)
    """

    std: float

    def __post_init__(self):
        if isinstance(self.std, bool) or not isinstance(self.std, (int, float)):
            raise ValueError(f"GaussianRateNoise.std must be a number in Hz (got {self.std!r})")
        if not (isfinite(self.std) and self.std >= 0):
            raise ValueError(
                f"GaussianRateNoise.std must be finite and 0 or more (got {self.std!r})"
            )
        object.__setattr__(self, "std", float(self.std))

    def get_config(self):
        """Return the class name and the parameters as a JSON-ready dict."""
        return {"class_name": type(self).__name__, **asdict(self)}


@dataclass(frozen=True)
class FilteredSpikeNoise:
    r"""The fluctuation of a filtered spike train around its mean, for each neuron at its own rate.

    The neuron is taken to fire regularly with its rate, and the value of the train behind an alpha
    synapse and the membrane of the next neuron is drawn at a random time:

    .. math:: r + [g(\varphi, r) - r], \quad \varphi \sim U(0, 1) \text{ where } J > 1

    with :math:`g` of `functional.filtered_spikes`. Neurons that fire rarely are noisy and skewed,
    as they are in spikes, busy ones hardly at all. It acts in training only; the gradient is that
    of the rate.

    Parameters
    ----------
    tau_s : float
        Time constant of the alpha synapse in seconds (>= 0); 0 for none.
    tau_rc : float or None
        Time constant of the membrane that follows, in seconds; None to draw from the current, as
        the papers do for their Gaussian. A membrane takes most of the fluctuation away, and what
        is left is what the next neuron feels.

    Raises
    ------
    ValueError
        If a time constant is out of range, both are within 10 % of each other, or there is
        neither synapse nor membrane.

    References
    ----------
    .. [1] Hunsberger & Eliasmith (2015), "Spiking Deep Networks with LIF Neurons", section 4, asks
       for noise of this kind.

    Examples
    --------
    >>> FilteredSpikeNoise(tau_s=0.003)
    FilteredSpikeNoise(tau_s=0.003, tau_rc=0.02)
    """

    tau_s: float = 0.005
    tau_rc: float | None = 0.02

    def __post_init__(self):
        try:
            check_time_constants(self.tau_s, self.tau_rc)
        except ValueError as error:
            raise ValueError(f"FilteredSpikeNoise.{error}") from None

    def get_config(self):
        """Return the class name and the parameters as a JSON-ready dict."""
        return {"class_name": type(self).__name__, **asdict(self)}


def noise_from_config(config):
    """Make the noise that a config describes.

    Parameters
    ----------
    config : dict
        From ``get_config`` of one of the classes here. Without a class name, as models stored by
        version 0.1 have it, it is a `GaussianRateNoise`.

    Returns
    -------
    noise : GaussianRateNoise or FilteredSpikeNoise

    Raises
    ------
    ValueError
        If there is no such class.

    Examples
    --------
    >>> noise_from_config(FilteredSpikeNoise().get_config())
    FilteredSpikeNoise(tau_s=0.005, tau_rc=0.02)
    """
    config = dict(config)
    name = config.pop("class_name", "GaussianRateNoise")
    classes = {cls.__name__: cls for cls in (GaussianRateNoise, FilteredSpikeNoise)}
    if name not in classes:
        raise ValueError(f"noise must be one of {', '.join(classes)} (got {name!r})")
    return classes[name](**config)
