"""Advice on the options of conversion, on files, and on rate versions."""

import json
import zipfile
from pathlib import Path

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.conversion import balanced_scales, storage
from nengo_softlif.layers import SoftLIF
from nengo_softlif.neurons import register_rate_version
from tests.hints.following import SHORT, Advice, converted, follow, samples_of, sequential

L = keras.layers
X = np.random.default_rng(0).uniform(0, 1, size=(5, 4))


def relus(*names):
    layers = [L.Dense(5, activation="relu", name=name) for name in names or ["hidden"]]
    return sequential(*layers, L.Dense(3, name="out"))


def soft():
    return sequential(L.Dense(5), SoftLIF(name="lif"))


def rates(network, **options):
    return nsl.predict(network, X, **SHORT, **options).mean_rates


class Unscaled(nengo.neurons.NeuronType):
    """Neurons without an amplitude."""

    spiking = True

    def rates(self, x, gain, bias):
        return np.maximum(self.current(x, gain, bias), 0)

    def step(self, dt, J, output):
        output[...] = np.maximum(J, 0)


class Scaled(Unscaled):
    """The same with an amplitude."""

    amplitude = nengo.params.NumberParam("amplitude", low=0, low_open=True, readonly=True)

    def __init__(self, amplitude=1.0):
        super().__init__()
        self.amplitude = amplitude

    def rates(self, x, gain, bias):
        return self.amplitude * super().rates(x, gain, bias)

    def step(self, dt, J, output):
        output[...] = self.amplitude * np.maximum(J, 0)


class Saturating(nengo.LIFRate):
    """Neurons that fire at less than 50 Hz, and don't say so."""

    def rates(self, x, gain, bias):
        return 50 * np.tanh(np.maximum(self.current(x, gain, bias), 0))


class NoRates(nengo.neurons.NeuronType):
    """Neurons whose rates nobody knows."""

    spiking = True

    def step(self, dt, J, output):
        output[...] = np.maximum(J, 0)


class WithRates(NoRates):
    def rates(self, x, gain, bias):
        return np.maximum(self.current(x, gain, bias), 0)


def verified_with(neuron_type):
    model = relus()
    network = nsl.convert(model, neurons={"relu": neuron_type}, scale=1)
    return bool(nsl.conversion.verify(model, network, X))


def saturated(rate):
    neurons = {"relu": Saturating(tau_ref=0.001)}
    return nsl.convert(relus(), neurons=neurons, target_rates=rate, calibration=X)


def registered():
    class Registered(NoRates):
        pass

    @register_rate_version(Registered)
    def _(neuron_type):
        return nengo.RectifiedLinear(), 1.0

    return verified_with(Registered())


def with_renamed_layer():
    model = relus("first", "default")
    model.layers[1].name = "second"
    return nsl.convert(model, synapse={"default": None}).graph["first"].synapse is None


def strict(**options):
    return converted(sequential(L.Dense(3, activation="gelu", name="g")), strict=True, **options)


