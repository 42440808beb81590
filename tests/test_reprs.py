"""Every object that a user meets shows in one line."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.layers import FiringRateRegularizer, SoftLIF


@pytest.fixture(scope="module")
def objects():
    L = keras.layers
    layers = [keras.Input((4, 4, 1))]
    for name in "ab":
        layers += [L.Conv2D(3, 2, bias_initializer="ones"), SoftLIF(name=name)]
    spiking = nsl.convert(keras.Sequential([*layers, L.Flatten(), L.Dense(2)], name="small"))
    x = np.random.default_rng(0).uniform(size=(3, 4, 4, 1))
    result = spiking.evaluate(x, [0, 1, 0], progress=False)
    with nengo.Network(label="two nodes") as net:
        a, b = nengo.Node([0]), nengo.Node(size_in=1)
        nengo.Connection(a, b)
    report = nsl.loihi.check(spiking)
    return [
        spiking,
        *(spiking.graph, *spiking.graph.operations, *spiking.layers),
        *(result, result.presentation, result.workload, result.energy()),
        result.firing_rates["a"],
        spiking.predict(x, progress=False),
        *(report, *report.layers),
        nsl.wrap(net, input=a, output=b),
        nsl.Simulator(net, progress_bar=False),
        nsl.networks.Samples.check({"x": (4, 4, 1)}, x),
        nsl.analysis.count_connections(spiking),
        nsl.PresentEncoded(x.reshape(3, -1), 0.1, nsl.RegularSpikes(200)),
        nsl.GatedCells("sub_lstm", 100, forget=np.linspace(0, 1, 100)),
        FiringRateRegularizer(20),
        nsl.datasets.load("digits"),
        *nsl.backends.available(),
        *nsl.compat.status(),
    ]


def test_reprs_are_single_lines(objects):
    for obj in objects:
        text = repr(obj)
        assert "\n" not in text and "array([" not in text, text
        assert " object at 0x" not in text, text
        assert len(text) < 600, text


@pytest.mark.parametrize(
    "encoding, text",
    [
        (nsl.RegularSpikes(200), "RegularSpikes(200)"),
        (nsl.PoissonSpikes(0.5, clip=True), "PoissonSpikes(0.5, clip=True)"),
        (nsl.LatencySpikes(), "LatencySpikes()"),
    ],
)
def test_encodings_show_as_they_are_made(encoding, text):
    assert repr(encoding) == text
    assert eval(text, vars(nsl.functional.encoding)) == encoding


def test_names_are_the_public_ones():
    assert dir(nsl) == sorted(nsl.__all__)
    assert {"convert", "evaluate", "predict", "wrap", "errors", "Presentation"} <= set(dir(nsl))
    with pytest.raises(AttributeError):
        nsl.importlib  # noqa: B018
