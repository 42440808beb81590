"""Compare, spike by spike, a network with the Keras model that was trained in spikes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from nengo_softlif.conversion.keras.calls import calls_of, class_names, results_of
from nengo_softlif.conversion.network import SpikingNetwork
from nengo_softlif.errors import ParameterError
from nengo_softlif.evaluation import Presentation
from nengo_softlif.reprs import OneLineRepr
from nengo_softlif.tables import Table
from nengo_softlif.validation import check_type

if TYPE_CHECKING:
    import keras

__all__ = ["SpikeComparison", "compare_spikes"]

_SPIKING = ("DiscreteLIF", "RecurrentLIF", "SpikingLSTM")  # a SubLSTM may have rates
AT_ONCE = 2**26  # samples times neurons times steps whose results are kept at a time


@dataclass(frozen=True, repr=False, kw_only=True)
class SpikeComparison(OneLineRepr):
    """How many spikes of a layer differ from the Keras model.

    Parameters
    ----------
    name : str
        Of the layer.
    n_spikes : int
        Spikes of the Keras model.
    n_compared : int
        Samples times neurons times steps.
    n_differing : int
        Of those, in how many only one of the two has a spike.
    n_origins : int
        Of the samples, in how many this layer has the first difference. Sums in another order round
        otherwise, so that a voltage just at the threshold may fall on its other side; what follows
        in the same sample is a consequence.
    """

    name: str
    n_spikes: int
    n_compared: int
    n_differing: int
    n_origins: int


class SpikeComparisons(tuple):
    """The comparisons of all layers; printed, a table."""

    @property
    def n_differing(self) -> int:
        """Differing spikes of all layers."""
        return sum(layer.n_differing for layer in self)

    def __str__(self) -> str:
        return str(self._table())

    def _repr_html_(self) -> str:
        return self._table().to_html()

    def _table(self) -> Table:
        return Table(
            header=("layer", "spikes", "compared", "differing", "samples that differ first here"),
            rows=tuple(
                (
                    layer.name,
                    f"{layer.n_spikes:,}",
                    f"{layer.n_compared:,}",
                    f"{layer.n_differing:,}",
                    f"{layer.n_origins:,}",
                )
                for layer in self
            ),
        )


def compare_spikes(
    model: keras.Model,
    spiking: SpikingNetwork,
    samples: ArrayLike | Sequence[ArrayLike],
    *,
    backend: str = "compiled",
) -> SpikeComparisons:
    """Count the spikes in which a network differs from the model that it came from.

    The Keras model draws its random input spikes; the network gets the same ones.

    Parameters
    ----------
    model : keras.Model
        With `nengo_softlif.layers.DiscreteLIF` layers and one input.
    spiking : SpikingNetwork
        Its conversion.
    samples : (n_samples, ...) array_like
    backend : str
        As for `nengo_softlif.predict`.

    Returns
    -------
    comparisons : tuple of SpikeComparison
        By layer, in the order of computation; it prints as a table.

    Raises
    ------
    ParameterError
        If the network was not trained in spikes, or has several inputs.

    Examples
    --------
    >>> print(compare_spikes(model, spiking, x_test[:100]))  # doctest: +SKIP
    """
    check_type("spiking", spiking, SpikingNetwork, "convert the model with nengo_softlif.convert")
    if spiking.presentation is None or len(spiking.inputs) != 1:
        raise ParameterError(
            f"compare_spikes takes networks with one input that were trained in spikes (got "
            f"{spiking!r}); check others with nengo_softlif.conversion.verify"
        )
    samples = np.asarray(samples)
    if not len(samples):
        raise ParameterError(
            f"there are no samples to compare spikes with (got the shape {samples.shape}); give "
            "100 of them, for instance"
        )
    if samples.shape[1:] != (shape := model.input_shape[1:]):
        raise ParameterError(
            f"samples must have the shape (n_samples, {', '.join(map(str, shape))}) of the model's "
            f"input (got {samples.shape}); give as many time steps as the model has"
        )
    size = max(1, spiking.n_neurons * spiking.presentation.n_steps())
    n_at_once = max(1, AT_ONCE // size)
    parts = [
        _compare(model, spiking, samples[start : start + n_at_once], backend)
        for start in range(0, max(len(samples), 1), n_at_once)
    ]
    return SpikeComparisons(
        SpikeComparison(
            name=layers[0].name,
            n_spikes=sum(layer.n_spikes for layer in layers),
            n_compared=sum(layer.n_compared for layer in layers),
            n_differing=sum(layer.n_differing for layer in layers),
            n_origins=sum(layer.n_origins for layer in layers),
        )
        for layers in zip(*parts, strict=True)
    )


def _compare(model, spiking, samples, backend):
    """Comparisons of a few samples, all of whose results fit into memory."""
    results, _ = results_of(model, [samples])
    kinds = {class_names(call.layer)[0]: call.name for call in calls_of(model)[0]}
    (name,) = spiking.inputs
    shown, presentation = samples, Presentation(classify_from=0.0)
    if "EncodeSpikes" in kinds:  # what is encoded may be the input in another shape
        encoder = kinds["EncodeSpikes"]
        shown = results[encoder] / spiking.graph[encoder].weights[0]
        shown = shown.reshape(*shown.shape[:2], *spiking.graph[name].shape)
    elif "RepeatSteps" in kinds:
        presentation = spiking.presentation
    run = spiking.predict(
        {name: shown},
        presentation=presentation,
        backend=backend,
        keep="spikes",
        progress=False,
    )
    differing = {}
    for layer in spiking.layers:
        if layer.name not in results:  # relays of the input
            continue
        expected = results[layer.name] > 0
        differing[layer.name] = run.spikes[layer.name].reshape(expected.shape) != expected
    if not differing and any(kind in kinds for kind in _SPIKING):
        raise ParameterError(
            f"{spiking.name!r} has no layer of the name of one of the model's that spike (got "
            f"{', '.join(layer.name for layer in spiking.layers)}); give the model that it was "
            "converted from"
        )
    if not differing:
        raise ParameterError(
            f"{spiking.name!r} has no layer that spikes, such as DiscreteLIF, so that there are no "
            "spikes to compare (got layers of rates only); call spiking.predict(samples).output "
            "and compare it with model.predict(samples)"
        )
    first = _first_layers(list(differing.values()))
    return [
        SpikeComparison(
            name=name,
            n_spikes=int(np.count_nonzero(results[name])),
            n_compared=wrong.size,
            n_differing=int(np.count_nonzero(wrong)),
            n_origins=int(np.count_nonzero(first == i)),
        )
        for i, (name, wrong) in enumerate(differing.items())
    ]


def _first_layers(differing):
    """For each sample the layer with the first difference in time, the number of layers if none."""
    n_samples, n_steps = differing[0].shape[:2]
    steps = []
    for wrong in differing:
        by_step = wrong.reshape(n_samples, n_steps, -1).any(axis=2)
        steps.append(np.where(by_step.any(axis=1), by_step.argmax(axis=1), n_steps))
    return np.where(np.min(steps, axis=0) < n_steps, np.argmin(steps, axis=0), len(differing))