CASES = [
    Advice(
        ". Use convert(..., target_rates=...) there",
        lambda: balanced_scales(soft(), X, n_steps=8),
        lambda: rates(nsl.convert(soft(), target_rates=100, calibration=X))["lif"].max() > 0,
    ),
    Advice(
        "; give other samples",
        lambda: balanced_scales(sequential(L.ReLU(name="r")), -X, n_steps=8),
        lambda: list(balanced_scales(sequential(L.ReLU(name="r")), X, n_steps=8)) == ["r"],
    ),
    Advice(
        "; pass one of them",
        lambda: nsl.convert(relus(), scale=2, target_rates=100, calibration=X),
        lambda: converted(relus(), scale=2) and converted(relus(), target_rates=9, calibration=X),
    ),
    Advice(
        "; pass both, as in target_rates=100, calibration=x_train[:200]",
        lambda: nsl.convert(relus(), calibration=X),
        lambda: converted(relus(), target_rates=100, calibration=X[:200]),
    ),
    Advice(
        "; pass both, or leave percentile out",
        lambda: nsl.convert(relus(), percentile=99),
        lambda: (
            converted(relus(), target_rates=100, calibration=X, percentile=99)
            and converted(relus())
        ),
    ),
    Advice(
        "; pass calibration=x_train[:200]",
        lambda: nsl.convert(relus(), target_rates=100),
        lambda: converted(relus(), target_rates=100, calibration=X[:200]),
    ),
    Advice(
        "Hz (1 / tau_ref); ask for less",
        lambda: nsl.convert(soft(), target_rates=600, calibration=X),
        lambda: nsl.convert(soft(), target_rates=400, calibration=X).n_neurons == 5,
    ),
    Advice(
        "Hz; ask for less",
        lambda: saturated(60),
        lambda: saturated(40),
    ),
    Advice(
        "Name a type for it, such as neurons={",
        lambda: strict(),
        lambda: strict(neurons={"gelu": nengo.RegularSpiking(nsl.neurons.ActivationRate("gelu"))}),
    ),
    Advice(
        ", train with SoftLIF, or leave out strict=True",
        lambda: strict(),
        lambda: (
            converted(soft(), strict=True)
            and converted(sequential(L.Dense(3, activation="gelu", name="g")))
        ),
    ),
    Advice(
        "; rename the layer (layer.name = ...) before it is converted",
        lambda: nsl.convert(relus("first", "default"), synapse={"default": None}),
        with_renamed_layer,
    ),
    Advice(
        "; rename the layer",
        lambda: nsl.convert(relus("relu", "b"), neurons={"relu": nengo.SpikingRectifiedLinear()}),
        lambda: converted(relus("a", "b"), neurons={"relu": nengo.SpikingRectifiedLinear()}),
    ),
    Advice(
        "; give the class a parameter amplitude, or use another neuron type, or scale 1",
        lambda: nsl.convert(relus(), neurons={"relu": Unscaled()}, scale=2),
        lambda: (
            converted(relus(), neurons={"relu": nengo.SpikingRectifiedLinear()}, scale=2)
            and converted(relus(), neurons={"relu": Unscaled()}, scale=1)
            and converted(relus(), neurons={"relu": Scaled()}, scale=2)
        ),
    ),
    Advice(
        "; choose one of default, hidden",
        lambda: nsl.convert(relus(), synapse={"hiden": 0.01}),
        lambda: converted(relus(), synapse={"hidden": 0.01, "default": None}),
    ),
    Advice(
        "; give the class a method rates(x, gain, bias), or register a rate type with "
        "nengo_softlif.neurons.register_rate_version",
        lambda: verified_with(NoRates()),
        lambda: verified_with(WithRates()) and registered(),
    ),
]


@pytest.mark.parametrize("advice", CASES, ids=[case.hint[:30] for case in CASES])
def test_options(advice):
    follow(advice)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "net.zip"
    nsl.convert(relus()).save(path)
    return path


def same(path, network):
    """Whether a file holds a network."""
    loaded = nsl.SpikingNetwork.load(path)
    outputs = [nsl.predict(n, X, **SHORT).output for n in (loaded, network)]
    return np.array_equal(*outputs)


