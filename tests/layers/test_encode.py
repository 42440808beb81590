"""Encodings as a layer: those of functional/encoding, drawn anew in each batch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.layers import EncodeSpikes
from tests.layers.encode_on_jax import ENCODINGS, VALUES, same_draws

FIXED = ["regular", "constant", "latency"]
RANDOM = ["bernoulli", "poisson", "many"]
STEPS = 2000


@pytest.mark.parametrize("kind", FIXED)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_not_random_is_as_in_functional(kind, dtype):
    values = VALUES.astype(dtype)
    spikes = EncodeSpikes(ENCODINGS[kind], 50, dtype=dtype)(values)
    expected = ENCODINGS[kind].encode(values, 50)
    np.testing.assert_allclose(spikes, expected, rtol=1e-6)


@pytest.mark.parametrize("kind", RANDOM)
def test_what_is_random_has_the_mean_and_the_variance_of_functional(kind):
    values = np.repeat(np.array([[0.0, 0.3, 1.0]], "float32"), 50, axis=0)
    spikes = np.asarray(EncodeSpikes(ENCODINGS[kind], STEPS, seed=3)(values))
    expected = ENCODINGS[kind].encode(values, STEPS, seed=3)
    n = 50 * STEPS
    mean = expected.mean((0, 1))
    deviation = np.sqrt(2 * expected.var((0, 1)) / n)
    assert np.all(np.abs(spikes.mean((0, 1)) - mean) <= 5 * deviation)
    ratio = spikes.var((0, 1))[1:] / expected.var((0, 1))[1:]
    np.testing.assert_allclose(ratio, 1, atol=5 * np.sqrt(8 / n) + 0.01)
    assert np.all(spikes == np.rint(spikes))


@pytest.mark.parametrize("kind", [*FIXED, *RANDOM])
def test_formulas_are_the_same_given_the_same_draws(kind):
    """Only where random numbers come from differs between NumPy and Keras."""
    found = np.asarray(same_draws(ENCODINGS[kind], keras.ops))
    np.testing.assert_allclose(found, same_draws(ENCODINGS[kind], np), rtol=1e-6)


@pytest.mark.parametrize("kind", RANDOM)
def test_batches_differ_and_seeds_repeat_them(kind):
    first, same, other = (EncodeSpikes(ENCODINGS[kind], 50, seed=s) for s in (1, 1, 2))
    batches = [np.asarray(first(VALUES)) for _ in range(3)]
    again = [np.asarray(same(VALUES)) for _ in range(3)]
    np.testing.assert_array_equal(batches, again)
    assert (batches[0] != batches[1]).any() and (batches[1] != batches[2]).any()
    assert (np.asarray(other(VALUES)) != batches[0]).any()


@pytest.mark.parametrize("kind", ENCODINGS)
def test_a_model_with_each_is_compiled_and_stored(kind, tmp_path):
    model = keras.Sequential(
        [keras.Input((2, 3)), EncodeSpikes(ENCODINGS[kind], 6, seed=4, dtype="mixed_bfloat16")]
    )
    assert model.output_shape == (None, 6, 2, 3)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = VALUES[:, :6].reshape(-1, 2, 3)
    assert loaded.layers[0].encoding == ENCODINGS[kind]
    assert loaded.predict(x, verbose=0).shape == (len(x), 6, 2, 3)
    np.testing.assert_array_equal(loaded.predict(x, verbose=0)[0, 0, 0, 0], 0)  # of a value of 0


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "bfloat16"])
def test_rates_are_kept_in_every_precision(dtype):
    """Steps and probabilities are computed in single precision at least."""
    values = np.full((1, 8), 0.25, "float32")
    spikes = EncodeSpikes(nsl.RegularSpikes(1000), 4000, dtype=dtype)(values)
    counts = np.asarray(keras.ops.cast(spikes, "float32")).sum(axis=1)
    np.testing.assert_array_equal(counts, 1000)


@pytest.mark.parametrize("kind", ENCODINGS)
@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.nan])
def test_values_out_of_range_are_refused_unless_clipped(kind, wrong):
    values = np.array([[0.5, wrong]], "float32")
    layer = EncodeSpikes(ENCODINGS[kind], 5)
    with pytest.raises(ParameterError, match=r"must be from 0 to 1 .* clip=True"):
        layer(values)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"must be from 0 to 1 .* clip=True"):
        tf.function(layer)(values)
    spikes = np.asarray(tf.function(layer, jit_compile=True)(values))
    np.testing.assert_array_equal(np.isnan(spikes).all(axis=(0, 1)), [False, True])
    if not np.isnan(wrong):
        clips = type(ENCODINGS[kind])(**{**vars(ENCODINGS[kind]), "clip": True})
        for function in (EncodeSpikes(clips, 5), tf.function(EncodeSpikes(clips, 5))):
            assert np.isfinite(np.asarray(function(values))).all()


def test_models_name_the_layer_whose_inputs_are_out_of_range():
    model = keras.Sequential([keras.Input((2,)), EncodeSpikes(ENCODINGS["bernoulli"], 5, name="e")])
    with pytest.raises(tf.errors.InvalidArgumentError, match="inputs of e must be from 0 to 1"):
        model.predict(np.array([[0.0, 1.5]]), verbose=0)
    assert EncodeSpikes(ENCODINGS["bernoulli"], 5)(np.zeros((0, 2))).shape == (0, 5, 2)


def test_rates_too_high_for_the_step_are_refused():
    for encoding in (nsl.BernoulliSpikes(1000), nsl.RegularSpikes(1000)):
        EncodeSpikes(encoding, 5, dt=0.001)
        with pytest.raises(ParameterError, match=r"at most one spike a step, 500 Hz .* lower max"):
            EncodeSpikes(encoding, 5, dt=0.002)
    EncodeSpikes(nsl.PoissonSpikes(1000), 5, dt=0.002)
    EncodeSpikes(nsl.PoissonSpikes(256_000), 2)(VALUES)
    with pytest.raises(ParameterError, match=r"at most 256 Poisson .*got 300\); lower max_rate or"):
        EncodeSpikes(nsl.PoissonSpikes(300_000), 5)(VALUES)


def test_jax_has_the_same_formulas(tmp_path):
    pytest.importorskip("jax")
    program = [sys.executable, "-m", "tests.layers.encode_on_jax", tmp_path / "out.json"]
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    root = Path(__file__).parents[2]
    subprocess.run(program, check=True, timeout=300, cwd=root, env=environment)
    found = json.loads((tmp_path / "out.json").read_text())
    assert found["backend"] == "jax"
    for how in ("eager", "compiled"):
        assert "inputs of e must be from 0 to 1" in found["refused"][how]
    for kind, encoding in ENCODINGS.items():
        np.testing.assert_allclose(found["formulas"][kind], same_draws(encoding, np), rtol=1e-6)
        expected = np.asarray(EncodeSpikes(encoding, 2000, seed=0)(VALUES)).mean(axis=(1, 2))
        np.testing.assert_allclose(found["means"][kind], expected, rtol=0.05, atol=1e-3)
