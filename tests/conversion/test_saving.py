"""What is saved can be loaded, changes are not lost unseen, and a failure leaves the older file."""

import errno
import os
import stat
import zipfile
from dataclasses import replace

import keras
import ml_dtypes
import nengo
import numpy as np
import pytest
from nengo.dists import Choice, Exponential, Gaussian, Samples, Uniform

import nengo_softlif as nsl
from nengo_softlif.conversion.graph import Dense
from nengo_softlif.errors import FileError
from nengo_softlif.layers import SoftLIF

SPIKING_LIF = nsl.SpikingLIF(noise=nsl.GaussianRateNoise(5, antithetic=True))
NEURON_TYPES = [
    nengo.AdaptiveLIF(tau_n=0.5, inc_n=0.02),
    nengo.AdaptiveLIFRate(),
    nengo.Izhikevich(tau_recovery=0.03),
    nengo.LIF(min_voltage=-1),
    nengo.LIFRate(tau_ref=0.001),
    nengo.PoissonSpiking(nengo.LIFRate(), amplitude=0.1),
    nengo.RectifiedLinear(),
    nengo.RegularSpiking(nengo.Sigmoid(tau_ref=0.01), amplitude=0.01),
    nengo.Sigmoid(),
    nengo.SpikingRectifiedLinear(),
    nengo.StochasticSpiking(nengo.Tanh()),
    nengo.Tanh(),
    nsl.LinearResetLIFRate(noise=nsl.FilteredSpikeNoise(0.003, None)),
    nsl.SoftLIFRate(sigma=0.1),
    nsl.SpikingLinearResetLIF(leak=False, min_voltage=-np.inf),
    SPIKING_LIF,
]
SYNAPSES = [
    None,
    nengo.Lowpass(0.01),
    nengo.Alpha(0.005),
    nengo.Triangle(0.004),
    nengo.LinearFilter([1.0], [0.01, 0.2, 1.0]),
    nengo.LinearFilter([0.5], [1.0, -0.5], analog=False),
]
INITIAL_STATES = [
    {"voltage": Choice([0.5])},
    {"voltage": Uniform(0, np.float32(0.5)), "refractory_time": Choice([0.001])},
    {"voltage": Gaussian(0.5, 0.1)},
    {"voltage": Exponential(0.1, high=1.0)},
    {"voltage": Samples(np.linspace(0, 1, 3)[:, np.newaxis])},
    {"voltage": nengo.dists.PDF([0.0, 0.5, 1.0], [0.25, 0.5, 0.25])},
    {"voltage": np.array([0.1, 0.2, 0.3], "float32")},
]


@pytest.fixture(scope="module")
def graph():
    keras.utils.set_random_seed(0)
    layers = [keras.Input((4,)), keras.layers.Dense(3), SoftLIF(name="lif"), keras.layers.Dense(2)]
    return nsl.convert(keras.Sequential(layers)).graph


def changed(graph, **values):
    """The network with other neurons."""
    return nsl.SpikingNetwork(graph.replaced({"lif": replace(graph["lif"], **values)}))


def again(network, folder):
    network.save(folder / "net.zip")
    return nsl.SpikingNetwork.load(folder / "net.zip")


def run(network):
    network.input.output = np.linspace(0, 1, 4)
    with network.net:
        probe = nengo.Probe(network.output)
    with nengo.Simulator(network.net, progress_bar=False) as sim:
        sim.run_steps(20)
    return sim.data[probe]


@pytest.mark.parametrize("neuron_type", NEURON_TYPES, ids=str)
def test_all_neuron_types(graph, neuron_type, tmp_path):
    network = changed(graph, neuron_type=neuron_type)
    loaded = again(network, tmp_path)
    assert loaded.layers[0].neuron_type == neuron_type
    np.testing.assert_array_equal(run(loaded), run(network))


@pytest.mark.parametrize("synapse", SYNAPSES, ids=str)
def test_all_synapses(graph, synapse, tmp_path):
    network = changed(graph, synapse=synapse)
    loaded = again(network, tmp_path)
    assert loaded.graph["lif"].synapse == synapse
    np.testing.assert_array_equal(run(loaded), run(network))


@pytest.mark.parametrize("state", INITIAL_STATES, ids=str)
def test_initial_states(graph, state, tmp_path):
    network = changed(graph, neuron_type=nsl.SpikingLIF(initial_state=state))
    loaded = again(network, tmp_path)
    np.testing.assert_array_equal(run(loaded), run(network))
    assert again(loaded, tmp_path).layers[0].neuron_type == loaded.layers[0].neuron_type


@pytest.mark.parametrize(
    "dtype",
    [np.float16, ml_dtypes.bfloat16, np.float32, np.float64, ">f4", np.int8, np.uint64, bool],
)
def test_weights_of_all_types(graph, dtype, tmp_path):
    dense = next(op for op in graph.operations if isinstance(op, Dense))
    weights = (8 * dense.weights).astype(dtype)
    loaded = again(
        nsl.SpikingNetwork(graph.replaced({dense.name: replace(dense, weights=weights)})), tmp_path
    )
    np.testing.assert_array_equal(loaded.graph[dense.name].weights, weights.astype(float))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1j])