def rewritten(path, change):
    """The path of a copy of a network's file in which something was changed."""
    other = path.with_name("other.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return other


def of_version(name, content):
    if name.endswith(".json"):
        return json.dumps({**json.loads(content), "version": 99})
    return content


def without_arrays(name, content):
    return None if name.endswith(".npy") else content


def changed():
    network = nsl.convert(relus())
    network.net.ensembles[0].neuron_type = nengo.SpikingRectifiedLinear()
    return network


def test_files(saved, tmp_path):
    network = nsl.convert(relus())
    load, again = nsl.SpikingNetwork.load, tmp_path / "again.zip"

    def saved_again():
        network.save(again)
        return same(again, network)

    truncated = tmp_path / "truncated.zip"
    truncated.write_bytes(saved.read_bytes()[:100])
    keras_file = tmp_path / "model.keras"
    relus().save(keras_file)
    for advice in [
        Advice("; give the path of a file", lambda: network.save(3), saved_again),
        Advice("; give the path of a file", lambda: load(3), lambda: same(saved, network)),
        Advice("; give the path of a file", lambda: network.save(tmp_path), saved_again),
        Advice("; save the network again", lambda: load(truncated), saved_again),
        Advice(
            "is missing; save the network again",
            lambda: load(rewritten(saved, without_arrays)),
            saved_again,
        ),
        Advice(
            "; convert the model again", lambda: load(rewritten(saved, of_version)), saved_again
        ),
        Advice(
            "; a Keras model (.keras) has to be converted first",
            lambda: load(keras_file),
            lambda: converted(keras.saving.load_model(keras_file)),
        ),
        Advice(
            "\nMake them after loading, or give nengo_softlif.convert the options for them",
            lambda: changed().save(again),
            lambda: stored_with_options(again),
        ),
        Advice(
            "can't be stored; use one of ",
            lambda: nsl.convert(relus(), neurons={"relu": WithRates()}, scale=1).save(again),
            lambda: stored_with_options(again),
        ),
        Advice(
            "; convert the weights to float64 or float32",
            lambda: with_kernel(np.longdouble).save(again),
            lambda: with_kernel(np.float64).save(again) is None,
        ),
    ]:
        follow(advice)


def stored_with_options(path):
    network = nsl.convert(relus(), neurons={"relu": nengo.SpikingRectifiedLinear()})
    network.save(path)
    return same(path, network)


def with_kernel(dtype):
    from dataclasses import replace

    network = nsl.convert(relus())
    op = next(op for op in network.graph.operations if hasattr(op, "weights"))
    graph = network.graph.replaced({op.name: replace(op, weights=op.weights.astype(dtype))})
    return nsl.SpikingNetwork(graph)


def test_a_layer_beyond_the_limit_is_to_be_made_smaller(monkeypatch, tmp_path):
    monkeypatch.setattr(storage.files, "_MAX_ARRAY_BYTES", storage.files._MAX_HEADER_BYTES + 1000)
    path: Path = tmp_path / "net.zip"
    follow(
        Advice(
            "; make the layer smaller",
            lambda: nsl.convert(sequential(L.Dense(400))).save(path),
            lambda: nsl.convert(sequential(L.Dense(4))).save(path) is None,
        )
    )


def test_samples_of_several_inputs():
    model = keras.Model(
        [a := keras.Input((2,), name="a"), b := keras.Input((2,), name="b")],
        L.ReLU(name="r")(L.Concatenate()([a, b])),
    )
    network, (xa, xb) = nsl.convert(model), samples_of(model)
    follow(
        Advice(
            "; pass a list of arrays in that order, or a dict by these names",
            lambda: nsl.predict(network, [xa, xb, xa], **SHORT),
            lambda: np.array_equal(
                nsl.predict(network, [xa, xb], **SHORT).output,
                nsl.predict(network, {"b": xb, "a": xa}, **SHORT).output,
            ),
        )
    )


def test_inhibition():
    def inhibited(n_channels):
        return sequential(
            L.Dense(6), SoftLIF(inhibition=nsl.Inhibition(0.02, n_channels), name="lif")
        )

    follow(
        Advice(
            ".inhibition.n_channels must divide the number of channels, ",
            lambda: inhibited(4),
            lambda: inhibited(3).get_layer("lif").inhibition.n_channels == 3,
        )
    )
    model = inhibited(3)
    follow(
        Advice(
            "; leave out neurons= for the layer, or train it without inhibition",
            lambda: nsl.conversion.verify(
                model, nsl.convert(model, neurons={"lif": nengo.LIF()}), X
            ),
            lambda: nsl.conversion.verify(model, nsl.convert(model), X),
        )
    )
    follow(
        Advice(
            "; give nengo_softlif.Inhibition(0.02), for instance",
            lambda: SoftLIF(inhibition=0.02),
            lambda: SoftLIF(inhibition=nsl.Inhibition(0.02)).inhibition.n_channels == 1,
        )
    )
