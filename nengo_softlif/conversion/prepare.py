"""Keras model -> graph with neuron types: what all that look at a model begin with."""

from __future__ import annotations

from nengo_softlif.conversion.fixed_point import check_fixed_point
from nengo_softlif.conversion.keras.parse import parse
from nengo_softlif.conversion.neuron_choice import checked_neurons, choose_neurons
from nengo_softlif.conversion.passes import fold_lines, push_biases, remove_unused
from nengo_softlif.conversion.relays import relay_spikes, split_counts
from nengo_softlif.validation import check_bool, check_choice

__all__ = ["prepare"]


def prepare(model, *, neurons=None, max_pool=None, strict=False):
    """Parse a model, simplify its graph, and choose neuron types.

    Parameters
    ----------
    model, neurons, max_pool, strict
        As for `nengo_softlif.convert`.

    Returns
    -------
    graph : Graph

    Raises
    ------
    ConversionError
        Listing all layers that can't be converted, or the option that does not suit the model.
    ParameterError
        If an option is out of range.
    """
    check_choice("max_pool", max_pool, (None, "average", "spiking"))
    check_bool("strict", strict)
    neurons = checked_neurons({} if neurons is None else neurons)
    graph = parse(model, max_pool=max_pool, named=neurons)
    graph = remove_unused(graph)
    graph = fold_lines(graph)
    graph = push_biases(graph)
    check_fixed_point(graph)
    graph = remove_unused(split_counts(relay_spikes(graph)))
    return choose_neurons(graph, neurons, strict=strict)
