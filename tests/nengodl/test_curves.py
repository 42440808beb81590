"""The fused TensorFlow curves against NumPy and finite differences."""

import doctest

import numpy as np
import pytest

from nengo_softlif.functional import soft_lif_rate_and_slope

tf = pytest.importorskip("tensorflow")
pytest.importorskip("nengo_dl")

from nengo_softlif.nengodl import curves  # noqa: E402
from nengo_softlif.nengodl.curves import linear_reset_lif, soft_lif  # noqa: E402

CURRENTS = np.concatenate(
    [[-1e6, -1e3], np.linspace(-2, 4, 101), 1 + np.linspace(-1e-3, 1e-3, 21), [1e3, 1e6]]
)


def test_examples_in_the_docstrings():
    assert doctest.testmod(curves).attempted > 0
    assert doctest.testmod(curves).failed == 0


def evaluate(curve, J, dtype, **parameters):
    """Return rate and gradient as arrays; parameters become tensors of ``dtype``."""
    J = tf.constant(J, dtype)
    parameters = {
        name: value if isinstance(value, bool) or tf.is_tensor(value) else tf.constant(value, dtype)
        for name, value in parameters.items()
    }
    with tf.GradientTape() as tape:
        tape.watch(J)
        rates = curve(J, **parameters)
    slopes = tape.gradient(rates, J)
    assert rates.dtype == slopes.dtype == dtype
    return rates.numpy().astype(float), slopes.numpy().astype(float)


@pytest.mark.parametrize("dtype, rtol", [(tf.float32, 2e-4), (tf.float64, 1e-12)])
@pytest.mark.parametrize("sigma", [1e-4, 0.02, 1.0])
def test_rate_and_gradient_are_those_of_numpy(dtype, rtol, sigma):
    parameters = {"tau_rc": 0.03, "tau_ref": 0.001, "amplitude": 0.5, "sigma": sigma}
    J = CURRENTS.astype(dtype.as_numpy_dtype)
    rates, slopes = evaluate(soft_lif, J, dtype, **parameters)
    expected = soft_lif_rate_and_slope(J.astype(float), **parameters)
    np.testing.assert_allclose(rates, expected[0], rtol=rtol)
    np.testing.assert_allclose(slopes, expected[1], rtol=10 * rtol, atol=1e-30)


def test_gradient_is_the_finite_difference():
    parameters = {"tau_rc": 0.02, "tau_ref": 0.002, "amplitude": 1.0, "sigma": 0.05}
    J, step = np.linspace(0.5, 3, 101), 1e-6
    _, slopes = evaluate(soft_lif, J, tf.float64, **parameters)
    above, _ = evaluate(soft_lif, J + step, tf.float64, **parameters)
    below, _ = evaluate(soft_lif, J - step, tf.float64, **parameters)
    np.testing.assert_allclose(slopes, (above - below) / (2 * step), rtol=1e-6, atol=1e-6)


def test_parameters_may_differ_between_neurons():
    parameters = {
        "tau_rc": np.array([0.02, 0.05]),
        "tau_ref": np.array([0.002, 0.0]),
        "amplitude": np.array([1.0, 0.1]),
        "sigma": np.array([0.02, 0.5]),
    }
    J = np.array([[0.5, 0.5], [2.0, 2.0], [-50.0, 30.0]])
    rates, slopes = evaluate(soft_lif, J, tf.float64, **parameters)
    expected = soft_lif_rate_and_slope(J, **parameters)
    np.testing.assert_allclose(rates, expected[0], rtol=1e-12)
    np.testing.assert_allclose(slopes, expected[1], rtol=1e-12)


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_without_leak_it_is_a_rectified_line_flat_at_zero(dtype):
    J = np.array([-1e6, -1.0, 0.0, 0.5, 1e6])
    rates, slopes = evaluate(
        linear_reset_lif, J, dtype, tau_rc=0.01, amplitude=0.5, sigma=0.02, leak=False
    )
    np.testing.assert_allclose(rates, 50 * np.maximum(J, 0), rtol=1e-6)
    np.testing.assert_allclose(slopes, [0, 0, 0, 50, 50], rtol=1e-6)


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_leak_may_differ_between_neurons(dtype):
    parameters = {"tau_rc": 0.01, "amplitude": 1.0, "sigma": 0.1}
    J = np.linspace(-1e6, 1e6, 7)
    both = evaluate(
        linear_reset_lif,
        np.stack([J, J], axis=1),
        dtype,
        leak=tf.constant([[True, False]]),
        **parameters,
    )
    for k, leak in enumerate([True, False]):
        alone = evaluate(linear_reset_lif, J, dtype, leak=leak, **parameters)
        np.testing.assert_allclose([x[:, k] for x in both], alone, rtol=1e-6)
        assert np.all(np.isfinite(alone))
