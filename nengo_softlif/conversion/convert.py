"""Keras model -> spiking network, in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import nengo
from nengo.neurons import NeuronType
from nengo.synapses import Synapse
from numpy.typing import ArrayLike

from nengo_softlif.conversion.loihi_target import fit_to_loihi
from nengo_softlif.conversion.network import SpikingNetwork
from nengo_softlif.conversion.neuron_choice import choose_synapses
from nengo_softlif.conversion.prepare import prepare
from nengo_softlif.conversion.scaling import scale_rates, scale_to_targets
from nengo_softlif.errors import ConversionError, ParameterError
from nengo_softlif.validation import check_choice, check_seed

if TYPE_CHECKING:
    import keras

__all__ = ["convert"]

SynapseLike: TypeAlias = Synapse | float | None

# a single pole, the only filter that Loihi has: the network then runs on every simulator
_DEFAULT_SYNAPSE = nengo.Lowpass(0.005)
_DEFAULT_PERCENTILE = 99.9


def convert(
    model: keras.Model,
    *,
    synapse: SynapseLike | Mapping[str, SynapseLike] = _DEFAULT_SYNAPSE,
    neurons: Mapping[str, NeuronType] | None = None,
    scale: float | Mapping[str, float] | None = None,
    target_rates: float | Mapping[str, float] | None = None,
    calibration: ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike] | None = None,
    percentile: float = _DEFAULT_PERCENTILE,
    max_pool: Literal["average", "spiking"] | None = None,
    strict: bool = False,
    target: Literal["loihi"] | None = None,
    seed: int = 0,
) -> SpikingNetwork:
    """Turn a trained Keras model into a spiking Nengo network.

    Parameters
    ----------
    model : keras.Model or tf_keras.Model
        Sequential or functional, with any number of inputs, outputs and branches.
    synapse : nengo.synapses.Synapse, float, None, or dict of those by layer name
        Filter on the spikes that a layer sends. A number is the time constant of a
        `nengo.Lowpass` in seconds; a dict may have a ``"default"``.
    neurons : dict of str to nengo.neurons.NeuronType, optional
        Spiking types by layer name or by activation ("relu", "soft_lif", "linear_reset_lif",
        "sigmoid", ...). By default soft LIF layers become `SpikingLIF`, ReLU layers a
        `SpikingLinearResetLIF` without leak; other curves are fired as regular spikes.
    scale : float or dict of str to float, optional
        Firing-rate scaling: factor on a layer's input, undone in the amplitude of its spikes.
        Exact for ReLU-like neurons and for curves fired as regular spikes; a warning gives the
        change of another curve. By default 1 for SoftLIF and LinearResetLIF layers, else 100: an
        activation of 1 is 100 Hz, or less in a layer whose biases alone would need more than one
        spike in two steps of 1 ms.
    target_rates : float or dict of str to float, optional
        Firing rate in Hz that the given percentile of the neurons shall reach on the
        ``calibration`` samples; finds the scale.
    calibration : array_like, optional
        Samples for ``target_rates``; some 100 are plenty.
    percentile : float
        Of rates, over neurons and samples of the calibration.
    max_pool : {None, "average", "spiking"}
        Max pooling is refused by default; "average" puts average pooling in its place; "spiking"
        lets the neuron with the most spikes pass them on, see `nengo_softlif.SpikingMaxPool`.
    strict : bool
        Refuse activations that no spiking neuron computes by itself (sigmoid, tanh, gelu, ...)
        unless ``neurons`` names a type for them.
    target : {None, "loihi"}
        "loihi" makes sure that the network fits Loihi, and stores how each layer is split among
        the cores (``block_shape``). It stays a plain network that any simulator runs.
    seed : int
        Of the network: initial voltages.

    Returns
    -------
    spiking : SpikingNetwork
        With the plain `nengo.Network` in ``spiking.net``.

    Raises
    ------
    ConversionError
        Listing all layers that can't be converted, or that don't fit the target, each with what
        to do about it; or naming the option that does not suit the model.
    ParameterError
        If an option is out of range, or both scale and target rates are given.
    UnknownNameError
        If an option names a layer or an activation that the model does not have.
    BackendError
        If ``target="loihi"`` and NengoLoihi is not installed.

    See Also
    --------
    nengo_softlif.conversion.balanced_scales : scales for few time steps
    nengo_softlif.conversion.verify : compare the result with the Keras model
    nengo_softlif.evaluate : run it on labelled data
    nengo_softlif.loihi.fit.check : how a network fits the chip, as a table

    Notes
    -----
    Weights and biases stay as they were trained [1]_: the output of a layer of LIF neurons is
    ``amplitude`` times its firing rate in both networks.

    References
    ----------
    .. [1] Hunsberger & Eliasmith (2016), "Training Spiking Deep Networks for Neuromorphic
       Hardware", section 2.4.

    Examples
    --------
    >>> import keras
    >>> from nengo_softlif.layers import SoftLIF
    >>> layers = [keras.Input((4,)), keras.layers.Dense(8), SoftLIF(), keras.layers.Dense(2)]
    >>> convert(keras.Sequential(layers, name="small"))
    <SpikingNetwork 'small': 8 neurons in 1 layer>
    """
    check_choice("target", target, (None, "loihi"))
    seed = check_seed("seed", seed)
    if scale is not None and target_rates is not None:
        raise ParameterError(
            "scale and target_rates both set firing rates; pass one of them (got "
            f"scale={scale!r:.80} and target_rates={target_rates!r:.80})"
        )
    if target_rates is None and calibration is not None:
        raise ParameterError(
            "calibration is for target_rates, which is None; pass both, as in "
            "target_rates=100, calibration=x_train[:200]"
        )
    if target_rates is None and percentile != _DEFAULT_PERCENTILE:
        raise ParameterError(
            f"percentile is for target_rates, which is None (got percentile={percentile!r}); pass "
            "both, or leave percentile out"
        )
    graph = prepare(model, neurons=neurons, max_pool=max_pool, strict=strict)
    if graph.shown is not None and (scale is not None or target_rates is not None):
        raise ConversionError(
            "scale and target_rates are for models with rates, and this one was trained in spikes: "
            "its neurons spike as they were trained to; leave them out"
        )
    graph = choose_synapses(graph, synapse)
    if target_rates is None:
        graph = scale_rates(graph, scale)
    else:
        graph = scale_to_targets(graph, target_rates, calibration, percentile)
    spiking = SpikingNetwork(graph, seed=int(seed), name=model.name)
    return spiking if target is None else fit_to_loihi(spiking)
