"""Predictions without labels: regression, several outputs, samples that change over time."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif import backends
from nengo_softlif.errors import DatasetError, ParameterError
from nengo_softlif.layers import SoftLIF

L = keras.layers
SHORT = nsl.Presentation(time=0.05)


def two_outputs():
    """An image to an image of half the size, and to a number of either sign."""
    x = keras.Input((4, 4, 1), name="x")
    hidden = L.Conv2D(6, 2, strides=2, bias_initializer="ones", name="conv")(x)
    hidden = SoftLIF(amplitude=0.01, sigma=1e-3, name="lif")(hidden)
    image = L.Conv2D(3, 1, name="image")(hidden)
    number = L.Dense(1, name="number")(L.Flatten()(hidden))
    return keras.Model(x, [image, number])


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return two_outputs()


@pytest.fixture(scope="module")
def network(model):
    return nsl.convert(model)


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).uniform(size=(5, 4, 4, 1))


def test_outputs_have_the_shapes_and_values_of_the_model(model, network, x):
    shown = nsl.Presentation(time=1.0, classify_from=0.2)
    found = nsl.predict(network, x, presentation=shown, progress=False)
    for name, expected in zip(("image", "number"), model.predict(x, verbose=0), strict=True):
        assert found.outputs[name].shape == expected.shape
        # a spike more or less of every neuron, in a readout window of 0.8 s
        weights = model.get_layer(name).get_weights()[0]
        one_spike = 0.01 / 0.8 * np.abs(weights).reshape(-1, weights.shape[-1]).sum(axis=0).max()
        np.testing.assert_allclose(found.outputs[name], expected, atol=one_spike)
    assert (found.outputs["number"] < 0).any()


def test_outputs_over_time_average_to_the_outputs(network, x):
    found = nsl.predict(network, x, presentation=SHORT, keep="outputs", progress=False)
    for name, over_time in found.outputs_over_time.items():
        assert over_time.shape == (5, 50, *network.output_shapes[name])
        np.testing.assert_allclose(
            over_time[:, 30:].mean(axis=1), found.outputs[name], rtol=1e-5, atol=1e-6
        )
    assert found.times[-1] == pytest.approx(0.05) and found.spikes is None


def test_one_of_several_outputs(network, x):
    found = nsl.predict(network, x, output="number", presentation=SHORT, progress=False)
    assert list(found.outputs) == ["number"]
    np.testing.assert_array_equal(np.asarray(found), found.output)
    both = nsl.predict(network, x, presentation=SHORT, progress=False)
    np.testing.assert_array_equal(both.outputs["number"], found.output)
    with pytest.raises(ParameterError, match=r"2 outputs \('image', 'number'\)"):
        np.asarray(both)


@pytest.mark.parametrize("backend", backends.names())
def test_constant_samples_in_every_step_change_nothing(backend):
    model = keras.Sequential(
        [
            keras.Input((2,), name="x"),
            L.Dense(20),
            SoftLIF(amplitude=0.01),
            L.Dense(10),
            SoftLIF(amplitude=0.01),
            L.Dense(2),
        ]
    )
    network = nsl.convert(model)
    x = np.random.default_rng(1).uniform(size=(3, 2))
    options = {"backend": backend, "progress": False}
    constant = nsl.predict(network, x, presentation=nsl.Presentation(time=0.03), **options)
    varying = nsl.predict(network, np.repeat(x[:, np.newaxis], 30, axis=1), **options)
    assert varying.presentation == constant.presentation
    np.testing.assert_allclose(varying.output, constant.output, rtol=1e-5, atol=1e-6)


def test_samples_that_change_reach_the_network_step_by_step():
    with nengo.Network() as net:
        x, y = nengo.Node(np.zeros(2)), nengo.Node(size_in=2)
        nengo.Connection(x, y, synapse=None)
    network = nsl.wrap(net, input=x, output=y)
    samples = np.random.default_rng(0).normal(size=(3, 20, 2))
    for backend in ("compiled", "nengo"):
        found = nsl.predict(network, samples, backend=backend, keep="outputs", progress=False)
        np.testing.assert_allclose(found.output_over_time, samples, rtol=1e-6)


def test_the_time_must_be_that_of_the_samples(network, x):
    varying = np.repeat(x[:, np.newaxis], 30, axis=1)
    with pytest.raises(ParameterError, match=r"30 time steps of 0.001 s: 0.03 s \(got 0.05 s\)"):
        nsl.predict(network, varying, presentation=SHORT)
    encoded = nsl.Presentation(encoding=nsl.RegularSpikes(100))
    with pytest.raises(ParameterError, match="encoding must be None for samples that change"):
        nsl.predict(network, varying, presentation=encoded)


@pytest.mark.parametrize(
    "make",
    [
        lambda x: x.tolist(),
        lambda x: (x * 0 + 1).astype(np.uint8),
        lambda x: x.astype(np.float16),
        lambda x: x > 0.5,
        lambda x: [x],
        lambda x: {"x": x},
        keras.ops.convert_to_tensor,
    ],
    ids=["lists", "uint8", "float16", "bool", "list of one", "dict", "tensor"],
)
def test_samples_come_in_many_forms(network, x, make):
    given = make(x)
    plain = given["x"] if isinstance(given, dict) else given
    plain = np.asarray(plain, float).reshape(x.shape)
    found = nsl.predict(network, given, presentation=SHORT, progress=False)
    expected = nsl.predict(network, plain, presentation=SHORT, progress=False)
    np.testing.assert_array_equal(found.outputs["number"], expected.outputs["number"])


def test_a_memory_map_is_not_read_into_memory(network, x, tmp_path):
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    samples = nsl.networks.Samples.check(network.input_shapes, mapped)
    assert np.shares_memory(samples.arrays["x"], mapped)


def test_too_many_arrays_are_refused(network, x):
    a, b = keras.Input((2,), name="a"), keras.Input((3,), name="b")
    two = nsl.convert(keras.Model([a, b], L.Dense(2)(L.Concatenate()([a, b]))))
    xs = [np.ones((4, 2)), np.ones((4, 3))]
    assert nsl.predict(two, xs, presentation=SHORT, progress=False).n_samples == 4
    with pytest.raises(DatasetError, match=r"2 inputs, a, b \(got 3\)"):
        nsl.predict(two, [*xs, np.ones((4, 3))])
    with pytest.raises(DatasetError, match=r"different numbers of samples: \{'a': 4, 'b': 3\}"):
        nsl.predict(two, [xs[0], xs[1][:3]])
    with pytest.raises(DatasetError, match="the network takes a, b; data came for a"):
        nsl.predict(two, {"a": xs[0]})


def test_one_line_describes_a_prediction(network, x):
    found = nsl.predict(network, x, presentation=SHORT, progress=False)
    assert repr(found) == "<Prediction on compiled: 5 samples of 50 ms>"
    html = found._repr_html_()
    assert "<table>" in html and "data:image/png" in html and "lif" in html
