"""Advice on simulators, backends, neurons, processes, commands and settings."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import keras
import nengo
import numba
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif import compat
from nengo_softlif.backends import registry
from nengo_softlif.cli import models, options, samples
from nengo_softlif.compat.registry import is_enabled
from nengo_softlif.errors import BackendError
from nengo_softlif.functional import linear_lif
from nengo_softlif.layers import SoftLIF
from nengo_softlif.networks import enable_extensions, needs_extensions
from tests.hints.following import SHORT, Advice, converted, follow, sequential

L = keras.layers
X = np.random.default_rng(0).uniform(0, 1, size=(2, 4))


def network(**probe_options):
    with nengo.Network(seed=0) as net:
        net.node = nengo.Node([0.5])
        net.ens = nengo.Ensemble(20, 1)
        nengo.Connection(net.node, net.ens)
        net.probe = nengo.Probe(net.ens, **probe_options)
    return net


def simulator(net, **options):
    return nsl.Simulator(net, progress_bar=False, **options)


def ran(net):
    with simulator(net) as sim:
        sim.run_steps(5)
        return len(sim.data[net.probe]) == 5


def spiking(*layers):
    return nsl.convert(sequential(L.Dense(3), SoftLIF(), *layers, L.Dense(2)))


def predict(spiking, **options):
    return len(nsl.predict(spiking, X, **{**SHORT, **options}).output) == 2


def batch(net, values):
    with simulator(net) as sim:
        return sim.run_batch({net.node: values}, 5)[net.probe].shape == (2, 5, 1)


def changed_after_building(build_again):
    net = network()
    with simulator(net) as sim:
        extra = nengo.builder.signal.Signal(np.zeros(1), name="extra")
        sim.model.add_op(nengo.builder.operator.Reset(extra))
        if not build_again:
            sim.run_steps(3)
        with nsl.Simulator(None, model=sim.model, progress_bar=False) as other:
            other.run_steps(3)
            return other.n_steps == 3


def of_sparse_weights(with_probe):
    net = network()
    with net:
        transform = nengo.Sparse((20, 20), indices=[(0, 1), (4, 2)], init=[0.5, -1.0])
        conn = nengo.Connection(net.ens.neurons, net.ens.neurons, transform=transform)
        if with_probe:
            nengo.Probe(conn, "weights")
    return batch(net, [[0.1], [0.2]])


def running_itself(other):
    """A node that runs the simulator it is in, or another one."""
    sims = []
    net = network()
    inner = simulator(network())
    with net:
        nengo.Node(lambda t: (inner if other else sims[0]).step(), size_out=0)
    sims.append(simulator(net))
    with inner, sims[0]:
        sims[0].run_steps(2)
        return inner.n_steps == 2


def test_the_compiled_simulator():
    net = network()
    converted_network = spiking()
    for advice in [
        Advice(
            "; its network is its attribute `net`, so use spiking.net for an object `spiking`",
            lambda: simulator(converted_network),
            lambda: simulator(converted_network.net).close() is None,
        ),
        Advice(
            "; give real and imaginary parts as two values, or take their magnitude",
            lambda: batch(net, [[0.1j], [0.2]]),
            lambda: batch(net, np.abs([[0.1j], [0.2]])),
        ),
        Advice(
            "; make a Simulator for each thread, or use run_batch, which has threads of its own",
            lambda: running_itself(other=False),
            lambda: running_itself(other=True) and batch(net, [[0.1], [0.2]]),
        ),
        Advice(
            "; build a new Simulator with it",
            lambda: changed_after_building(build_again=False),
            lambda: changed_after_building(build_again=True),
        ),
        Advice(
            "; build the simulator without it",
            lambda: of_sparse_weights(with_probe=True),
            lambda: of_sparse_weights(with_probe=False),
        ),
    ]:
        follow(advice)


def test_memory_that_probes_need(monkeypatch):
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("Memory", (), {"available": 2**20})())
    monkeypatch.setattr("nengo_softlif.simulator.recording._LITTLE", 0)
    monkeypatch.setattr("nengo_softlif.simulator.simulator._BUFFER", 0)

    def recorded(**options):
        with simulator(network(**options)) as sim:
            sim.run_steps(200_000)
            return sim.n_steps == 200_000

    follow(Advice("; give them `sample_every`", recorded, lambda: recorded(sample_every=0.01)))


@pytest.fixture
def without_compiler(monkeypatch):
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    return monkeypatch


def test_numba_without_its_compiler(without_compiler):
    network = spiking()

    def unset():
        without_compiler.setattr(numba.config, "DISABLE_JIT", 0)
        return predict(network)

    follow(
        Advice(
            "; unset it, or use the backend 'nengo'",
            lambda: predict(network),
            lambda: predict(network, backend="nengo") and unset(),
        )
    )


def test_backends():
    for advice in [
        Advice(
            "; add a layer after them",
            lambda: predict(spiking(), backend="loihi"),
            lambda: predict(spiking(L.Dense(3), SoftLIF()), backend="loihi"),
        ),
        Advice(
            "; leave it out",
            lambda: predict(spiking(), backend="nengo", threads=2),
            lambda: predict(spiking(), backend="nengo"),
        ),
        Advice(
            "; choose one of compiled, nengo",
            lambda: predict(spiking(), backend="Compiled"),
            lambda: predict(spiking(), backend="compiled"),
        ),
    ]:
        follow(advice)


def test_what_is_to_be_installed_is_known():
    """It can't be installed here; its name is that of a requirement of the package."""
    import configparser
    from pathlib import Path

    config = configparser.ConfigParser()
    config.read(Path(nsl.__file__).parents[1] / "setup.cfg")
    known = config["options"]["install_requires"] + str(dict(config["options.extras_require"]))
    for backend in registry._BUILT_IN:
        assert backend.install.startswith("pip install ")
        assert backend.package in known.replace("_", "-")


