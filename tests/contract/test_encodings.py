"""Samples that are shown as spikes: the same spikes on every backend."""

import keras
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif import backends
from nengo_softlif.errors import ParameterError
from nengo_softlif.layers import LinearResetLIF

L = keras.layers
N_SAMPLES, N_INPUTS = 5, 6
ENCODINGS = [nsl.RegularSpikes(500), nsl.PoissonSpikes(500), nsl.LatencySpikes()]


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
def samples():
    return np.random.default_rng(1).uniform(0, 1, (N_SAMPLES, N_INPUTS))


def run(spiking, samples, backend, encoding, *, time=0.1, **options):
    shown = nsl.Presentation(time=time, classify_from=0, encoding=encoding)
    return nsl.predict(
        spiking, samples, backend=backend, presentation=shown, progress=False, **options
    )


@pytest.fixture(scope="module", params=ENCODINGS, ids=lambda encoding: type(encoding).__name__)
def reference(request, spiking, samples):
    return request.param, run(spiking, samples, "nengo", request.param, keep="spikes")


@pytest.mark.parametrize("backend", [name for name in backends.names() if name != "nengo"])
def test_all_backends_get_the_same_spikes(backend, reference, spiking, samples):
    encoding, expected = reference
    found = run(spiking, samples, backend, encoding, keep="spikes")
    counts = [result.spikes["first"].sum(axis=1) for result in (found, expected)]
    # voltages start at zero on Loihi, and rounding may shift a spike to the next presentation
    assert np.abs(counts[0].astype(int) - counts[1]).max() <= 1
    if backend != "loihi":
        assert (found.spikes["first"] != expected.spikes["first"]).mean() < 0.01


def test_rates_come_through(spiking, samples):
    result = run(spiking, samples, "compiled", nsl.RegularSpikes(500), time=1.0)
    currents = run(spiking, samples, "compiled", None, time=1.0)
    np.testing.assert_allclose(result.output, currents.output, atol=0.02)


def test_batches_make_no_difference(spiking, samples):
    options = {"keep": "spikes", "backend": "compiled", "encoding": nsl.PoissonSpikes(500)}
    whole = run(spiking, samples, **options)
    parts = run(spiking, samples, batch_size=2, **options)
    np.testing.assert_array_equal(whole.spikes["first"], parts.spikes["first"])
    other = run(spiking, samples, seed=1, **options)
    assert (whole.spikes["first"] != other.spikes["first"]).any()


def test_values_out_of_range_are_refused(spiking, samples):
    with pytest.raises(ParameterError, match="from 0 to 1"):
        run(spiking, samples - 0.5, "nengo", nsl.RegularSpikes(500))
    run(spiking, samples - 0.5, "compiled", nsl.RegularSpikes(500, clip=True))
