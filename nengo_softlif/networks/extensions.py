"""Which networks the extensions of NengoLoihi act on."""

from __future__ import annotations

import nengo
import numpy as np
from nengo.learning_rules import LearningRuleType
from nengo.neurons import NeuronType
from nengo.params import BoolParam

from nengo_softlif.learning_rules import ProbabilisticSTDP
from nengo_softlif.learning_rules.stdp import SpikePlasticity
from nengo_softlif.neurons import (
    LinearResetLIFRate,
    SoftLIFRate,
    SpikingDiscreteLIF,
    SpikingLIF,
)
from nengo_softlif.processes import GatedCells, PresentEncoded, SpikingMaxPool
from nengo_softlif.validation import check_type

__all__ = ["enable_extensions", "needs_extensions", "spike_rule"]

_MARK = "softlif_extensions"
# and their subclasses
_NEURON_TYPES = (LinearResetLIFRate, SoftLIFRate, SpikingDiscreteLIF, SpikingLIF)
_RULES = (ProbabilisticSTDP, SpikePlasticity)
_PROCESSES = (GatedCells, PresentEncoded, SpikingMaxPool)


def enable_extensions(network: nengo.Network) -> None:
    """Let NengoLoihi build a network of Nengo's own neuron types with our extensions.

    Converted networks and those with our neuron types or processes need no such mark. Others are
    built as without this package, unless NengoLoihi can't build them at all. With the mark it
    splits their populations into the fewest cores, for instance.

    Parameters
    ----------
    network : nengo.Network
        Gets a configuration option for ensembles, which other simulators ignore.

    Raises
    ------
    ParameterError
        If it is no `nengo.Network`.

    Examples
    --------
    >>> with nengo.Network() as net:
    ...     ens = nengo.Ensemble(10, 1)
    >>> needs_extensions(net)
    False
    >>> enable_extensions(net)
    >>> needs_extensions(net)
    True
    """
    check_type("network", network, nengo.Network, "give a converted one as spiking.net")
    network.config[nengo.Ensemble].set_param(_MARK, BoolParam(_MARK, default=True))


def needs_extensions(network: nengo.Network) -> bool:
    """Whether a network has a neuron type, process or rule of ours, or comes from a conversion.

    Parameters
    ----------
    network : nengo.Network

    Returns
    -------
    needs : bool
        True too if that holds for a part of the network.

    Examples
    --------
    >>> with nengo.Network() as net:
    ...     ens = nengo.Ensemble(10, 1, neuron_type=SpikingLIF())
    >>> needs_extensions(net)
    True
    """
    return (
        any(_is_marked(part) for part in (network, *network.all_networks))
        or any(_is_ours(ensemble.neuron_type) for ensemble in network.all_ensembles)
        or any(isinstance(node.output, _PROCESSES) for node in network.all_nodes)
        or any(spike_rule(connection) for connection in network.all_connections)
    )


def spike_rule(connection: nengo.Connection) -> LearningRuleType | None:
    """The learning rule for spikes of a connection, if it has one of ours.

    Parameters
    ----------
    connection : nengo.Connection

    Returns
    -------
    rule : nengo.learning_rules.LearningRuleType or None
    """
    rules = connection.learning_rule_type
    rules = rules.values() if isinstance(rules, dict) else np.ravel(rules)
    return next((rule for rule in rules if isinstance(rule, _RULES)), None)


def _is_marked(network: nengo.Network) -> bool:
    options = network.config[nengo.Ensemble]
    return _MARK in options.extra_params and getattr(options, _MARK)


def _is_ours(neuron_type: NeuronType) -> bool:
    # a type that makes spikes of rates, such as nengo.RegularSpiking, has the rate type inside
    types = (neuron_type, getattr(neuron_type, "base_type", None))
    return any(isinstance(t, _NEURON_TYPES) for t in types)