def test_commands(tmp_path):
    damaged, target = tmp_path / "damaged.keras", tmp_path / "new" / "net.zip"
    damaged.write_text("no model")

    def saved():
        model = sequential(L.Dense(3))
        model.save(tmp_path / "name.keras")
        return converted(models.load_model(tmp_path / "name.keras"))

    def made():
        target.parent.mkdir()
        return options.check_target(str(target)) is None

    for advice in [
        Advice(" Save it with model.save('name.keras')", lambda: models.load_model(damaged), saved),
        Advice("; make it first", lambda: options.check_target(str(target)), made),
    ]:
        follow(advice)


def test_a_network_with_two_inputs_on_the_command_line(tmp_path):
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    two = nsl.convert(keras.Model([a, b], L.Dense(2)(L.Add()([a, b]))))
    data = tmp_path / "data.npz"
    np.savez(data, x_test=X, y_test=[0, 1])
    follow(
        Advice(
            "; run this one in Python, with nengo_softlif.evaluate",
            lambda: samples.read_samples(str(data), ("x_test", "y_test"), two.input_shapes),
            lambda: nsl.evaluate(two, [X, X], [0, 1], **SHORT).n_samples == 2,
        )
    )


def test_a_folder_that_is_not_writable(tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    closed.mkdir()
    monkeypatch.setattr(options.os, "access", lambda path, mode: "closed" not in str(path))
    follow(
        Advice(
            "must be writable; choose another",
            lambda: options.check_target(str(closed / "net.zip")),
            lambda: options.check_target(str(tmp_path / "net.zip")) is None,
        )
    )


def test_settings(monkeypatch):
    def set_to(value):
        monkeypatch.setenv("NENGO_SOFTLIF_COMPAT", value)
        return is_enabled()

    def unset():
        monkeypatch.delenv("NENGO_SOFTLIF_COMPAT")
        return is_enabled()

    name = next(iter(compat.status())).name
    for advice in [
        Advice(
            "; set it to one of them, or unset it",
            lambda: set_to("no"),
            lambda: not set_to("0") and set_to("1") and unset(),
        ),
        Advice("choose one of ", lambda: compat.status()["zz"], lambda: compat.status()[name]),
    ]:
        follow(advice)
    with pytest.raises(KeyError):
        compat.status()["zz"]


def pooling(net_size=None, **options):
    with nengo.Network() as net:
        pool = nsl.SpikingMaxPool((4, 1), (2,), **options)
        sizes = {} if net_size is None else {"size_in": net_size, "size_out": net_size}
        net.node = nengo.Node(pool, **sizes)
    with simulator(net) as sim:
        sim.step()
    return net.node.size_out == 2


def test_parts_of_networks():
    net = network()
    for advice in [
        Advice(
            "; use smaller windows, or padding='same'",
            lambda: nsl.SpikingMaxPool((4, 1), (5,)),
            lambda: (
                nsl.SpikingMaxPool((4, 1), (4,)).output_shape == (1, 1)
                and nsl.SpikingMaxPool((4, 1), (5,), padding="same").output_shape == (1, 1)
            ),
        ),
        Advice("; leave them out", lambda: pooling(3), pooling),
        Advice(
            "such as nengo_softlif.RegularSpikes(100)",
            lambda: nsl.PresentEncoded(X, 0.1, "regular"),
            lambda: nsl.PresentEncoded(X, 0.1, nsl.RegularSpikes(100)).default_size_out == 4,
        ),
        Advice(
            "; give a converted one as spiking.net",
            lambda: enable_extensions(spiking()),
            lambda: enable_extensions(spiking().net) is None,
        ),
        Advice(
            "comes close",
            lambda: nsl.FilteredSpikeNoise(tau_s=0.02, tau_rc=0.02),
            lambda: nsl.FilteredSpikeNoise(tau_s=0.02, tau_rc=0.85 * 0.02).tau_rc == 0.017,
        ),
        Advice(
            'Carry the biases as currents, bias_as="current"',
            lambda: linear_lif.linear_lif_from_relu([[0.1, 0.1]], max_rate=100, bias=0.1),
            lambda: (
                linear_lif.linear_lif_from_relu(
                    [[0.1, 0.1]], max_rate=100, bias=0.1, bias_as="current"
                ).current
                > 0
            ),
        ),
        Advice(
            "; make the model with the dtype policy 'mixed_",
            lambda: SoftLIF(dtype="float16")(np.ones((1, 2)), training=True),
            lambda: SoftLIF(dtype="mixed_float16")(np.ones((1, 2)), training=True).shape == (1, 2),
        ),
        Advice(
            "; make the layer with dtype=",
            lambda: SoftLIF(dtype="int8_from_float32"),
            lambda: SoftLIF(dtype="float32")(np.ones((1, 2))).shape == (1, 2),
        ),
    ]:
        follow(advice)
    enable_extensions(net)
    assert needs_extensions(net)


def in_a_process(method, function, *args, **options):
    """What a function returns in a process of its own."""
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *args, **options).result(timeout=300)


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="has no fork")
def test_tensorflow_in_a_forked_process():
    """TensorFlow would hang or end the process."""
    pytest.importorskip("nengo_dl")
    model = sequential(L.Dense(5, "relu"), L.Dense(2))
    network = nsl.convert(model)
    nsl.conversion.verify(model, network, X)  # starts TensorFlow
    with pytest.raises(BackendError, match=f"the Keras model '{model.name}' computes with"):
        in_a_process("fork", nsl.conversion.verify, model, network, X)
    options = {"backend": "nengo_dl", **SHORT}

    def predicted(method):
        return in_a_process(method, nsl.predict, network, X, **options).output

    follow(
        Advice(
            '; use multiprocessing.get_context("spawn") to start processes',
            lambda: predicted("fork"),
            lambda: np.allclose(predicted("spawn"), nsl.predict(network, X, **options).output),
        )
    )
