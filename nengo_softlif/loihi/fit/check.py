"""Does a network fit the chip? Every limit against every layer, before anything runs."""

from __future__ import annotations

import nengo
import numpy as np
from nengo.connection import LearningRule
from nengo.exceptions import BuildError
from nengo_loihi.builder.validate import validate_block
from nengo_loihi.passthrough import base_obj

from nengo_softlif.errors import BackendError, ParameterError
from nengo_softlif.functional.fixed_point import HIGHEST_INPUT
from nengo_softlif.loihi.demand import BlockDemand, largest_input
from nengo_softlif.loihi.extensions.block_shapes import as_block_shape, split_model
from nengo_softlif.loihi.extensions.discrete_lif import fraction_bits
from nengo_softlif.loihi.extensions.fixed_point import no_common_scale
from nengo_softlif.loihi.extensions.neurons import subtracts_threshold
from nengo_softlif.loihi.extensions.split import refusals_of_placement
from nengo_softlif.loihi.fit.precision import discretize_and_compare
from nengo_softlif.loihi.fit.report import FitReport, LayerFit, Utilisation, Violation
from nengo_softlif.loihi.fit.trial import build_on_trial, explain
from nengo_softlif.loihi.latency import Latencies
from nengo_softlif.loihi.limits import CONFIGURATIONS, MAX_REFRACTORY_STEPS, RESOURCES
from nengo_softlif.networks.names import unique
from nengo_softlif.validation import check_seconds, check_seed

__all__ = ["check"]

# What can be done about too much of a resource on a core
_SMALLER_PARTS = "Give it a block_shape with fewer neurons, or leave block_shape to be chosen."
_FEWER_INPUTS = (
    "Give the layer fewer inputs (pooling, strides, fewer channels before it), or put it on the "
    "host with net.config[ensemble].on_chip = False."
)
_FEWER_TARGETS = (
    "Make the layer after it smaller, so that it takes fewer cores, or use pop_type 16 for a "
    "convolution, which halves them."
)
_RESCALE = (
    "Bring weights and biases closer together (train with weight decay), or put the layer on the "
    "host with net.config[ensemble].on_chip = False."
)


def check(network, dt=0.001, seed=None):
    """Find out whether a network fits Loihi, and how.

    NengoLoihi builds the network, as it would for a simulation, but every refusal and every
    exceeded limit is written down instead of raised. Populations are split as in a simulation:
    by their ``block_shape``; or into the fewest cores that hold them; or, in a network that is
    not built with our extensions, into the parts that NengoLoihi makes.

    Parameters
    ----------
    network : nengo.Network or SpikingNetwork
        Any network; those on the chip are the ensembles without ``on_chip = False``.
    dt : float
        Step in seconds.
    seed : int, optional
        Of random weights and gains, if the network has no seed of its own.

    Returns
    -------
    report : FitReport
        ``report.fits``, ``report.layers``, ``report.violations``; printed, it is a table.

    Raises
    ------
    ParameterError
        If it is no network, or ``dt`` or ``seed`` is out of range.

    Examples
    --------
    >>> with nengo.Network(seed=0) as net:
    ...     ens = nengo.Ensemble(1025, 1, label="large")
    >>> report = check(net)
    >>> report.fits, report.n_cores, report.layers[0].block_shape
    (True, 2, (513,))
    """
    net = getattr(network, "net", network)
    if not isinstance(net, nengo.Network):
        raise ParameterError(
            "loihi.check takes a nengo.Network or a SpikingNetwork (got "
            f"{type(network).__name__}); pass the network that holds the ensembles"
        )
    dt = check_seconds("dt", dt)
    seed = None if seed is None else check_seed("seed", seed)
    names = _Names(net, getattr(network, "layers", ()))
    trial = build_on_trial(net, dt=dt, seed=seed)
    model = trial.model
    violations = [Violation(names.of(r.obj), "build", r.reason) for r in trial.refusals]
    violations += [Violation("network", "build", f"{r}.") for r in refusals_of_placement(net)]

    violations += _timing(network, model)
    populations, host = _populations(net, model, names)
    violations += _wrong_shapes(model, populations)
    refused = {model.objs[r.obj].get("in") for r in trial.refusals if r.obj in model.objs}
    fan_in = {block: int(BlockDemand(block).fan_in.max(initial=0)) for block in populations}
    block_map = split_model(model) if model.blocks else {}
    layers, notes = [], [*_notes(model), *_overflows(populations)]
    for block, (name, neuron_type) in populations.items():
        parts, shape = list(block_map[block]), model.block_shapes[block]
        use = _utilisation(parts)
        violations += _excess(name, use, fan_in[block])
        precision = None
        if block not in refused:
            precision, found = _precision(name, parts)
            violations += found
        layers.append(
            LayerFit(
                name,
                neuron_type,
                block.n_neurons,
                on_chip=True,
                n_cores=len(parts),
                block_shape=tuple(map(int, shape.shape)),
                shape=tuple(map(int, shape.ensemble_shape)),
                fan_in=fan_in[block],
                utilisation=use,
                precision=precision,
            )
        )
    return FitReport((*host, *layers), tuple(violations), tuple(notes))


