"""Compare, layer by layer, the rate version of a network with the Keras model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, softmax

from nengo_softlif.conversion.keras.calls import results_of, tensor_name
from nengo_softlif.conversion.keras.half_precision import in_single_precision, stays_half
from nengo_softlif.conversion.network import SpikingNetwork
from nengo_softlif.conversion.rate_run import RateRun
from nengo_softlif.errors import ConversionError
from nengo_softlif.networks.samples import checked_samples, one_by_one
from nengo_softlif.validation import check_number

if TYPE_CHECKING:
    import keras

__all__ = ["LayerCheck", "verify"]


@dataclass(frozen=True)
class LayerCheck:
    """How well one layer agrees.

    Parameters
    ----------
    name : str
    max_abs : float
        Largest difference of any element on any sample.
    max_rel : float
        The same, relative to the largest output of the layer in the Keras model.
    """

    name: str
    max_abs: float
    max_rel: float


def verify(
    model: keras.Model,
    spiking: SpikingNetwork,
    samples: ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike],
    *,
    tolerance: float = 1e-4,
) -> list[LayerCheck]:
    """Check that a converted network computes what the Keras model does.

    Every population and every output of the network, run with rate neurons and without
    synapses, is compared with the layer of the same name. Layers in half precision are computed in
    single precision, as the network is.

    Parameters
    ----------
    model : keras.Model or tf_keras.Model
        The source of the conversion.
    spiking : SpikingNetwork
    samples : array_like, or list or dict of array_like for several inputs
        A few real samples.
    tolerance : float
        Largest relative difference allowed.

    Returns
    -------
    checks : list of LayerCheck

    Raises
    ------
    ConversionError
        Listing the layers that differ by more than ``tolerance``; or if an argument is not what
        it must be.

    Examples
    --------
    >>> checks = verify(model, spiking, x_test[:10])  # doctest: +SKIP
    """
    if not isinstance(spiking, SpikingNetwork) or not hasattr(model, "inputs"):
        raise ConversionError(
            "verify takes the Keras model, then the network that convert made of it (got "
            f"{type(model).__name__}, {type(spiking).__name__}); call verify(model, spiking, "
            "samples)"
        )
    check_number("tolerance", tolerance, above=0)
    if spiking.graph.shown is not None:
        raise ConversionError(
            f"verify compares rates, and {spiking.name!r} was trained in spikes; call "
            "nengo_softlif.conversion.compare_spikes(model, spiking, samples)"
        )
    graph = spiking.graph
    checked = checked_samples(graph.input_shapes, samples)
    arrays = checked.arrays
    with in_single_precision(model):
        expected, outputs = results_of(model, _in_order(model, graph, arrays))
    # what leaves the network is always compared, whatever layer it comes from
    outside = {*graph.outputs, *graph.input_shapes}
    pairs = [(name, value) for name, value in expected.items() if name not in outside]
    pairs += zip(graph.outputs, outputs, strict=True)
    with RateRun(graph) as run:
        whole = {
            op.name
            for op in graph.operations
            if op.name in run.built.sources and not getattr(op, "is_partial", False)
        }
        pairs = [(name, value) for name, value in pairs if name in whole]
        largest = [0.0] * len(pairs)
        for i, sample in enumerate(one_by_one(arrays)):
            run.present(sample)
            for k, (name, value) in enumerate(pairs):
                difference = _difference(graph, name, run.result(name), value[i])
                largest[k] = max(largest[k], difference)
    checks = []
    for (name, value), difference in zip(pairs, largest, strict=True):
        peak = float(np.abs(value).max())
        checks.append(LayerCheck(name, difference, difference / peak if peak > 0 else difference))
    failed = [check for check in checks if not check.max_rel <= tolerance]
    if failed:
        lines = "\n".join(f"  - {c.name}: {c.max_rel:.3g} of the largest output" for c in failed)
        notes = "".join(f"\nnote: {note}" for note in spiking.notes)
        if any(map(stays_half, model._flatten_layers())):
            notes += "\nnote: weights of tf_keras in half precision; pass tolerance=0.05"
        raise ConversionError(
            f"{len(failed)} of {len(checks)} layers differ from the Keras model by more than "
            f"{tolerance:g}:\n{lines}\nScaling a curved neuron type, replacing max pooling and "
            f"neuron types of another curve do that; the first layer listed is the cause.{notes}"
        )
    spiking.expect_ranges(checked.ranges)
    return checks


def _in_order(model, graph, arrays):
    """The samples of each input, shaped and ordered as the Keras model takes them."""
    names = [tensor_name(tensor) for tensor in model.inputs]
    if sorted(names) != sorted(arrays):
        raise ConversionError(
            f"the model has the inputs {', '.join(names)}, the network {', '.join(arrays)}; verify "
            "a network with the model that it came from"
        )
    return [arrays[name].reshape(-1, *graph[name].shape) for name in names]


def _difference(graph, name, result, expected):
    """Largest difference of a result; of one whose softmax or sigmoid was dropped, behind that."""
    expected = expected.ravel()
    difference = float(np.abs(result - expected).max())
    if name in graph.sigmoids:
        difference = min(difference, float(np.abs(expit(result) - expected).max()))
    elif name in graph.logits:
        probabilities = softmax(result.reshape(graph[name].shape), axis=-1).ravel()
        difference = min(difference, float(np.abs(probabilities - expected).max()))
    return difference
