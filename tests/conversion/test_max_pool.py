"""Max pooling in converted networks: `convert(max_pool="spiking")`."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.analysis.connectivity import count_connections
from nengo_softlif.errors import ConversionError, FileError
from nengo_softlif.layers import LinearResetLIF
from tests.conversion.checking import randomize
from tests.conversion.test_files import rewrite, set_in

L = keras.layers


def converted(*layers, shape=(9, 8, 2), **options):
    """A model with random weights, its network, and items."""
    model = randomize(keras.Sequential([keras.Input(shape), *layers]))
    items = np.random.default_rng(1).uniform(0, 1, size=(4, *shape))
    return model, nsl.convert(model, max_pool="spiking", **options), items


MODELS = {
    "behind neurons": lambda: [L.Conv2D(3, 3, activation="relu"), L.MaxPooling2D(2)],
    "overlapping": lambda: [L.Conv2D(3, 3, activation="relu"), L.MaxPooling2D((3, 2), (2, 1))],
    "padded": lambda: [L.Conv2D(3, 3, activation="relu"), L.MaxPooling2D(3, 2, padding="same")],
    "global": lambda: [L.Conv2D(3, 3, activation="relu"), L.GlobalMaxPooling2D()],
    "global keeping dims": lambda: [L.Conv2D(3, 3), L.ReLU(), L.GlobalMaxPooling2D(keepdims=True)],
    "twice": lambda: [L.Conv2D(3, 3, activation="relu"), L.MaxPooling2D(2), L.MaxPooling2D(2)],
    "behind pooling": lambda: [L.ReLU(), L.AveragePooling2D(2), L.MaxPooling2D(2)],
    "of weighted sums": lambda: [L.ReLU(), L.Conv2D(3, 3), L.MaxPooling2D(2), L.ReLU()],
    "of the input": lambda: [L.MaxPooling2D(2), L.Flatten(), L.Dense(3, activation="relu")],
    "before batch norm": lambda: [L.ReLU(), L.MaxPooling2D(2), L.BatchNormalization()],
}


@pytest.mark.parametrize("name", MODELS)
def test_rates_are_those_of_the_model_and_spikes_count_up_to_them(name):
    model, spiking, items = converted(*MODELS[name](), L.Flatten(), L.Dense(4), synapse=None)
    nsl.conversion.verify(model, spiking, items)
    result = nsl.evaluate(
        spiking,
        items,
        [0] * 4,
        presentation=nsl.Presentation(time=0.5, classify_from=0),
        progress=False,
    )
    expected = model.predict(items, verbose=0)
    # some spikes more or less in half a second, of 100 Hz for 1
    assert np.abs(result.output - expected).max() < 0.05 * np.abs(expected).max()


@pytest.mark.parametrize("name", ["plain", "global"])
def test_sequences(name):
    last = {"plain": L.MaxPooling1D(3, 2), "global": L.GlobalMaxPooling1D()}[name]
    model, spiking, items = converted(
        L.Conv1D(3, 3), LinearResetLIF(leak=False, tau_rc=0.01), last, shape=(12, 2)
    )
    nsl.conversion.verify(model, spiking, items)


def test_spikes_reach_the_pool_unfiltered():
    _, spiking, _ = converted(
        L.Conv2D(3, 3, activation="relu", name="conv"),
        L.MaxPooling2D(2, name="pool"),
        L.Conv2D(4, 2, activation="relu", name="next"),
        synapse=nengo.Alpha(0.004),
    )
    (pool,) = [n for n in spiking.net.all_nodes if isinstance(n.output, nsl.SpikingMaxPool)]
    (into,) = [c for c in spiking.net.all_connections if c.post_obj is pool]
    (outof,) = [c for c in spiking.net.all_connections if c.pre_obj is pool]
    assert into.synapse is None
    assert outof.synapse == nengo.Alpha(0.004)


@pytest.fixture(scope="module")
def example():
    return converted(
        L.Conv2D(3, 3, activation="relu", name="first"),
        L.MaxPooling2D(2, name="pool"),
        L.Conv2D(4, 2, activation="relu", name="second"),
        L.GlobalMaxPooling2D(name="all"),
        L.Dense(3, name="out"),
    )


def outputs(spiking, items, backend):
    result = nsl.evaluate(
        spiking,
        items,
        [0] * len(items),
        backend=backend,
        presentation=nsl.Presentation(time=0.1),
        keep="outputs",
        progress=False,
    )
    return result.output_over_time


def test_every_simulator_pools_alike(example):
    _, spiking, items = example
    expected = outputs(spiking, items, "nengo")
    for backend in ("compiled", "nengo_dl"):
        found = outputs(spiking, items, backend)
        np.testing.assert_allclose(found, expected, atol=1e-3 * expected.max(), err_msg=backend)


def test_loihi_refuses(example):
    model, spiking, items = example
    with pytest.raises(nsl.errors.BackendError, match='max_pool="average"'):
        outputs(spiking, items, "loihi")
    with pytest.raises(ConversionError, match="strided convolution"):
        nsl.convert(model, max_pool="spiking", target="loihi")


def test_files_keep_it(example, tmp_path):
    _, spiking, items = example
    spiking.save(tmp_path / "net.zip")
    loaded = nsl.SpikingNetwork.load(tmp_path / "net.zip")
    np.testing.assert_array_equal(outputs(loaded, items, "nengo"), outputs(spiking, items, "nengo"))


def test_connections_count_like_those_of_average_pooling(example):
    model, spiking, _ = example
    found = count_connections(spiking)
    expected = count_connections(nsl.convert(model, max_pool="average"))
    assert found.n_connections == expected.n_connections
    for ours, theirs in zip(found.projections, expected.projections, strict=True):
        assert (ours.source, ours.target) == (theirs.source, theirs.target)
        np.testing.assert_array_equal(ours.fan_out, theirs.fan_out)


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("pool_size", [2], "sizes of a window must be 2"),
        ("pool_size", [9, 9], "size must be 0"),
        ("strides", [0, 1], "strides of 'pool' must be integers above 0"),
        ("strides", [1], "number of strides must be 2"),
        ("padding", "full", "padding of 'pool' must be"),
        ("input_shape", [7, 6, 4], "size of input_shape must be"),
        ("shape", [3, 3, 4], "size must be 27"),
        ("bias", {"float": "nan"}, "bias of 'pool' must be an array"),
    ],
)
def test_files_that_do_not_fit_are_refused(example, tmp_path, name, value, words):
    _, spiking, _ = example
    spiking.save(tmp_path / "net.zip")
    (index,) = [i for i, op in enumerate(spiking.graph.operations) if op.name == "pool"]
    rewrite(tmp_path / "net.zip", set_in("operations", index, name, value))
    with pytest.raises(FileError, match=words):
        nsl.SpikingNetwork.load(tmp_path / "net.zip")
