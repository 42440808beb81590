"""Converted networks spike as in `nengo.Simulator`, and decide the same in single precision."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.layers import LinearResetLIF, SoftLIF

L = keras.layers
SHAPE = (12, 12, 1)
STEPS = 200


def lif(name):
    return SoftLIF(amplitude=0.01, name=name)


def linear_reset(name):
    return LinearResetLIF(leak=False, tau_rc=1.0, name=name)


def model(neurons):
    keras.utils.set_random_seed(0)
    bias = "ones" if neurons is lif else "zeros"
    return keras.Sequential(
        [
            keras.Input(SHAPE),
            L.Conv2D(6, 3, strides=2, bias_initializer=bias),
            neurons("first"),
            L.AveragePooling2D(2, strides=1),
            L.Conv2D(20, 2, padding="same", bias_initializer=bias),
            neurons("second"),
            L.Flatten(),
            L.Dense(30, bias_initializer=bias),
            neurons("third"),
            L.Dense(10),
        ]
    )


NETWORKS = {
    "alpha": (lif, {"synapse": nengo.Alpha(0.005)}),
    "lowpass": (lif, {"synapse": nengo.Lowpass(0.005)}),
    "no synapse": (lif, {"synapse": None}),
    "linear reset": (linear_reset, {"target_rates": 150}),
}


@pytest.fixture(scope="module")
def images():
    return np.random.RandomState(0).uniform(0, 1, (12, *SHAPE))


@pytest.fixture(scope="module", params=list(NETWORKS))
def spiking(request, images):
    neurons, options = NETWORKS[request.param]
    if "target_rates" in options:
        options = {**options, "calibration": images}
    return nsl.convert(model(neurons), **options)


def test_spikes_and_outputs_agree_with_nengo(spiking, images):
    spiking.input.output = images[0].ravel()
    try:
        with spiking.net:
            layers = [nengo.Probe(layer.neurons) for layer in spiking.layers]
            output = nengo.Probe(spiking.output)
        with nengo.Simulator(spiking.net, progress_bar=False) as reference:
            reference.run_steps(STEPS)
        with nsl.Simulator(spiking.net, progress_bar=False) as sim:
            sim.run_steps(STEPS)
    finally:
        spiking.net.probes.clear()
        spiking.input.output = np.zeros(images[0].size)
    assert not sim.plan.python
    counts, expected = (
        np.concatenate([np.count_nonzero(s.data[probe], axis=0) for probe in layers])
        for s in (sim, reference)
    )
    assert expected.sum() > 100
    assert np.mean(counts == expected) >= 0.999
    different = [np.any(sim.data[p] != reference.data[p], axis=1) for p in layers]
    first = np.append(np.flatnonzero(np.any(different, axis=0)), STEPS)[0]
    np.testing.assert_allclose(
        sim.data[output][:first],
        reference.data[output][:first],
        rtol=1e-6,
        atol=1e-6 * np.abs(reference.data[output]).max(),
    )


def evaluate(spiking, images, backend, **options):
    return nsl.evaluate(
        spiking,
        images,
        np.zeros(len(images), int),
        backend=backend,
        presentation=nsl.Presentation(time=0.1),
        progress=False,
        **options,
    )


def test_predictions_in_single_precision_are_those_of_nengo(spiking, images):
    ours = evaluate(spiking, images, "compiled", keep="spikes")
    reference = evaluate(spiking, images, "nengo", keep="spikes")
    top = np.sort(reference.output, axis=1)
    clear = top[:, -1] - top[:, -2] > 1e-3 * np.ptp(reference.output)
    np.testing.assert_array_equal(ours.predictions[clear], reference.predictions[clear])
    for layer, rates in reference.mean_rates.items():
        assert ours.mean_rates[layer].mean() == pytest.approx(rates.mean(), rel=1e-3)
        same = ours.spikes[layer].sum(axis=1) == reference.spikes[layer].sum(axis=1)
        assert np.mean(same) >= 0.99


def test_threads_and_batches_do_not_matter(spiking, images):
    whole = evaluate(spiking, images, "compiled", threads=1)
    for options in ({"threads": 2}, {"batch_size": 5}, {"batch_size": 1, "threads": 3}):
        other = evaluate(spiking, images, "compiled", **options)
        np.testing.assert_array_equal(other.output, whole.output)
        for layer, rates in whole.mean_rates.items():
            np.testing.assert_array_equal(other.mean_rates[layer], rates)


def test_summed_spikes_are_the_sum_of_those_kept(spiking, images):
    kept = evaluate(spiking, images[:4], "compiled", keep="spikes")
    for layer, rates in evaluate(spiking, images[:4], "compiled").mean_rates.items():
        np.testing.assert_allclose(rates, kept.mean_rates[layer], rtol=1e-5)
