"""Compare, layer by layer, the rate version of a network with the Keras model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from nengo_softlif.conversion.items import as_items, checked_arrays
from nengo_softlif.conversion.keras_graph import layer_results
from nengo_softlif.conversion.rate_run import RateRun
from nengo_softlif.errors import ConversionError

__all__ = ["LayerCheck", "verify"]


@dataclass(frozen=True)
class LayerCheck:
    """How well one layer agrees.

    Parameters
    ----------
    name : str
    max_abs : float
        Largest difference of any element on any item.
    max_rel : float
        The same, relative to the largest output of the layer in the Keras model.
    """

    name: str
    max_abs: float
    max_rel: float


def verify(model, spiking, items, *, tolerance=1e-4):
    """Check that a converted network computes what the Keras model does.

    Every population and every output of the network, run with rate neurons and without
    synapses, is compared with the layer of the same name.

    Parameters
    ----------
    model : keras.Model or tf_keras.Model
        The source of the conversion.
    spiking : SpikingNetwork
    items : array_like, or list or dict of array_like for several inputs
        A few real items.
    tolerance : float
        Largest relative difference allowed.

    Returns
    -------
    checks : list of LayerCheck

    Raises
    ------
    ConversionError
        Listing the layers that differ by more than ``tolerance``.

    Examples
    --------
    >>> checks = verify(model, spiking, x_test[:10])  # doctest: +SKIP
    """
    if not 0 < tolerance < np.inf:
        raise ConversionError(f"tolerance must be a number greater than 0 (got {tolerance!r})")
    graph = spiking.graph
    arrays = checked_arrays(graph.input_shapes, items)
    expected = layer_results(
        model,
        {op.name: arrays[op.name].reshape(-1, *op.shape) for op in graph.inputs},
    )
    with RateRun(graph) as run:
        names = [
            op.name
            for op in graph.operations
            if op.name in expected
            and op.name in run.built.sources
            and not getattr(op, "is_partial", False)
        ]
        largest = dict.fromkeys(names, 0.0)
        for i, item in enumerate(as_items(graph.input_shapes, items)):
            run.present(item)
            for name in names:
                result = run.result(name)
                if name in graph.logits:
                    result = softmax(result)
                difference = np.abs(result - expected[name][i].ravel())
                largest[name] = max(largest[name], float(difference.max()))
    checks = []
    for name in names:
        peak = float(np.abs(expected[name]).max())
        relative = largest[name] / peak if peak > 0 else largest[name]
        checks.append(LayerCheck(name, largest[name], relative))
    failed = [check for check in checks if not check.max_rel <= tolerance]
    if failed:
        lines = "\n".join(f"  - {c.name}: {c.max_rel:.3g} of the largest output" for c in failed)
        notes = "".join(f"\nnote: {note}" for note in spiking.notes)
        raise ConversionError(
            f"{len(failed)} of {len(checks)} layers differ from the Keras model by more than "
            f"{tolerance:g}:\n{lines}\nScaling a curved neuron type, replacing max pooling and "
            f"neuron types of another curve do that; the first layer listed is the cause.{notes}"
        )
    return checks