def _timing(network, model):
    """Spikes of a step that meet in training, and on the chip arrive one after the other."""
    if getattr(network, "presentation", None) is None or model.split is None:
        return  # not trained step by step
    latencies = Latencies(network.net, model.split, list(network.inputs.values()))
    ends = {layer.name: layer.neurons for layer in network.layers} | network.outputs
    for name, obj in ends.items():
        try:
            latencies.of(obj)
        except BackendError as error:
            yield Violation(name, "timing", explain(error))


def _populations(net, model, names):
    """Name and neuron type of each block, and the layers that have none."""
    blocks, without = {}, []
    for ensemble in net.all_ensembles:
        name, neuron_type = names.of(ensemble), type(ensemble.neuron_type).__name__
        block = model.objs.get(ensemble, {}).get("in")
        if block is not None:
            blocks[block] = name, neuron_type
        else:  # on the host, or refused
            on_chip = model.split is not None and model.split.on_chip(ensemble)
            without.append(LayerFit(name, neuron_type, ensemble.n_neurons, on_chip))
    decoded = {block: conn for conn, block in model.connection_decode_neurons.items()}
    for block in model.blocks:
        if block not in blocks:
            name = names.of(decoded[block]) if block in decoded else block.label
            blocks[block] = f"{name} (decoder)", "decode neurons"
    return blocks, without


def _wrong_shapes(model, populations):
    """Block shapes that don't fit their neurons; they are chosen anew, to go on."""
    for block, (name, _) in populations.items():
        try:
            as_block_shape(block, model.block_shapes.get(block))
        except BuildError as error:
            model.block_shapes[block] = None
            yield Violation(name, "build", explain(error))


def _utilisation(parts):
    used = zip(*(part.utilization().values() for part in parts), strict=True)
    loads = {}
    for resource, values in zip(RESOURCES, used, strict=True):
        amounts = [int(amount) for amount, _ in values]
        loads[resource] = Utilisation(RESOURCES[resource], float(np.mean(amounts)), max(amounts))
    return loads


def _excess(name, utilisation, fan_in):
    for resource, use in utilisation.items():
        if use.max <= use.limit:
            continue
        message = f"needs {use.max:,} {resource} on a core, and a core has {use.limit:,}."
        remedy = _SMALLER_PARTS  # a core holds any neuron, up to the limit of its inputs
        if resource == "input axons" and fan_in > use.limit:
            message += f" A single neuron has {fan_in:,} inputs, so no block_shape helps."
            remedy = _FEWER_INPUTS
        elif resource == "output axons":
            remedy = _FEWER_TARGETS
        yield Violation(name, resource, f"{message} {remedy}")


def _precision(name, parts):
    """Discretize the parts of a layer; what is lost by it, and what forbids it."""
    largest = max((s.max_abs_weight() for part in parts for s in part.synapses), default=0)
    bias = max(np.abs(part.compartment.bias).max() for part in parts)
    try:
        precision = discretize_and_compare(parts)
    except (AssertionError, BuildError) as error:
        if fraction_bits(parts[0].compartment) is not None:
            return None, [Violation(name, "discretization", explain(error))]
        message = f"{no_common_scale(largest, bias)} {_RESCALE}"
        return None, [Violation(name, "discretization", message)]
    return precision, [*_settings(name, parts), *_other_rules(name, parts)]


