"""Nodes with gated recurrent cells: the same in every simulator, sample by sample."""

import nengo
import numpy as np
import pytest
from nengo.exceptions import ValidationError

import nengo_softlif as nsl

N, N_STEPS, DT = 6, 20, 0.001
RNG = np.random.default_rng(0)
GATE = {
    "period": RNG.uniform(3, 8, N),
    "shift": RNG.uniform(0, 1, N),
    "open_fraction": 0.4,
}
CELLS = [
    nsl.GatedCells(cell, N, forget=forget, **gate)
    for cell in ("spiking_lstm", "sub_lstm", "spiking_sub_lstm")
    for forget in (None, RNG.uniform(0.5, 1, N))
    for gate in ({}, {**GATE, "leak": 0.1 * (cell == "sub_lstm")})
]


def inputs_of(cells, seed):
    """Currents, or spikes of gates."""
    x = np.random.default_rng(seed).normal(size=(N_STEPS, cells.default_size_in))
    return x if cells.cell == "sub_lstm" else (x > 0).astype(float)


@pytest.fixture(scope="module")
def network():
    with nengo.Network() as net:
        net.sources = [nengo.Node(np.zeros(cells.default_size_in)) for cells in CELLS]
        net.outputs = []
        for cells, source in zip(CELLS, net.sources, strict=True):
            node = nengo.Node(cells)
            nengo.Connection(source, node, synapse=None)
            net.outputs.append(nengo.Probe(node))
    samples = [np.stack([inputs_of(cells, s) for s in range(3)]) for cells in CELLS]
    return net, samples


def expected(samples):
    return [
        np.stack([cells.apply(x) for x in sample])
        for cells, sample in zip(CELLS, samples, strict=True)
    ]


def check(found, samples):
    for cells, one, other in zip(CELLS, found, expected(samples), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5, err_msg=str(cells.cell))
        assert np.std(other) > 0.05


def test_nengo(network):
    net, samples = network
    before = [source.output for source in net.sources]
    found = []
    for k in range(3):
        for source, sample in zip(net.sources, samples, strict=True):
            source.output = lambda t, sample=sample[k]: sample[round(t / DT) - 1]
        with nengo.Simulator(net, dt=DT, progress_bar=False) as sim:
            sim.run_steps(N_STEPS)
            sim.reset()
            sim.run_steps(N_STEPS)
            found.append([sim.data[probe][-N_STEPS:] for probe in net.outputs])
    for source, output in zip(net.sources, before, strict=True):
        source.output = output
    check([np.stack(one) for one in zip(*found, strict=True)], samples)


@pytest.mark.parametrize("bits", ["32", "64"])
def test_compiled(network, bits, monkeypatch):
    monkeypatch.setitem(nengo.rc["precision"], "bits", bits)
    net, samples = network
    items = dict(zip(net.sources, samples, strict=True))
    with nsl.Simulator(net, dt=DT, progress_bar=False) as sim:
        assert sim.plan.python == []
        for _ in range(2):  # each batch begins from the initial state
            outputs = sim.run_batch(items, N_STEPS)
    check([outputs[probe] for probe in net.outputs], samples)


def test_nengo_dl(network):
    nengo_dl = pytest.importorskip("nengo_dl")
    net, samples = network
    items = dict(zip(net.sources, samples, strict=True))
    with nengo_dl.Simulator(net, dt=DT, minibatch_size=3, progress_bar=False) as sim:
        for _ in range(2):
            outputs = sim.predict(items)
    check([outputs[probe] for probe in net.outputs], samples)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("lstm", 3), "cell"),
        (("sub_lstm", 0), "units"),
        (("sub_lstm", 3, 0.0), "threshold"),
        (("sub_lstm", 3, 0.1, [1.0, 1.0]), r"forget: Must have a number for each of 3 units"),
        (("sub_lstm", 3, 0.1, None, [1, 2, 3]), "pass both, or none"),
        (("sub_lstm", 3, 0.1, None, [1, 0, 3], [1, 2, 3]), "period: Must be from"),
        (("sub_lstm", 3, 0.1, None, [1, 2, 3], [1, np.nan, 3]), "shift: Must be from"),
        (("sub_lstm", 3, 0.1, [0.5, 1.5, 1]), r"forget: Must be from 0 to 1 \(got 0.5 to 1.5\)"),
        (("sub_lstm", 3, 0.1, None, [1, 2, 3], [1, 2, 3], 1.5), "open_fraction"),
        (("sub_lstm", 3, 0.1, None, [1, 2, 3], [1, 2, 3], 0.5, -1), "leak"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValidationError, match=message):
        nsl.GatedCells(*arguments)


def test_other_sizes_are_refused():
    with nengo.Network() as net:
        nengo.Node(nsl.GatedCells("sub_lstm", 3), size_in=5, size_out=3)
    with pytest.raises(ValidationError, match=r"size_in=12 and size_out=3 \(got 5 and 3\)"):
        nengo.Simulator(net, progress_bar=False)


def test_equal_cells_are_equal():
    assert nsl.GatedCells("sub_lstm", 3) == nsl.GatedCells("sub_lstm", 3)
    assert nsl.GatedCells("sub_lstm", 3) != nsl.GatedCells("sub_lstm", 3, forget=[0.5] * 3)
