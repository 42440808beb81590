"""Every dtype policy of Keras trains with our layers, or is refused by name."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from nengo_softlif.errors import ParameterError
from nengo_softlif.layers import (
    DiscreteLIF,
    FiringRateRegularizer,
    LeakyIntegrator,
    LinearResetLIF,
    LocallyConnected2D,
    OverTime,
    RecurrentLIF,
    SoftLIF,
)
from tests.layers.precision_program import LAYERS, POLICIES, TRAINED

# Results are rounded once: by half of the last bit.
HALF_A_BIT = {"float16": 2.0**-11, "bfloat16": 2.0**-8}


@pytest.fixture(scope="module", params=["tensorflow", "jax"])
def measured(request):
    """What `precision_program` finds on a backend."""
    result = subprocess.run(
        [sys.executable, "-m", "tests.layers.precision_program"],
        capture_output=True,
        text=True,
        env={**os.environ, "KERAS_BACKEND": request.param, "TF_CPP_MIN_LOG_LEVEL": "3"},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def case(policy, layer="SoftLIF"):
    return f"{policy}, {layer}"


def test_outputs_and_slopes_of_every_policy_are_those_of_float32_rounded_once(measured):
    """The program itself holds slopes to being finite, from the lowest to the highest current."""
    for policy in POLICIES:
        limit = HALF_A_BIT.get(policy.removeprefix("mixed_"), 1e-5)
        for layer in LAYERS:
            assert measured[case(policy, layer)]["error"] <= 1.001 * limit, (policy, layer)


def test_noise_of_every_policy_has_the_distribution_of_float32(measured):
    for policy in TRAINED:
        for layer in LAYERS:
            (mean, std), expected = measured[case(policy, layer)]["noise"]
            # 20,000 draws of 10 Hz: five standard errors, and the rounding of outputs
            assert [mean, std] == pytest.approx(expected, abs=0.35), (policy, layer)


def test_a_network_learns_under_every_policy_that_is_not_refused(measured):
    for policy, (before, after) in measured["losses"].items():
        assert after < 0.5 * before, (policy, before, after)


LAYER_CLASSES = [SoftLIF, LinearResetLIF, lambda **kwargs: LocallyConnected2D(2, 3, **kwargs)]


@pytest.mark.parametrize("make", LAYER_CLASSES)
@pytest.mark.parametrize("policy", ["int8_from_float32", "float8_from_mixed_bfloat16", "int32"])
def test_policies_without_gradient_are_refused_by_name(make, policy):
    with pytest.raises(ParameterError, match=rf"s.dtype must .*got '{policy}'.*dtype='"):
        make(dtype=policy, name="s")


def test_what_the_refusal_of_a_quantized_policy_recommends_works():
    with pytest.raises(ParameterError, match=r"dtype='mixed_bfloat16', and call model.quantize"):
        SoftLIF(dtype="int8_from_mixed_bfloat16")
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            LocallyConnected2D(2, 3, bias_initializer="ones"),
            SoftLIF(amplitude=0.01),
            keras.layers.Flatten(),
            keras.layers.Dense(3),
        ]
    )
    x = np.random.default_rng(0).uniform(size=(4, 8, 8, 1)).astype("float32")
    expected = model.predict(x, verbose=0)
    with pytest.warns(UserWarning, match="does not have a `quantize` method"):
        model.quantize("int8")
    assert model.layers[-1].quantization_mode == "int8"
    # 8 bits: a step of 1/127 of the largest value, in weights and in inputs
    np.testing.assert_allclose(
        model.predict(x, verbose=0), expected, atol=2 / 127 * np.abs(expected).max() * 4
    )


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("percentile", [None, 99.9])
def test_the_regularizer_computes_in_single_precision(dtype, percentile):
    hz = np.full((64, 2000), 900.0, "float32")  # their sum is not in the range of float16
    penalty = FiringRateRegularizer(450, percentile=percentile)(keras.ops.cast(hz, dtype))
    assert keras.backend.standardize_dtype(penalty.dtype) == "float32"
    assert float(penalty) == pytest.approx(1.0, rel=0.02)


def test_inputs_of_integers_are_currents():
    np.testing.assert_array_equal(SoftLIF()(np.array([[2]])), SoftLIF()(np.array([[2.0]])))


def test_training_is_refused_if_weights_have_half_precision(measured):
    for policy, text in measured["refusals"].items():
        assert f"got the dtype policy '{policy}'" in text
        assert f"make the model with the dtype policy 'mixed_{policy}'" in text


SPIKING = {
    "DiscreteLIF": lambda **kwargs: DiscreteLIF(trainable_decay=True, **kwargs),
    "RecurrentLIF": RecurrentLIF,
    "LeakyIntegrator": lambda **kwargs: LeakyIntegrator(over_time="all", **kwargs),
    "OverTime": lambda **kwargs: OverTime(keras.layers.Dense(5, **kwargs), **kwargs),
}


@pytest.mark.parametrize("layer", SPIKING)
@pytest.mark.parametrize("policy", ["float16", "bfloat16"])
def test_layers_over_time_learn_or_are_refused_by_name(layer, policy):
    x = np.random.default_rng(0).uniform(size=(32, 6, 5)).astype("float32")

    def training(policy):
        keras.utils.set_random_seed(0)
        layers = [SPIKING[layer](dtype=policy, name="s"), keras.layers.Flatten(dtype=policy)]
        last = keras.layers.Dense(2, dtype=policy)
        model = keras.Sequential([keras.Input((6, 5), dtype="float32"), *layers, last])
        assert np.isfinite(np.asarray(model(x), float)).all()
        model.compile(keras.optimizers.Adam(1e-2), "mse")
        return model.fit(x, x[:, :2, 0], epochs=20, verbose=0).history["loss"]

    with pytest.raises(ParameterError, match=rf"s: weights must .*'mixed_{policy}'") as caught:
        training(policy)
    assert f"got the dtype policy '{policy}'" in str(caught.value)
    before, *_, after = training(f"mixed_{policy}")
    assert after < 0.8 * before
