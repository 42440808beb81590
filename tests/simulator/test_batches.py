"""Batches: each item as in a simulation of its own, whatever else runs."""

import multiprocessing
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nengo_softlif as nsl
from nengo_softlif.errors import BackendError, DatasetError, ParameterError
from nengo_softlif.simulator.memory import Memory

STEPS = 25


@pytest.fixture(scope="module")
def network():
    """Two inputs, spikes, learning, a recurrent connection."""
    with nengo.Network(seed=0) as net:
        net.a, net.b = nengo.Node([0.1, 0.2]), nengo.Node([0.3])
        net.ens = nengo.Ensemble(60, 2)
        net.out = nengo.Ensemble(30, 1, neuron_type=nengo.AdaptiveLIF())
        nengo.Connection(net.a, net.ens, synapse=None)
        nengo.Connection(net.b, net.ens[0], synapse=0.005)
        nengo.Connection(net.ens, net.ens, synapse=0.01)
        conn = nengo.Connection(
            net.ens, net.out, function=lambda x: x[0] * x[1], learning_rule_type=nengo.PES(1e-3)
        )
        nengo.Connection(net.out, conn.learning_rule)
        net.spikes = nengo.Probe(net.out.neurons)
        net.decoded = nengo.Probe(net.out, synapse=0.01)
        net.weights = nengo.Probe(conn, "weights")
    return net


@pytest.fixture(scope="module")
def sim(network):
    with nsl.Simulator(network, seed=1, progress_bar=False) as sim:
        yield sim


def items(network, n_items, seed=0):
    rng = np.random.RandomState(seed)
    return {
        network.a: rng.uniform(-1, 1, (n_items, 2)),
        network.b: rng.uniform(-1, 1, (n_items, 1)),
    }


def alone(network, values, n_steps, probes):
    """One item in `nengo.Simulator`, its nodes set to it: (size,) or (n_steps, size)."""
    before = {node: node.output for node in values}
    try:
        for node, rows in values.items():
            node.output = (
                rows
                if rows.ndim == 1
                else (lambda t, rows=rows: rows[min(round(t * 1000), len(rows)) - 1])
            )
        with nengo.Simulator(network, seed=1, progress_bar=False, optimize=False) as sim:
            sim.run_steps(n_steps)
        return {probe: sim.data[probe] for probe in probes}
    finally:
        for node, output in before.items():
            node.output = output


def assert_same(results, others):
    assert results.keys() == others.keys()
    for probe, values in results.items():
        np.testing.assert_array_equal(values, others[probe])


def test_items_are_as_in_a_simulation_of_their_own(network, sim):
    batch = items(network, 4)
    results = sim.run_batch(batch, STEPS)
    assert results.keys() == set(network.all_probes)
    for i in range(4):
        values = {node: array[i] for node, array in batch.items()}
        for probe, expected in alone(network, values, STEPS, network.all_probes).items():
            np.testing.assert_allclose(results[probe][i], expected, rtol=1e-9, atol=1e-9)
    assert results[network.spikes].any()


def test_inputs_of_every_step(network, sim):
    rng = np.random.RandomState(1)
    batch = {
        network.a: rng.uniform(-1, 1, (3, STEPS, 2)),
        network.b: rng.uniform(-1, 1, (3, 1)),
    }
    results = sim.run_batch(batch, STEPS)
    for i in range(3):
        values = {node: array[i] for node, array in batch.items()}
        for probe, expected in alone(network, values, STEPS, network.all_probes).items():
            np.testing.assert_allclose(results[probe][i], expected, rtol=1e-9, atol=1e-9)
    constant = {network.a: np.repeat(batch[network.a][:, :1], STEPS, axis=1)}
    given = {network.a: batch[network.a][:, 0]}
    for probe, values in sim.run_batch(constant, STEPS).items():
        expected = sim.run_batch(given, STEPS)[probe]
        np.testing.assert_allclose(values, expected, rtol=1e-12, atol=1e-12)


