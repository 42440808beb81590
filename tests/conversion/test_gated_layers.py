"""Spiking LSTM and subLSTM in converted networks: spike for spike on every backend."""

import json
import zipfile

import keras
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.analysis import count_connections
from nengo_softlif.conversion import compare_spikes
from nengo_softlif.errors import BackendError, ConversionError, FileError, ParameterError
from nengo_softlif.functional.time_gate import TimeGate
from nengo_softlif.layers import DiscreteLIF, LeakyIntegrator, SpikingLSTM, SubLSTM
from tests.layers.gated_on_backends import LAYERS, make_layer

L = keras.layers
X = np.random.default_rng(0).normal(size=(5, 12, 6)).astype("float32")


@pytest.fixture(scope="module")
def model():
    """All kinds of cells in branches, some of them behind others."""
    keras.utils.set_random_seed(0)
    x = keras.Input((12, 6))
    branches = [make_layer(kind, 10, name=kind)(x) for kind in LAYERS]
    both = L.BatchNormalization()(L.Concatenate()(branches))
    last = SpikingLSTM(10, name="last")(DiscreteLIF(0.5, 0.3, name="lif")(L.Dense(20)(both)))
    output = L.Dense(4)(L.Concatenate()([both, last]))
    model = keras.Model(x, LeakyIntegrator(0.9, "last")(output))
    for weight in model.get_layer("last").weights:  # so that something gets there
        weight.assign(2 * weight)
    return model


@pytest.mark.parametrize("backend", ["compiled", "nengo", "nengo_dl"])
def test_every_spike_and_every_output_is_that_of_keras(model, backend, tmp_path):
    if backend == "nengo_dl":
        pytest.importorskip("nengo_dl")
    nsl.convert(model).save(tmp_path / "network.zip")
    spiking = nsl.SpikingNetwork.load(tmp_path / "network.zip")
    found = spiking.predict(X, backend=backend, progress=False).output
    np.testing.assert_allclose(found, model.predict(X, verbose=0), rtol=1e-4, atol=1e-5)
    layers = compare_spikes(model, spiking, X, backend=backend)
    spiking_kinds = [kind for kind in LAYERS if not kind.startswith("rates")]
    assert [layer.name for layer in layers] == [*spiking_kinds, "lif", "last"]
    for layer in layers:
        assert layer.n_differing == 0 and layer.n_spikes > 20, str(layers)


def test_samples_do_not_depend_on_those_before(model):
    spiking = nsl.convert(model)
    one_by_one = [spiking.predict(X[k : k + 1], progress=False).output[0] for k in (1, 0)]
    together = spiking.predict(X[:2], progress=False).output[::-1]
    np.testing.assert_allclose(one_by_one, together, rtol=1e-6)


def test_gates_and_outputs_are_neurons():
    model = keras.Sequential([keras.Input((12, 6)), SpikingLSTM(10, name="a"), L.Dense(2)])
    spiking = nsl.convert(model)
    assert {layer.name: layer.n_neurons for layer in spiking.layers} == {"a/gates": 40, "a": 10}
    counts = count_connections(spiking)
    # input and outputs to gates, gates to cells, cells to outputs, outputs to readout
    assert counts.n_connections == 6 * 40 + 10 * 40 + 40 + 10 + 10 * 2


def test_rates_count_as_numbers_of_every_step():
    model = keras.Sequential([keras.Input((12, 6)), SubLSTM(10, name="a"), L.Dense(2)])
    spiking = nsl.convert(model)
    counts = count_connections(spiking)
    assert counts.n_connections == 6 * 40 + 10 * 40 + 10 * 2
    assert sum(p.n_connections for p in counts.projections) == counts.n_connections
    assert not any(p.spikes for p in counts.projections)


def test_models_of_rates_have_no_spikes_to_compare():
    model = keras.Sequential([keras.Input((12, 6)), SubLSTM(10), L.Dense(2)])
    with pytest.raises(ParameterError, match=r"no layer that spikes.*model.predict"):
        compare_spikes(model, nsl.convert(model), X)


@pytest.mark.parametrize("layer", [SpikingLSTM(8), SubLSTM(8)], ids=lambda x: type(x).__name__)
def test_loihi_says_why_not(layer):
    stack = [layer, L.Dense(4), DiscreteLIF(), L.Dense(3), LeakyIntegrator()]
    model = keras.Sequential([keras.Input((12, 6)), *stack])
    pytest.importorskip("nengo_loihi")
    with pytest.raises(ConversionError, match=r"no gated recurrent cells.*RecurrentLIF"):
        nsl.convert(model, target="loihi")
    with pytest.raises(BackendError, match=r"no gated recurrent cells.*another backend"):
        nsl.convert(model).predict(X, backend="loihi", progress=False)


def test_weights_that_are_no_numbers_are_refused():
    model = keras.Sequential([keras.Input((12, 6)), SpikingLSTM(8, name="a")])
    model.layers[0].recurrent_kernel.assign(np.full((8, 32), np.nan))
    with pytest.raises(ConversionError, match=r"a .*'recurrent_kernel' has 256 NaN"):
        nsl.convert(model)


@pytest.mark.parametrize(
    "operation, field, value, words",
    [
        ("Cells", "cell", "gru", "unknown cells"),
        ("Cells", "threshold", 0, "threshold.*above 0"),
        ("Cells", "open_fraction", -1, "open_fraction.*above 0"),
        ("Cells", "leak", 2, "from 0 to 1"),
        ("Cells", "shift", None, "both period and shift"),
        ("Cells", "shape", [9], "must be"),
        ("Feedback", "target", "nobody", "can't take it"),
        ("Feedback", "target", "input", "can't take it"),
        ("Feedback", "shape", [9], "size must be 40"),
    ],
)
def test_damaged_files_are_refused(operation, field, value, words, tmp_path):
    gate = TimeGate((4, 9), 0.5)
    model = keras.Sequential([keras.Input((12, 6), name="input"), SpikingLSTM(10, time_gate=gate)])
    nsl.convert(model).save(tmp_path / "good.zip")
    with (
        zipfile.ZipFile(tmp_path / "good.zip") as good,
        zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad,
    ):
        for name in good.namelist():
            data = good.read(name)
            if name == "network.json":
                document = json.loads(data)
                for op in document["operations"]:
                    if op["operation"] == operation:
                        op[field] = value
                data = json.dumps(document)
            bad.writestr(name, data)
    with pytest.raises(FileError, match=words):
        nsl.SpikingNetwork.load(tmp_path / "bad.zip")
