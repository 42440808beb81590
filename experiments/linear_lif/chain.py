"""Dense layers of P3's neurons, one after the other, in P3's own units."""

from __future__ import annotations

import numpy as np

import nengo_softlif as nsl
from nengo_softlif.functional import run_linear_lif
from nengo_softlif.functional.circuits import LinearLIF

__all__ = [
    "DT",
    "comparison",
    "confusion",
    "correlation",
    "dense_weights",
    "run_chain",
    "run_relus",
]

DT = 0.01  # seconds, as in P3 section V-A
CHUNK = 100  # items at a time


def dense_weights(model):
    """Weights ``(n_units, n_inputs)`` of all dense layers of a Keras model without biases."""
    return [np.asarray(w).T for w in model.get_weights()]


def run_relus(weights, x):
    """Activities of hidden ReLUs, (n_items, n_units), and decisions of two layers, (n_items,)."""
    hidden = np.maximum(x @ weights[0].T, 0)
    return hidden, (hidden @ weights[1].T).argmax(axis=1)


def run_chain(weights, x, *, max_rate, time, conductance=0.0, reset_to_zero=False):
    """Encode items as regular spikes, and run them through layers of neurons.

    Capacitance and threshold are 1, so that weights and slopes are those of the ReLUs.

    Parameters
    ----------
    weights : list of (n_units, n_inputs) ndarray
        By layer.
    x : (n_items, n_inputs) ndarray
        From 0 to 1.
    max_rate : float
        Rate in Hz that stands for 1.
    time : float
        Seconds.
    conductance : float
        Of every membrane; 0 is no leak.
    reset_to_zero : bool

    Returns
    -------
    counts : list of (n_items, n_units) ndarray
        Spikes of each unit, by layer.
    """
    resistance = np.inf if conductance == 0 else 1 / conductance
    encoding = nsl.RegularSpikes(max_rate)
    counts = [[] for _ in weights]
    for start in range(0, len(x), CHUNK):
        spikes = encoding.encode(x[start : start + CHUNK], round(time / DT), dt=DT)
        for layer, w in enumerate(weights):
            ones = np.ones(len(w))
            neurons = LinearLIF(w, resistance * ones, ones, ones, 0 * ones)
            spikes, _ = run_linear_lif(neurons, spikes, dt=DT, reset_to_zero=reset_to_zero)
            counts[layer].append(spikes.sum(axis=1))
    return [np.concatenate(found) for found in counts]


def correlation(a, b):
    """Correlations (P3 eq. 16) of the rows of two arrays, (n,); 0 for constant ones."""
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    sizes = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.divide((a * b).sum(axis=1), sizes, out=np.zeros(len(a)), where=sizes > 0)


def confusion(wanted, found, n_classes):
    """How often decisions ``wanted`` (rows) came out as ``found`` (columns), as nested lists."""
    table = np.zeros((n_classes, n_classes), int)
    np.add.at(table, (wanted, found), 1)
    return table.tolist()


def comparison(decisions, spiking, labels, n_classes):
    """Decisions of ReLUs and of spikes beside each other: what the tables have in common."""
    return {
        "n_items": len(labels),
        "errors": {
            "relu": float(np.mean(decisions != labels)),
            "spikes": float(np.mean(spiking != labels)),
        },
        "agreement": float(np.mean(spiking == decisions)),
        "confusion": confusion(decisions, spiking, n_classes),
    }