def test_the_number_of_threads_does_not_matter(network, sim):
    batch = items(network, 9)
    one = sim.run_batch(batch, STEPS, threads=1)
    for threads in (2, 4, None):
        assert_same(sim.run_batch(batch, STEPS, threads=threads), one)


@settings(max_examples=10, deadline=None)
@given(order=st.permutations(range(6)))
def test_neither_does_the_order_of_items(network, sim, order):
    batch = items(network, 6)
    results = sim.run_batch(batch, STEPS)
    shuffled = sim.run_batch({node: array[order] for node, array in batch.items()}, STEPS)
    assert_same(shuffled, {probe: values[order] for probe, values in results.items()})


def test_sums(network, sim):
    batch = items(network, 3)
    whole = sim.run_batch(batch, STEPS)
    summed = sim.run_batch(batch, STEPS, accumulated=[network.spikes])
    assert summed[network.spikes].shape == (3, 1, 30)
    np.testing.assert_allclose(
        summed[network.spikes][:, 0], whole[network.spikes].sum(axis=1), rtol=1e-12
    )
    np.testing.assert_array_equal(summed[network.decoded], whole[network.decoded])


def test_a_run_is_not_disturbed(network, sim):
    sim.reset()
    sim.run_steps(10)
    results = sim.run_batch(items(network, 2), STEPS)
    sim.run_steps(10)
    with nsl.Simulator(network, seed=1, progress_bar=False) as other:
        other.run_steps(20)
        np.testing.assert_array_equal(sim.data[network.decoded], other.data[network.decoded])
        assert_same(other.run_batch(items(network, 2), STEPS), results)


def test_many_steps_are_the_same_as_in_one_piece(network, sim):
    """More of them than run between looks whether to stop."""
    batch = items(network, 2)
    long = sim.run_batch(batch, 450)
    short = sim.run_batch(batch, 30)
    for probe in short:
        np.testing.assert_array_equal(long[probe][:, :30], short[probe])


def test_an_empty_batch(network, sim):
    results = sim.run_batch({network.a: np.zeros((0, 2))}, 5)
    assert results[network.spikes].shape == (0, 5, 30)


def test_random_processes_are_the_same_for_every_item():
    with nengo.Network(seed=0) as net:
        node = nengo.Node([0.0])
        ens = nengo.Ensemble(30, 1, neuron_type=nengo.PoissonSpiking(nengo.LIFRate()))
        nengo.Connection(node, ens, synapse=None)
        nengo.Connection(nengo.Node(nengo.processes.WhiteNoise()), ens)
        spikes = nengo.Probe(ens.neurons)
    with nsl.Simulator(net, seed=2, progress_bar=False) as sim:
        results = sim.run_batch({node: np.full((3, 1), 0.4)}, STEPS, threads=2)[spikes]
        again = sim.run_batch({node: np.full((3, 1), 0.4)}, STEPS)[spikes]
        sim.reset(seed=3)
        assert np.any(sim.run_batch({node: np.full((3, 1), 0.4)}, STEPS)[spikes] != again)
    np.testing.assert_array_equal(results, again)
    np.testing.assert_array_equal(results[0], results[1])
    assert results.any()
    node.output = np.array([0.4])
    with nengo.Simulator(net, seed=2, progress_bar=False, optimize=False) as reference:
        reference.run_steps(STEPS)
    np.testing.assert_allclose(results[2], reference.data[spikes])


def test_python_functions_run_in_batches():
    with nengo.Network(seed=0) as net:
        node = nengo.Node([0.0])
        double = nengo.Node(lambda t, x: 2 * x + t, size_in=1)
        nengo.Connection(node, double, synapse=None)
        probe = nengo.Probe(double)
    with nsl.Simulator(net, progress_bar=False) as sim:
        result = sim.run_batch({node: [[1.0], [2.0]]}, 3)[probe]
    np.testing.assert_allclose(result[..., 0], [[2.001, 2.002, 2.003], [4.001, 4.002, 4.003]])


def test_inputs_in_single_precision(single_precision, network):
    with nsl.Simulator(network, seed=1, progress_bar=False) as sim:
        results = sim.run_batch(items(network, 2), STEPS)
    assert results[network.spikes].dtype == np.float32


