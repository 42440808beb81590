r"""What it costs to classify a sample: operations of a network, and energy on several machines.

A rate network on ordinary hardware needs, for one sample (Hunsberger & Eliasmith 2016, eq. 4),

.. math:: \text{flops} = 1 \cdot n_{neurons} + 2 \cdot n_{connections}

and a spiking one, with energies relative to that of one flop (eq. 5),

.. math:: E = E_{synop} \frac{\text{synaptic events}}{\text{sample}}
              + E_{update} \frac{\text{neuron updates}}{\text{sample}}
              + E_{input} \frac{\text{multiplications of the input}}{\text{sample}}

The last term is ours to write down: if the input is a constant image of numbers, each of its
connections is computed once a sample, with a multiplication and an addition. The efficiencies that
the paper prints include it. Numbers that change are multiplied in every time step. Spikes of the
input are not multiplied: they are synaptic events, as those of neurons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nengo_softlif.analysis.connectivity import Connectivity, count_connections
from nengo_softlif.analysis.energy_models import CostModel, get_energy_model
from nengo_softlif.analysis.input_activity import InputActivity
from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import (
    check_choice,
    check_name,
    check_numbers,
    check_seconds,
    check_type,
)

__all__ = [
    "Energy",
    "Workload",
    "count_workload",
    "estimate_energy",
]


@dataclass(frozen=True)
class Workload:
    """Operations for one sample, on average.

    Parameters
    ----------
    n_neurons, n_connections, n_input_connections : int
        Connections unrolled as in the paper, of which so many come from the input.
    n_updates : int
        Neurons times steps.
    synops : float
        Synaptic events: for each spike, of the input too, the neurons that it reaches. Exact at the
        borders of images; pooling and other linear operations are merged into the weights after
        them.
    unrolled_synops : float
        The same as the paper counts them: mean rate of a layer times its unrolled connections,
        as if pooling were free and a pooled element fired like one neuron.
    input_synops, unrolled_input_synops : float
        Of these, the events of spikes from the input.
    input_products : float
        Multiplications with addition at connections from inputs and nodes that send numbers.
    """

    n_neurons: int
    n_connections: int
    n_input_connections: int
    n_updates: int
    synops: float
    unrolled_synops: float
    input_synops: float
    unrolled_input_synops: float
    input_products: float

    @property
    def flops(self):
        """Floating point operations of the rate network: 2 a connection, 1 a neuron (eq. 4)."""
        return 2 * self.n_connections + self.n_neurons


@dataclass(frozen=True)
class Energy:
    """Energy for one sample.

    Parameters
    ----------
    synapses, neurons, input : float
        Of synaptic events between neurons, of neuron updates, and of the connections from the
        input, for spikes and numbers.
    unit : str
        "J", or "flops" for the energy of one floating point operation on standard hardware.
    """

    synapses: float
    neurons: float
    input: float
    unit: str

    @property
    def total(self):
        """Sum of the parts."""
        return self.synapses + self.neurons + self.input


def count_workload(network, rates, presentation_time, dt=0.001, inputs=None):
    """Count what a network does for one sample.

    Parameters
    ----------
    network : SpikingNetwork, WrappedNetwork or Connectivity
    rates : dict of str to float or (n_neurons,) array_like
        By layer, firing rates in Hz; for instance ``result.mean_rates``.
    presentation_time : float
        Seconds; a mean over samples need not be an integer number of steps.
    dt : float
        Step in seconds; every neuron is updated once a step.
    inputs : dict of str to InputActivity, optional
        What inputs send, by name, such as ``result.input_activity``; by default numbers that are
        constant in time.

    Returns
    -------
    workload : Workload

    Raises
    ------
    ParameterError
        If a layer has no rates, rates are negative or of the wrong number, a time is out of range,
        or an input has another number of elements.
    UnknownNameError
        If there is no input of a name.

    Examples
    --------
    >>> from nengo_softlif.analysis.connectivity import chain
    >>> work = count_workload(chain({"hidden": 100}, [78400, 1000]), {"hidden": 20.0}, 0.1)
    >>> work.flops, round(work.synops), work.n_updates
    (158900, 2000, 10000)
    >>> sent = {"input": InputActivity(n_evaluations=100)}  # values that change
    >>> network = chain({"hidden": 100}, [78400, 1000])
    >>> count_workload(network, {"hidden": 20.0}, 0.1, inputs=sent).input_products
    7840000.0
    """
    if not isinstance(network, Connectivity):
        network = count_connections(network)
    if set(rates) != set(network.n_neurons):
        raise ParameterError(
            f"rates must have one entry for each layer, {', '.join(network.n_neurons)} (got "
            f"{', '.join(map(str, rates)) or 'none'})"
        )
    presentation_time = check_seconds("presentation_time", presentation_time)
    dt = check_seconds("dt", dt)
    sent = _sent(network, inputs)
    events = {True: np.zeros(2), False: np.zeros(2)}  # from inputs or not: merged, unrolled
    products = 0.0
    for projection in network.projections:
        is_input = projection.source in sent
        if projection.spikes:
            n_spikes = presentation_time * _rates(projection, rates)
        elif is_input:
            activity = sent[projection.source]
            products += activity.n_evaluations * projection.n_connections
            n_spikes = _spike_counts(projection, activity)
        else:  # a node computes anew in every step
            products += presentation_time / dt * projection.n_connections
            continue
        unrolled = n_spikes.mean() * projection.n_connections
        events[is_input] += n_spikes @ projection.fan_out, unrolled
    (merged, unrolled), of_input = (events[True] + events[False]).tolist(), events[True].tolist()
    n_neurons = sum(network.n_neurons.values())
    return Workload(
        n_neurons=n_neurons,
        n_connections=network.n_connections,
        n_input_connections=network.n_input_connections,
        n_updates=round(n_neurons * presentation_time / dt),
        synops=merged,
        unrolled_synops=unrolled,
        input_synops=of_input[0],
        unrolled_input_synops=of_input[1],
        input_products=products,
    )


def _sent(network, inputs):
    """What each input sends, by name."""
    given = {} if inputs is None else check_type("inputs", inputs, Mapping, "pass a dict by name")
    for name, activity in given.items():
        check_name("inputs: input", name, dict.fromkeys(network.inputs))
        check_type(f"inputs[{name!r}]", activity, InputActivity, "take result.input_activity")
    return dict.fromkeys(network.inputs, InputActivity(n_evaluations=1)) | dict(given)


def _spike_counts(projection, activity):
    """Spikes of an input, (size,)."""
    counts = activity.spike_counts
    if counts is None:
        return np.zeros(len(projection.fan_out))
    name = f"inputs[{projection.source!r}].spike_counts"
    counts = check_numbers(name, counts, minimum=0)
    if counts.shape != projection.fan_out.shape:
        raise ParameterError(
            f"{name} must have one number for each of the {len(projection.fan_out)} elements of "
            f"the input (got shape {counts.shape})"
        )
    return counts


def _rates(projection, rates):
    """Rates in Hz of the neurons that a projection comes from, (n_neurons,)."""
    name = f"rates[{projection.source!r}]"
    values = check_numbers(name, rates[projection.source], minimum=0, unit="Hz")
    n_neurons = len(projection.fan_out)
    if values.shape not in ((), (n_neurons,)):
        raise ParameterError(
            f"{name} must be a number, or one for each of the {n_neurons} neurons (got shape "
            f"{values.shape})"
        )
    return np.broadcast_to(values, n_neurons)


def estimate_energy(
    work: Workload, model: str | CostModel = "hunsberger2016", counting: str | None = None
) -> Energy:
    """Estimate the energy for one sample.

    Parameters
    ----------
    work : Workload
    model : str or CostModel
        Name of one of `energy_models`, or one of your own.
    counting : {"merged", "unrolled"}, optional
        Which synaptic events to take; by default what the model says.

    Returns
    -------
    energy : Energy

    Raises
    ------
    UnknownNameError
        If there is no such model.
    ParameterError
        If another argument is of the wrong type, or the way of counting is unknown.

    Examples
    --------
    >>> work = Workload(
    ...     n_neurons=27_088, n_connections=11_623_200, n_input_connections=313_600,
    ...     n_updates=5_417_600, synops=4.0e7, unrolled_synops=2.42016e7,
    ...     input_synops=0, unrolled_input_synops=0, input_products=313_600)
    >>> round(work.flops / estimate_energy(work).total, 2)
    5.94
    """
    check_type("work", work, Workload, "make one with count_workload")
    if not isinstance(model, CostModel):
        model = get_energy_model(model)
    events = {
        "merged": (work.synops, work.input_synops),
        "unrolled": (work.unrolled_synops, work.unrolled_input_synops),
    }
    counting = model.counting if counting is None else counting
    check_choice("counting", counting, events)
    if model.spiking:
        n_events, of_input = events[counting]
        n_updates, products = work.n_updates, work.input_products
    else:  # each connection and neuron once
        n_events, of_input, n_updates = work.n_connections, 0, work.n_neurons
        products = work.n_input_connections
        n_events -= products
    return Energy(
        synapses=model.energy_per_synop * (n_events - of_input),
        neurons=model.energy_per_update * n_updates,
        input=model.energy_per_synop * of_input + model.energy_per_input * products,
        unit=model.unit,
    )