def _settings(name, parts):
    """Too many different settings on a core, or settings out of range."""
    counts = dict.fromkeys(CONFIGURATIONS, 0)
    for part in parts:
        c = part.compartment
        rows = np.stack([c.decay_u, c.decay_v, c.refract_delay, c.enable_noise], axis=1)
        traces = {(s.tracing_tau, s.tracing_mag) for s in part.synapses if s.learning}
        formats = {s.synapse_cfg for s in part.synapses}
        found = (len(np.unique(rows, axis=0)), len(np.unique(c.vth)), len(formats), len(traces))
        for what, n in zip(CONFIGURATIONS, found, strict=True):
            counts[what] = max(counts[what], n)
    for what, n in counts.items():
        if n > CONFIGURATIONS[what]:
            yield Violation(
                name,
                what,
                f"needs {n:,} different {what} on a core, and a core has {CONFIGURATIONS[what]}. "
                "Give fewer neurons their own parameters, or the layer fewer connections.",
            )
    longest = max(int(part.compartment.refract_delay.max()) for part in parts)
    if longest > MAX_REFRACTORY_STEPS:
        yield Violation(
            name,
            "refractory period",
            f"needs a delay of {longest:,} steps after a spike, at most {MAX_REFRACTORY_STEPS} "
            "are possible. Use a shorter tau_ref or a longer dt.",
        )


def _other_rules(name, parts):
    """What NengoLoihi's validation finds in blocks whose resources suffice."""
    for part in parts:
        if all(amount <= limit for amount, limit in part.utilization().values()):
            try:
                validate_block(part)
            except (AssertionError, BuildError) as error:
                yield Violation(name, "validation", explain(error))
                return


def _overflows(populations):
    """Fixed-point neurons whose input of a step may be beyond the numbers of the chip."""
    beyond = []
    for block, (name, _) in populations.items():
        bits = fraction_bits(block.compartment)
        largest = largest_input(block) if bits is not None else 0.0
        if bits is not None and largest * 2.0**bits > HIGHEST_INPUT:
            beyond.append((name, largest, (HIGHEST_INPUT + 1) / 2.0**bits))
    if beyond:
        names = ", ".join(f"{name} (up to {largest:.4g})" for name, largest, _ in beyond)
        yield (
            f"the input of a step overflows from {beyond[0][2]:g} on, which can happen in {names} "
            "if all neurons that excite a neuron, or all that inhibit it, spike at once. Layers of "
            "Keras raise an error if it happens, and the emulator warns of an overflow in q0."
        )


def _notes(model):
    if any(subtracts_threshold(block.compartment) for block in model.blocks):
        return (
            "SpikingLinearResetLIF neurons, and SpikingDiscreteLIF neurons with reset='subtract', "
            "run on the emulator; NengoLoihi can't configure their reset on the chip. "
            "nengo_softlif.SpikingLIF runs on both, as does reset='zero'.",
        )
    return ()


class _Names:
    """Names for the parts of a network, each ensemble with one of its own."""

    def __init__(self, net, layers):
        self.net = net
        self.ensembles = {layer.neurons.ensemble: layer.name for layer in layers}
        taken = set(self.ensembles.values())
        for ensemble in net.all_ensembles:
            if ensemble not in self.ensembles:
                name = unique(ensemble.label or "ensemble", taken)
                taken.add(name)
                self.ensembles[ensemble] = name

    def of(self, obj):
        """Name of an object."""
        obj = base_obj(obj)
        if obj is self.net:
            return "network"
        if isinstance(obj, nengo.Connection):
            return obj.label or f"{self.of(obj.pre_obj)} to {self.of(obj.post_obj)}"
        if isinstance(obj, nengo.Probe):
            return obj.label or f"probe of {self.of(obj.obj)}"
        if isinstance(obj, LearningRule):
            return f"learning rule of {self.of(obj.connection)}"
        return self.ensembles.get(obj) or obj.label or type(obj).__name__.lower()