A, B = "a", "b"


@pytest.mark.parametrize(
    "inputs, message",
    [
        ({}, "for at least one node"),
        ({A: np.zeros((2, 3))}, r"shape \(n_samples, 2\).*got \(2, 3\)"),
        ({A: np.zeros(2)}, r"shape \(n_samples, 2\)"),
        ({A: 0.5}, r"shape \(n_samples, 2\)"),
        ({A: np.zeros((2, 24, 2))}, r"\(n_samples, 25, 2\).*got \(2, 24, 2\)"),
        ({A: np.zeros((2, 1, 2, 1))}, r"shape \(n_samples, 2\)"),
        ({A: np.zeros((3, 2)), B: np.zeros((2, 1))}, "same number of samples"),
        ({A: [[0, 1], [0, np.nan]]}, "sample 1 of <Node.*1 such samples of 2"),
        ({A: [[0, np.inf], [0, 1]]}, "sample 0 of <Node"),
        ({B: [["x"]]}, "numbers"),
        ({"other": np.zeros((2, 2))}, "must be for nodes"),
        ({"ens": np.zeros((2, 2))}, "must be for nodes"),
    ],
)
def test_inputs_that_do_not_fit(network, sim, inputs, message):
    names = {A: network.a, B: network.b, "other": nengo.Node([0, 0], add_to_container=False)}
    names["ens"] = network.ens
    inputs = {names[name]: values for name, values in inputs.items()}
    with pytest.raises(ParameterError, match=message):
        sim.run_batch(inputs, STEPS)


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", True])
def test_numbers_of_threads_that_are_none(network, sim, threads):
    with pytest.raises(ParameterError, match=f"threads must be an integer.*got {threads!r}"):
        sim.run_batch(items(network, 2), STEPS, threads=threads)


@pytest.mark.parametrize("n_steps", [0, -3, 2.5, True])
def test_numbers_of_steps_that_are_none(network, sim, n_steps):
    with pytest.raises(ParameterError, match="n_steps must be an integer of 1 or more"):
        sim.run_batch(items(network, 2), n_steps)


def test_summed_probes_have_to_be_the_model_s(network, sim):
    with pytest.raises(ParameterError, match="probes of this simulator"):
        sim.run_batch(items(network, 2), STEPS, accumulated=[network.ens])


def test_a_nan_in_the_middle_names_the_signal():
    with nengo.Network(seed=0) as net:
        node, out = nengo.Node([1e200]), nengo.Node(size_in=1)
        middle = nengo.Node(size_in=1, label="middle")
        nengo.Connection(node, middle, transform=1e200, synapse=None)
        nengo.Connection(middle, out, transform=0, synapse=0.01)
        nengo.Probe(out)
    with nsl.Simulator(net, progress_bar=False) as sim:
        with pytest.raises(nengo.exceptions.SimulationError, match="became NaN"):
            sim.run_batch({node: [[1.0], [1e200]]}, 10)
        # and afterwards all is as before
        assert np.isfinite(sim.run_batch({node: [[1.0]]}, 10)[net.probes[0]]).all()


def test_threads_share_one_copy_of_the_weights(monkeypatch):
    memory = Memory(np.float32)
    memory.weights(np.arange(4.0))
    fresh = memory.fresh

    def slowly(region):
        time.sleep(0.05)  # long enough for the others to come
        return fresh(region)

    monkeypatch.setattr(memory, "fresh", slowly)
    with ThreadPoolExecutor(4) as pool:
        copies = list(pool.map(lambda _: memory.shared(), range(4)))
    assert all(copy[0] is copies[0][0] and copy[1] is copies[0][1] for copy in copies)


