"""Layers that are no part of a model that goes step by step, and what to do about each."""

from __future__ import annotations

__all__ = ["OF_STEPS", "OTHER_NEURONS", "RATES", "WITHOUT_NEURONS", "refusal_in_steps"]

# What only means something in such a model
OF_STEPS = ("EncodeSpikes", "LeakyIntegrator", "OverTime", "RepeatSteps", "SpikeCounts")

RATES = ("ELU", "LeakyReLU", "LinearResetLIF", "PReLU", "QuantizedReLU", "ReLU", "SoftLIF")
_RECURRENT = ("Bidirectional", "GRU", "LSTM", "RNN", "SimpleRNN")
_POOLS_TIME = ("GlobalAveragePooling1D", "GlobalMaxPooling1D")
_ALONG_TIME = (
    "AveragePooling1D",
    "Conv1D",
    "Conv1DTranspose",
    "Cropping1D",
    "DepthwiseConv1D",
    "MaxPooling1D",
    "SeparableConv1D",
    "UpSampling1D",
    "ZeroPadding1D",
)

OTHER_NEURONS = (
    "its activation is unsupported in a network that was trained in spikes; use "
    "nengo_softlif.layers.DiscreteLIF instead, or cut the model there"
)
WITHOUT_NEURONS = (
    "it goes step by step, and no layer of the model spikes; add nengo_softlif.layers.DiscreteLIF "
    "where activations were, or convert the model without its time axis"
)


def refusal_in_steps(kind: str) -> str:
    """Say why a layer can't be read step by step, and what to do.

    Parameters
    ----------
    kind : str
        Name of its class.

    Returns
    -------
    reason : str
    """
    if kind in RATES:
        return OTHER_NEURONS
    if kind in _RECURRENT:
        return (
            "its activities are no spikes; use nengo_softlif.layers.SpikingLSTM, SubLSTM or "
            "RecurrentLIF in its place, and train again"
        )
    if kind in _POOLS_TIME:
        return (
            "it pools over the time axis; use nengo_softlif.layers.LeakyIntegrator("
            "over_time='mean') as a readout in its place"
        )
    if kind in _ALONG_TIME:
        return (
            "it goes along the time axis; use nengo_softlif.layers.RecurrentLIF in its place, "
            "which remembers former steps, and train again"
        )
    return "it does not work step by step; put it inside of nengo_softlif.layers.OverTime"
