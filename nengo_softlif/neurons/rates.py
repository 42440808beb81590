"""What is known of the rates of any Nengo neuron type: its rate version, its highest rate."""

from __future__ import annotations

from collections.abc import Callable

import nengo
import numpy as np
from nengo.neurons import NeuronType, NeuronTypeParam, RatesToSpikesNeuronType

from nengo_softlif.errors import ConversionError
from nengo_softlif.neurons.lif import SpikingLIF
from nengo_softlif.neurons.linear_reset import LinearResetLIFRate, SpikingLinearResetLIF
from nengo_softlif.neurons.soft_lif import SoftLIFRate

__all__ = ["has_rate_version", "max_rate", "rate_version", "register_rate_version"]

RateVersion = tuple[NeuronType, float]

_RATE_VERSIONS: dict[type, Callable[..., RateVersion]] = {}


def register_rate_version(cls: type) -> Callable:
    """Decorate the function that makes the rate version of a neuron type.

    A subclass of a registered type uses the function of its nearest base.

    Parameters
    ----------
    cls : type
        Subclass of `nengo.neurons.NeuronType`.

    Returns
    -------
    decorator : callable
        For a function of a neuron type of class ``cls`` that returns the rate type and the factor
        on its output.

    Examples
    --------
    >>> class Bursting(nengo.LIF):
    ...     pass
    >>> @register_rate_version(Bursting)
    ... def bursting_rate(neuron_type):
    ...     return nengo.LIFRate(neuron_type.tau_rc, neuron_type.tau_ref), 2.0
    >>> rate_version(Bursting())
    (LIFRate(), 2.0)
    """

    def register(function: Callable[..., RateVersion]) -> Callable[..., RateVersion]:
        _RATE_VERSIONS[cls] = function
        return function

    return register


def rate_version(neuron_type: NeuronType) -> RateVersion:
    """Rate neuron with the curve that the spikes of a neuron type stand for.

    Parameters
    ----------
    neuron_type : nengo.neurons.NeuronType

    Returns
    -------
    rate_type : nengo.neurons.NeuronType
        The type itself if it does not spike.
    amplitude : float
        Factor still to be put on its output.

    Raises
    ------
    ConversionError
        If the type spikes, has no method ``rates`` of its own, and no rate version is registered
        for it.

    Examples
    --------
    >>> rate_version(nengo.SpikingRectifiedLinear(amplitude=2))
    (RectifiedLinear(amplitude=2), 1.0)
    """
    for cls in type(neuron_type).__mro__:
        if cls in _RATE_VERSIONS:
            return _RATE_VERSIONS[cls](neuron_type)
    if not neuron_type.spiking:
        return neuron_type, 1.0
    if _has_own_rates(neuron_type):
        return _OwnRates(neuron_type), 1.0
    raise ConversionError(
        f"{type(neuron_type).__name__} has no rate version, so its network can be neither verified "
        "nor calibrated; give the class a method rates(x, gain, bias), or register a rate type "
        "with nengo_softlif.neurons.register_rate_version"
    )


def has_rate_version(neuron_type: NeuronType) -> bool:
    """Whether `rate_version` knows the type.

    Examples
    --------
    >>> has_rate_version(nengo.LIF())
    True
    """
    is_known = any(cls in _RATE_VERSIONS for cls in type(neuron_type).__mro__)
    return is_known or not neuron_type.spiking or _has_own_rates(neuron_type)


def _has_own_rates(neuron_type):
    if type(neuron_type).rates is NeuronType.rates:
        return False
    try:
        neuron_type.rates(np.ones(1), gain=np.ones(1), bias=np.zeros(1))
    except NotImplementedError:  # said in the way of abstract methods
        return False
    return True


class _OwnRates(NeuronType):
    """Rate neuron that sends what the method ``rates`` of a spiking type returns."""

    neuron_type = NeuronTypeParam("neuron_type")

    def __init__(self, neuron_type: NeuronType):
        super().__init__()
        self.neuron_type = neuron_type
        self.negative = neuron_type.negative

    @property
    def amplitude(self) -> float:
        """Output per Hz of firing rate, as the spiking type has it."""
        return float(getattr(self.neuron_type, "amplitude", 1.0))

    def step(self, dt: float, J: np.ndarray, output: np.ndarray) -> None:
        """Compute the rates for the input currents."""
        rates = self.neuron_type.rates(np.ravel(J), gain=np.ones(1), bias=np.zeros(1))
        output[...] = np.reshape(rates, np.shape(J))


def max_rate(neuron_type: NeuronType, dt: float = 0.0) -> float:
    """Highest firing rate of a neuron in Hz, ``inf`` if there is no limit.

    Parameters
    ----------
    neuron_type : nengo.neurons.NeuronType
    dt : float
        Time step in seconds, which limits neurons that spike once a step at most; 0 for the limit
        of the type alone.

    Returns
    -------
    rate : float

    Examples
    --------
    >>> max_rate(nengo.LIF(tau_ref=0.002)), max_rate(nengo.SpikingRectifiedLinear(), dt=0.001)
    (500.0, inf)
    """
    tau_ref = getattr(neuron_type, "tau_ref", 0)
    limit = 1 / tau_ref if tau_ref else float("inf")
    if not dt or isinstance(neuron_type, (nengo.SpikingRectifiedLinear, RatesToSpikesNeuronType)):
        return limit
    return min(limit, 1 / dt)


@register_rate_version(RatesToSpikesNeuronType)
def _of_rates_to_spikes(n: RatesToSpikesNeuronType) -> RateVersion:
    return n.base_type, float(n.amplitude)


@register_rate_version(SpikingLIF)
def _of_spiking_lif(n: SpikingLIF) -> RateVersion:
    return SoftLIFRate(n.tau_rc, n.tau_ref, n.amplitude, n.sigma, n.noise), 1.0


@register_rate_version(SpikingLinearResetLIF)
def _of_spiking_linear_reset_lif(n: SpikingLinearResetLIF) -> RateVersion:
    return LinearResetLIFRate(n.tau_rc, n.leak, n.amplitude, n.sigma, n.noise), 1.0


@register_rate_version(nengo.SpikingRectifiedLinear)
def _of_spiking_rectified_linear(n: nengo.SpikingRectifiedLinear) -> RateVersion:
    return nengo.RectifiedLinear(n.amplitude), 1.0


@register_rate_version(nengo.AdaptiveLIF)
def _of_adaptive_lif(n: nengo.AdaptiveLIF) -> RateVersion:
    return nengo.AdaptiveLIFRate(n.tau_n, n.inc_n, n.tau_rc, n.tau_ref, n.amplitude), 1.0


@register_rate_version(nengo.LIF)
def _of_lif(n: nengo.LIF) -> RateVersion:
    return nengo.LIFRate(n.tau_rc, n.tau_ref, n.amplitude), 1.0
