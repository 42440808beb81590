"""Layers of gated recurrent cells: gates, cells with a memory, and the way back to the gates."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from nengo_softlif.conversion.cells import Cells, Feedback
from nengo_softlif.conversion.graph import Activation, Dense, Neurons
from nengo_softlif.conversion.keras.source import Source

__all__ = ["read_cells"]


def read_cells(source: Source) -> str:
    """Read a `SpikingLSTM` or a `SubLSTM`.

    Gates and outputs that are spikes become neurons. So only spikes go from layer to layer, and
    only cells need more than neurons.

    Parameters
    ----------
    source : Source

    Returns
    -------
    name : str
        Of the operation with the outputs.
    """
    name, shape, weights = source.name, source.output_shape, source.weights
    spikes = source.config.get("spiking", True)
    currents = source.add(
        Dense(
            name=f"{name}/currents",
            inputs=(source.input,),
            shape=(weights["kernel"].shape[1],),
            weights=weights["kernel"].T,
            bias=weights["bias"],
        )
    )
    options = _options(source)
    if not spikes:
        source.add(Cells(name=name, inputs=(currents,), shape=shape, **options))
        _feed_back(source, to=name)
        return name
    if source.layer.compute_dtype == "float64":
        source.notes.append("trained in float64; run it in double precision for the same spikes")
    gates = source.add(
        _neurons(f"{name}/gates", currents, (weights["bias"].size,), source.config["threshold"])
    )
    cells = source.add(Cells(name=f"{name}/cells", inputs=(gates,), shape=shape, **options))
    source.add(_neurons(name, cells, shape, 0.5))  # repeat the ones and zeros of the cells
    _feed_back(source, to=gates)
    return name


def _options(source):
    config, weights = source.config, source.weights
    spikes = config.get("spiking", True)
    if source.operation == "SpikingLSTM":
        options = {"cell": "spiking_lstm"}
    elif spikes:
        options = {"cell": "spiking_sub_lstm", "threshold": config["threshold"]}
    else:
        options = {"cell": "sub_lstm"}
    if "forget" in weights:
        options["forget"] = expit(np.asarray(weights["forget"], float))
    if "period" in weights:
        options |= {
            "period": _at_least_single(weights["period"]),
            "shift": _at_least_single(weights["shift"]),
            "open_fraction": config["time_gate"]["open_fraction"],
            "leak": config["time_gate"]["leak"],
        }
    return options


def _at_least_single(weights):
    """Weights as the layer computes phases with them."""
    return weights if weights.dtype == np.float64 else weights.astype(np.float32)


def _neurons(name, source, shape, threshold):
    """Neurons without a memory, which spike where their input reaches a threshold."""
    parameters = {"decay": 0.0, "threshold": threshold}
    activation = Activation("discrete_lif", parameters)
    return Neurons(name=name, inputs=(source,), shape=shape, activation=activation)


def _feed_back(source, to):
    weights = source.weights["recurrent_kernel"].T
    source.add(
        Feedback(
            name=f"{source.name}/recurrent",
            inputs=(source.name,),
            shape=weights.shape[:1],
            target=to,
            weights=weights,
        )
    )
