"""The hyperbolic tangent of the kernels: how far it is from the exact one, at any number."""

import nengo
import numpy as np
import pytest

from nengo_softlif.functional.activations import activation
from nengo_softlif.simulator.kernels import neurons
from nengo_softlif.simulator.kernels.activations import CURVES, activation_rate
from tests.simulator.comparing import assert_parity
from tests.simulator.test_neurons import driven, kernel_output

SIZES = np.concatenate(
    [np.logspace(-300, 3, 20_001), np.linspace(0, 25, 20_001), np.arange(1, 40) * np.log(2) / 4]
)
X = np.concatenate([-SIZES, SIZES])


def units_off(output, exact, dtype):
    return np.max(np.abs(output - exact) / np.spacing(np.abs(exact).astype(dtype)))


@pytest.mark.parametrize(("dtype", "units"), [(np.float64, 3), (np.float32, 0.51)])
def test_it_is_off_by_some_units_in_the_last_place(dtype, units):
    x = X.astype(dtype)
    output = kernel_output(neurons.tanh, x, dtype, max_rate=1)
    exact = np.tanh(x.astype(np.longdouble))
    assert 0 < units_off(output, exact, dtype) <= units


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_numbers_at_the_ends_and_zeros(dtype):
    info = np.finfo(dtype)
    x = np.array([0.0, info.smallest_subnormal, info.tiny, info.max, np.inf], dtype)
    x = np.concatenate([x, -x, [np.nan]]).astype(dtype)
    output = kernel_output(neurons.tanh, x, dtype, max_rate=1)
    np.testing.assert_array_equal(output, np.tanh(x))
    np.testing.assert_array_equal(np.signbit(output[:-1]), np.signbit(x[:-1]))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ["gelu_tanh", "mish", "tanh_shrink"])
def test_curves_with_it_are_those_of_numpy_at_any_current(name, dtype):
    x = np.concatenate([-np.logspace(-8, 4, 997), [0.0], np.logspace(-8, 4, 997)]).astype(dtype)
    output = kernel_output(activation_rate, x, dtype, curve=CURVES[name], rate=2.0, alpha=0.5)
    # the difference of a number and its tangent has the error of the number
    atol = 4 * np.finfo(dtype).eps * np.minimum(np.abs(x), 1)
    difference = np.abs(output - 2 * activation(name, x, 0.5))
    assert np.all(difference <= 8 * np.finfo(dtype).eps * np.abs(output) + atol)


@pytest.mark.parametrize("kind", [nengo.RegularSpiking, nengo.StochasticSpiking])
def test_spikes_of_both_signs(kind):
    J = np.linspace(-3, 3, 31)
    neuron_type = kind(nengo.Tanh(tau_ref=0.01))
    sim = assert_parity(driven(neuron_type, len(J), gain=np.ones(len(J)), bias=J))
    spikes = sim.data[sim.model.probes[0]]
    assert np.any(spikes > 0) and np.any(spikes < 0)
