"""Random models of blocks, as NengoLoihi's builder might leave them."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from hypothesis import strategies as st
from nengo_loihi.block import Axon, LoihiBlock, Synapse
from nengo_loihi.builder import Model
from nengo_loihi.builder.discretize import discretize_model
from nengo_loihi.inputs import SpikeInput
from nengo_loihi.probe import LoihiProbe

KEYS = ("current", "voltage", "spiked")


@dataclass(frozen=True)
class Kind:
    """What a random model is like; the numbers in it follow from the seed."""

    seed: int
    n_blocks: int
    n_synapses: int
    discretize: bool
    neurons: str
    synapses: str
    noise: str
    learning: bool
    gain: float


kinds = st.builds(
    Kind,
    seed=st.integers(0, 2**20),
    n_blocks=st.integers(1, 3),
    n_synapses=st.integers(1, 3),
    discretize=st.booleans(),
    neurons=st.sampled_from(["lif", "relu", "nonspiking", "linear reset", "any"]),
    synapses=st.sampled_from(["dense", "sparse", "population", "any"]),
    noise=st.sampled_from(["none", "current", "membrane"]),
    learning=st.booleans(),
    gain=st.sampled_from([0.3, 1.0, 30.0]),
)


def build(kind):
    """Build the model of a kind; the same each time."""
    rng = np.random.RandomState(kind.seed)
    model = Model()
    inputs = [SpikeInput(rng.randint(1, 9)) for _ in range(rng.randint(1, 3))]
    for spike_input in inputs:
        model.add_input(spike_input)
        for t in np.nonzero(rng.rand(60) < 0.7)[0]:
            size = rng.randint(spike_input.n_neurons + 1)
            neurons = rng.choice(spike_input.n_neurons, size=size, replace=False)
            if t:
                spike_input.add_spikes(t, neurons, permanent=rng.rand() < 0.3)
    blocks = [LoihiBlock(2 * rng.randint(1, 9)) for _ in range(kind.n_blocks)]
    for block in blocks:
        _configure(block.compartment, kind, rng)
        model.add_block(block)
    for block in blocks:
        for k in range(rng.randint(1, kind.n_synapses + 1)):
            source = inputs[0] if k == 0 else rng.choice([*inputs, *blocks])
            _connect(source, block, kind, rng)
        for key in KEYS:
            part = slice(rng.randint(block.n_neurons), None, rng.randint(1, 3))
            model.add_probe(LoihiProbe(target=[block], key=key, slice=[part]))
    if len(blocks) > 1:
        model.add_probe(LoihiProbe(target=blocks, key="voltage"))
    if kind.discretize:
        discretize_model(model)
    return model


def _configure(compartment, kind, rng):
    neurons = kind.neurons
    if neurons == "any":
        neurons = rng.choice(["lif", "relu", "nonspiking", "linear reset"])
    compartment.configure_filter(rng.choice([0, 0.002, 0.01]))
    if neurons == "lif":
        compartment.configure_lif(
            tau_rc=rng.uniform(0.005, 0.05),
            tau_ref=rng.choice([0, 0.001, 0.003]),
            min_voltage=rng.choice([0, -1]),
        )
    elif neurons == "nonspiking":
        compartment.configure_nonspiking(vth=10)
    else:
        compartment.configure_relu(tau_ref=rng.choice([0, 0.002]), vth=rng.uniform(1, 5))
        compartment.subtracts_threshold = neurons == "linear reset"
        if neurons == "linear reset":
            compartment.vmin = rng.choice([0, -3, -np.inf])
    compartment.bias[:] = rng.uniform(-0.2, 0.6, size=compartment.n_compartments)
    if kind.noise != "none":
        compartment.enable_noise[:] = True
        compartment.noise_exp = rng.uniform(-2, 0)
        compartment.noise_offset = rng.uniform(-1, 1)
        compartment.noise_at_membrane = int(kind.noise == "membrane")


def _connect(source, block, kind, rng):
    """Connect all neurons of a source, twice if it is the same block."""
    n_axons = source.n_neurons
    synapse = Synapse(n_axons)
    axon = Axon(n_axons)
    synapses = kind.synapses if kind.synapses != "any" else rng.choice(["dense", "population"])
    learns = kind.learning and rng.rand() < 0.7
    weights = kind.gain * rng.uniform(-0.6, 1, size=(n_axons, block.n_neurons))
    if learns or synapses == "dense":
        synapse.set_weights(weights)
    elif synapses == "sparse":
        weights[rng.rand(*weights.shape) < 0.6] = 0
        weights[0, 0] = 1
        synapse.set_weights(scipy.sparse.csr_matrix(weights))
    else:
        _set_population(synapse, axon, block, weights, rng)
    if learns:
        rate, magnitude = rng.choice([0.02, 2]), rng.uniform(0.1, 3)
        synapse.set_learning(learning_rate=rate, tracing_tau=2, tracing_mag=magnitude)
    axon.target = synapse
    if synapses != "population" or learns:
        target = np.arange(n_axons)
        target[rng.rand(n_axons) < 0.2] = -1
        axon.set_compartment_axon_map(target)
    block.add_synapse(synapse)
    source.add_axon(axon)


def _set_population(synapse, axon, block, weights, rng):
    """Some atoms share an axon; some axons share weights, or aren't used."""
    n_atoms, n_rows = rng.randint(1, 4), rng.randint(1, 4)
    n_targets = rng.randint(1, block.n_neurons + 1)
    rows = rng.choice(weights.ravel(), size=(n_rows, n_atoms, n_targets))
    indices = np.array([rng.choice(block.n_neurons, n_targets, replace=False) for _ in rows])
    indices = np.repeat(indices[:, np.newaxis], n_atoms, axis=1)
    n_axons = synapse.n_axons
    row = rng.randint(n_rows, size=n_axons)
    room = block.n_neurons - 1 - indices.max(axis=(1, 2))[row]
    base = rng.randint(-1, room + 1)
    synapse.set_population_weights(rows, indices, row, base, pop_type=rng.choice([16, 32]))
    axon.set_compartment_axon_map(
        rng.randint(-1, n_axons, size=n_axons), atoms=rng.randint(n_atoms, size=n_axons)
    )