@pytest.mark.parametrize("every", [0.001, 0.002, 0.0025, 0.01])
def test_probes_keep_what_they_sample(every):
    with nengo.Network(seed=0) as net:
        node = nengo.Node([0.3])
        ens = nengo.Ensemble(20, 1)
        nengo.Connection(node, ens)
        probe = nengo.Probe(ens, synapse=0.01, sample_every=every)
        spikes = nengo.Probe(ens.neurons, sample_every=every)
        whole = nengo.Probe(ens.neurons)
    with nsl.Simulator(net, progress_bar=False) as sim:
        values = sim.run_batch({node: [[0.3], [-0.3]]}, STEPS)
        sums = sim.run_batch({node: [[0.3]]}, STEPS, accumulated=[probe, spikes, whole])
        sim.run_steps(STEPS)
        for p in (probe, spikes, whole):
            np.testing.assert_array_equal(values[p][0], sim.data[p])
            np.testing.assert_allclose(sums[p], values[p][:1].sum(axis=1, keepdims=True))


def test_a_period_beyond_the_end_keeps_nothing():
    with nengo.Network(seed=0) as net:
        node = nengo.Node([0.3])
        probe = nengo.Probe(node, sample_every=1.0)
    with nsl.Simulator(net, progress_bar=False) as sim:
        assert sim.run_batch({node: [[0.3]]}, 5)[probe].shape == (1, 0, 1)
        assert sim.run_batch({node: [[0.3]]}, 5, accumulated=[probe])[probe] == [[[0]]]


def test_complex_inputs_are_refused(network, sim):
    with pytest.raises(DatasetError, match="complex"):
        sim.run_batch({network.a: np.full((2, 2), 1j)}, STEPS)


def test_inputs_beyond_the_precision_are_refused(single_precision, network):
    with (
        nsl.Simulator(network, progress_bar=False) as sim,
        pytest.raises(BackendError, match=r"beyond the largest number of float32, 3\.4e\+38"),
    ):
        sim.run_batch({network.a: np.full((2, 2), 1e300)}, STEPS)


def test_a_forked_process_can_go_on_with_batches(network, sim):
    """Threads of the parent are not in the child, which must not wait for them."""
    expected = sim.run_batch(items(network, 4), STEPS, threads=2)[network.spikes]
    context = multiprocessing.get_context("fork")
    answers = context.Queue()

    def child():
        answers.put(sim.run_batch(items(network, 4), STEPS, threads=2)[network.spikes])

    process = context.Process(target=child)
    process.start()
    try:
        np.testing.assert_array_equal(answers.get(timeout=60), expected)
    finally:
        process.kill()
        process.join()


def test_a_process_forked_within_a_batch_has_one_of_its_own():
    with nengo.Network(seed=0) as net:
        node = nengo.Node([0.0])
        within, leave = threading.Event(), threading.Event()

        def function(t, x):
            if not within.is_set():
                within.set()
                assert leave.wait(60)
            return x

        echo = nengo.Node(function, size_in=1, size_out=1)
        nengo.Connection(node, echo, synapse=None)
        probe = nengo.Probe(echo)
    within.set()  # not while building
    with nsl.Simulator(net, progress_bar=False) as sim, ThreadPoolExecutor(1) as pool:
        within.clear()
        task = pool.submit(sim.run_batch, {node: [[1.0]]}, 3)
        assert within.wait(60)
        context = multiprocessing.get_context("fork")
        answers = context.Queue()
        process = context.Process(
            target=lambda: answers.put(sim.run_batch({node: [[2.0]]}, 3)[probe])
        )
        process.start()
        try:
            np.testing.assert_array_equal(answers.get(timeout=60), np.full((1, 3, 1), 2.0))
        finally:
            leave.set()
            process.kill()
            process.join()
        np.testing.assert_array_equal(task.result()[probe], np.full((1, 3, 1), 1.0))


def test_callers_on_several_threads_take_turns(network, sim):
    """Each with other inputs, so that each needs another batch."""
    inputs = [items(network, 3), {network.a: items(network, 3)[network.a]}] * 3
    expected = [sim.run_batch(values, STEPS)[network.spikes] for values in inputs[:2]] * 3
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda v: sim.run_batch(v, STEPS)[network.spikes], inputs))
    for result, one in zip(results, expected, strict=True):
        np.testing.assert_array_equal(result, one)
