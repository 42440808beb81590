"""Populations too large for a core are split until each part fits."""

import keras
import nengo_loihi
import numpy as np
import pytest
from nengo_loihi.block import MAX_SYNAPSE_BITS

import nengo_softlif as nsl
from nengo_softlif.layers import LinearResetLIF, SoftLIF

L = keras.layers


@pytest.mark.parametrize("neurons", [SoftLIF, LinearResetLIF])
def test_kernels_that_do_not_divide_evenly(neurons):
    """NengoLoihi would make two parts, each 8 % too large."""
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((28, 28, 1)),
        L.Conv2D(16, 5, strides=2, bias_initializer="ones"),
        SoftLIF(amplitude=0.01),
        L.Conv2D(32, 5, strides=2, bias_initializer="ones"),
        neurons(amplitude=0.01, name="second"),
        L.Flatten(),
        L.Dense(10),
    ]
    spiking = nsl.convert(keras.Sequential(layers))
    with nengo_loihi.Simulator(spiking.net, target="sim") as sim:
        parts = [b for b in sim.model.blocks if "second" in b.label]
        assert 2 < len(parts) <= 4
        assert all(sum(s.bits() for s in b.synapses) <= MAX_SYNAPSE_BITS for b in parts)
        sim.run_steps(2)


def test_splitting_does_not_change_the_result():
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((12, 12, 1)),
        L.Conv2D(8, 3, bias_initializer="ones"),
        SoftLIF(amplitude=0.01, name="first"),
        L.Conv2D(48, 3, strides=2, bias_initializer="ones"),
        SoftLIF(amplitude=0.01, name="second"),
        L.Flatten(),
        L.Dense(4),
    ]
    model = keras.Sequential(layers)
    spiking = nsl.convert(model)
    x = np.random.default_rng(0).uniform(size=(1, 12, 12, 1))
    options = {"presentation_time": 0.2, "progress": False}
    on_loihi, on_nengo = (
        nsl.evaluate(spiking, x, [0], backend=backend, **options) for backend in ("loihi", "nengo")
    )
    rates = [r.mean_rates["second"] for r in (on_loihi, on_nengo)]
    assert np.corrcoef(*rates)[0, 1] > 0.97
