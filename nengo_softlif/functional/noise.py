"""Noise that training adds to firing rates, as a preparation for spikes.

A filtered spike train fluctuates around its rate. Networks trained with a similar fluctuation
on their rates lose less when they become spikes (Hunsberger & Eliasmith 2016, section 2.3).

Noise is independent between neurons, and by default between the samples of a batch, as in the
papers. With ``antithetic=True`` the second half of a batch gets the opposite of the first, a method
of variance reduction: each sample has noise of the same distribution, while the noise of a pair
cancels, wholly or in part, in what a batch averages. In Keras it also halves the numbers to draw,
which takes about as long as the rate curve does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.spike_statistics import check_time_constants
from nengo_softlif.validation import check_bool, check_name, check_number

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
    antithetic : bool
        Whether sample i and sample i + n / 2 of a batch of n get opposite noise.

    Raises
    ------
    ParameterError
        If ``std`` is negative, not finite or no number.

    References
    ----------
    .. [1] Hunsberger & Eliasmith (2016), "Training Spiking Deep Networks for Neuromorphic
       Hardware", section 2.3 (their sigma is ``std``).

    Examples
    --------
    >>> GaussianRateNoise(10.0)
    GaussianRateNoise(std=10.0, antithetic=False)
    """

    std: float
    antithetic: bool = field(default=False, kw_only=True)

    def __post_init__(self):
        std = check_number("GaussianRateNoise.std", self.std, minimum=0, unit="Hz")
        object.__setattr__(self, "std", std)
        check_bool("GaussianRateNoise.antithetic", self.antithetic)

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
    antithetic : bool
        Whether sample i and sample i + n / 2 of a batch of n are half a period apart, at
        :math:`\varphi` and :math:`\varphi + 1/2`.

    Raises
    ------
    ParameterError
        If a time constant is out of range, both are within 10 % of each other, or there is
        neither synapse nor membrane.

    References
    ----------
    .. [1] Hunsberger & Eliasmith (2015), "Spiking Deep Networks with LIF Neurons", section 4, asks
       for noise of this kind.

    Examples
    --------
    >>> FilteredSpikeNoise(tau_s=0.003)
    FilteredSpikeNoise(tau_s=0.003, tau_rc=0.02, antithetic=False)
    """

    tau_s: float = 0.005
    tau_rc: float | None = 0.02
    antithetic: bool = field(default=False, kw_only=True)

    def __post_init__(self):
        check_time_constants(self.tau_s, self.tau_rc, owner="FilteredSpikeNoise.")
        check_bool("FilteredSpikeNoise.antithetic", self.antithetic)

    def get_config(self):
        """Return the class name and the parameters as a JSON-ready dict."""
        return {"class_name": type(self).__name__, **asdict(self)}


def noise_from_config(config):
    """Make the noise that a config describes.

    Parameters
    ----------
    config : dict
        From ``get_config`` of one of the classes here: ``class_name`` and the parameters.

    Returns
    -------
    noise : GaussianRateNoise or FilteredSpikeNoise

    Raises
    ------
    UnknownNameError
        If there is no such class.
    ParameterError
        If the class has no such parameters, or their values are out of range.

    Examples
    --------
    >>> noise_from_config(FilteredSpikeNoise().get_config())
    FilteredSpikeNoise(tau_s=0.005, tau_rc=0.02, antithetic=False)
    """
    classes = {cls.__name__: cls for cls in (GaussianRateNoise, FilteredSpikeNoise)}
    parameters = dict(config)
    cls = check_name("class_name of noise", parameters.pop("class_name", None), classes)
    known = [parameter.name for parameter in fields(cls)]
    if unknown := sorted(set(parameters) - set(known)):
        raise ParameterError(
            f"{cls.__name__} has the parameters {', '.join(known)} (got {', '.join(unknown)})"
        )
    return cls(**parameters)
