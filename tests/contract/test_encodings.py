"""Items that are shown as spikes: the same spikes on every backend."""

import keras
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif import backends
from nengo_softlif.errors import DatasetError, SoftLIFError
from nengo_softlif.layers import LinearResetLIF

L = keras.layers
N_ITEMS, N_INPUTS = 5, 6
ENCODINGS = [nsl.RegularSpikes(500), nsl.PoissonSpikes(500), nsl.LatencySpikes()]
OPTIONS = {"presentation_time": 0.1, "classify_from": 0, "progress": False}


@pytest.fixture(scope="module")
def spiking():
    """Neurons of the first layer count the spikes of one input each."""
    layers = [
        keras.Input((N_INPUTS,), name="x"),
        L.Dense(N_INPUTS, use_bias=False),
        LinearResetLIF(leak=False, tau_rc=0.003, amplitude=0.003, name="first"),
        L.Dense(4, use_bias=False),
        LinearResetLIF(leak=False, tau_rc=0.003, amplitude=0.003, name="second"),
        L.Dense(3),
    ]
    model = keras.Sequential(layers)
    rng = np.random.default_rng(0)
    weights = [np.eye(N_INPUTS), rng.uniform(0, 0.4, (N_INPUTS, 4)), rng.normal(size=(4, 3))]
    model.set_weights([*weights, np.zeros(3)])
    return nsl.convert(model, synapse=None)


@pytest.fixture(scope="module")
def items():
    return np.random.default_rng(1).uniform(0, 1, (N_ITEMS, N_INPUTS))


def run(spiking, items, backend, encoding, **options):
    return nsl.evaluate(
        spiking,
        items,
        np.zeros(len(items), int),
        backend=backend,
        encoding=encoding,
        **{**OPTIONS, **options},
    )


@pytest.fixture(scope="module", params=ENCODINGS, ids=lambda encoding: type(encoding).__name__)
def reference(request, spiking, items):
    return request.param, run(spiking, items, "nengo", request.param, keep_spikes=True)


@pytest.mark.parametrize("backend", [name for name in backends.names() if name != "nengo"])
def test_all_backends_get_the_same_spikes(backend, reference, spiking, items):
    encoding, expected = reference
    found = run(spiking, items, backend, encoding, keep_spikes=True)
    counts = [result.spikes["first"].sum(axis=1) for result in (found, expected)]
    # voltages start at zero on Loihi, and rounding may shift a spike to the next presentation
    assert np.abs(counts[0].astype(int) - counts[1]).max() <= 1
    if backend != "loihi":
        assert (found.spikes["first"] != expected.spikes["first"]).mean() < 0.01


def test_rates_come_through(spiking, items):
    result = run(spiking, items, "compiled", nsl.RegularSpikes(500), presentation_time=1.0)
    currents = run(spiking, items, "compiled", None, presentation_time=1.0)
    np.testing.assert_allclose(result.outputs, currents.outputs, atol=0.02)


def test_batches_make_no_difference(spiking, items):
    options = {"keep_spikes": True, "backend": "compiled", "encoding": nsl.PoissonSpikes(500)}
    whole = run(spiking, items, **options)
    parts = run(spiking, items, batch_size=2, **options)
    np.testing.assert_array_equal(whole.spikes["first"], parts.spikes["first"])
    other = run(spiking, items, seed=1, **options)
    assert (whole.spikes["first"] != other.spikes["first"]).any()


def test_values_out_of_range_are_refused(spiking, items):
    with pytest.raises(DatasetError, match="must be from 0 to 1"):
        run(spiking, items - 0.5, "nengo", nsl.RegularSpikes(500))
    run(spiking, items - 0.5, "compiled", nsl.RegularSpikes(500, clip=True))


def test_encodings_that_are_none_are_refused(spiking, items):
    with pytest.raises(SoftLIFError, match=r"RegularSpikes\(max_rate=200\) \(got 'regular'\)"):
        run(spiking, items, "nengo", "regular")