def test_weights_that_can_not_be_loaded_are_not_saved(graph, value, tmp_path):
    dense = next(op for op in graph.operations if isinstance(op, Dense))
    weights = dense.weights + value
    network = nsl.SpikingNetwork(graph)
    network.graph = graph.replaced({dense.name: replace(dense, weights=weights)})
    with pytest.raises(FileError):
        network.save(tmp_path / "net.zip")
    assert list(tmp_path.iterdir()) == []


def test_models_in_bfloat16(tmp_path):
    layers = [keras.Input((4,)), keras.layers.Dense(3, dtype="bfloat16"), keras.layers.ReLU()]
    network = nsl.convert(keras.Sequential(layers))
    np.testing.assert_array_equal(run(again(network, tmp_path)), run(network))


def ensemble_of(network):
    return network.layers[0].neurons.ensemble


def set_neurons(network, **values):
    for name, value in values.items():
        setattr(ensemble_of(network), name, value)


def add_ensemble(network):
    with network.net:
        nengo.Ensemble(2, 1, label="extra")


class TestChangesOfTheNetwork:
    @pytest.fixture
    def network(self, graph):
        return nsl.SpikingNetwork(graph, seed=1)

    @pytest.mark.parametrize(
        "change, words",
        [
            (lambda n: set_neurons(n, neuron_type=nengo.LIF()), "lif: neuron_type"),
            (lambda n: set_neurons(n, bias=np.ones(3)), "lif: bias"),
            (lambda n: set_neurons(n, seed=3), "lif: seed"),
            (lambda n: setattr(n.net.connections[0], "synapse", 0.1), "to lif: synapse"),
            (
                lambda n: setattr(n.net.connections[0], "transform", np.ones((3, 4))),
                "to lif: transform",
            ),
            (lambda n: setattr(n.net, "seed", 5), "network: seed"),
            (lambda n: setattr(n, "seed", 5), "network: seed"),
            (lambda n: n.net.connections.pop(), r"removed \(1 of the connections\)"),
            (add_ensemble, "extra: added"),
            (lambda n: setattr(n.net.config[ensemble_of(n)], "on_chip", None), "lif: on_chip"),
            (lambda n: setattr(n.net.config[nengo.Ensemble], "on_chip", True), "Ensemble.on_chip"),
        ],
    )
    def test_are_named(self, network, change, words, tmp_path):
        change(network)
        with pytest.raises(FileError, match=rf"(?s)spiking.net was changed .*{words}"):
            network.save(tmp_path / "net.zip")
        assert list(tmp_path.iterdir()) == []

    def test_do_not_include_probes_data_and_runs(self, network, tmp_path):
        x = np.linspace(0, 1, 8).reshape(2, 4)
        for backend in nsl.backends.names():
            if backend != "loihi":  # nothing is left for the chip
                network.predict(x, backend=backend, progress=False)
        run(network)
        assert again(network, tmp_path).n_neurons == 3

    def test_are_none_in_a_loaded_network(self, network, tmp_path):
        again(again(network, tmp_path), tmp_path)


class TestFailures:
    @pytest.fixture
    def path(self, graph, tmp_path):
        nsl.SpikingNetwork(graph, name="older").save(tmp_path / "net.zip")
        return tmp_path / "net.zip"

    @pytest.mark.parametrize("place", ["writestr", "close"])
    def test_a_full_disk_leaves_the_older_file(self, graph, path, monkeypatch, place):
        def full(*args, **options):
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(zipfile.ZipFile, place, full)
            with pytest.raises(FileError, match=r"net\.zip can't be written: .*No space left"):
                nsl.SpikingNetwork(graph, name="newer").save(path)
        assert nsl.SpikingNetwork.load(path).name == "older"
        assert list(path.parent.iterdir()) == [path]

    def test_an_interrupt_leaves_the_older_file(self, graph, path, monkeypatch):
        def interrupted(*args):
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", interrupted)
            with pytest.raises(KeyboardInterrupt):
                nsl.SpikingNetwork(graph, name="newer").save(path)
        assert nsl.SpikingNetwork.load(path).name == "older"
        assert list(path.parent.iterdir()) == [path]

    def test_a_file_is_replaced_under_its_name_and_mode(self, graph, path):
        path.chmod(0o640)
        link = path.with_name("link.zip")
        link.symlink_to(path)
        nsl.SpikingNetwork(graph, name="newer").save(link)
        assert link.is_symlink()
        assert nsl.SpikingNetwork.load(path).name == "newer"
        assert stat.S_IMODE(path.stat().st_mode) == 0o640

    @pytest.mark.parametrize("where", [".", "no/such/folder/net.zip"])
    def test_other_places_are_refused(self, graph, where, tmp_path):
        with pytest.raises(FileError, match="can't be written"):
            nsl.SpikingNetwork(graph).save(tmp_path / where)
        with pytest.raises(FileError, match="is no file"):
            nsl.SpikingNetwork(graph).save(os.devnull)
