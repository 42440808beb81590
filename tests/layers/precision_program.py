"""Slopes and training of our layers under every dtype policy; prints them as JSON.

Run by `test_precision.py` in a process of its own, since Keras has one backend a process.
"""

import itertools
import json

import keras
import numpy as np

from nengo_softlif import FilteredSpikeNoise
from nengo_softlif.errors import ParameterError
from nengo_softlif.layers import (
    FiringRateRegularizer,
    LinearResetLIF,
    LocallyConnected2D,
    SoftLIF,
)

L = keras.layers

TRAINED = ("float32", "float64", "mixed_float16", "mixed_bfloat16")
POLICIES = ("float16", "bfloat16", *TRAINED)
LAYERS = {
    "SoftLIF": lambda **kwargs: SoftLIF(amplitude=0.01, **kwargs),
    "SoftLIF, narrow": lambda **kwargs: SoftLIF(amplitude=0.01, sigma=0.001, **kwargs),
    "LinearResetLIF": lambda **kwargs: LinearResetLIF(amplitude=0.01, **kwargs),
    "LinearResetLIF, no leak": lambda **kwargs: LinearResetLIF(
        amplitude=0.01, leak=False, **kwargs
    ),
}


def currents(policy):
    """Currents from the lowest to the highest finite one of the policy, dense at the threshold."""
    dtype = keras.dtype_policies.get(policy).compute_dtype
    exponent = {"float16": 4.8, "bfloat16": 38.5}.get(dtype, 38.5)
    J = np.logspace(-6, exponent, 120)
    return np.concatenate([-J[::-1], 1 + np.linspace(-1, 1, 81), J]).astype("float32")[np.newaxis]


def outputs_and_slopes(layer, J, training):
    """Return outputs of a layer and their derivative, in float64."""
    J = keras.ops.cast(J, layer.compute_dtype)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(J)
            outputs = layer(J, training=training)
        slopes = tape.gradient(outputs, J)
    else:
        import jax

        outputs, pull_back = jax.vjp(lambda J: layer(J, training=training), J)
        (slopes,) = pull_back(jax.numpy.ones_like(outputs))
    dtype = keras.backend.standardize_dtype(outputs.dtype)
    assert dtype == keras.backend.standardize_dtype(J.dtype)
    return [np.asarray(keras.ops.cast(x, "float32"), dtype=float) for x in (outputs, slopes)]


def slopes_are_close(policy, make):
    """Return the largest errors of outputs and slopes, relative to those of float32."""
    J = currents(policy)
    layer = make(dtype=policy)
    errors = []
    for training in (False, True) if policy in TRAINED else (False,):
        rounded = np.asarray(keras.ops.cast(keras.ops.cast(J, layer.compute_dtype), "float32"))
        expected = outputs_and_slopes(make(dtype="float32"), rounded, training)
        found = outputs_and_slopes(layer, J, training)
        assert np.isfinite(found[1]).all() and (found[1] >= 0).all(), (policy, found[1])
        assert not np.isnan(found[0]).any()
        for ours, theirs in zip(found, expected, strict=True):
            # below the range of float16, numbers become coarse and then 0
            normal = np.isfinite(ours) & np.isfinite(theirs) & (theirs > 1e-4)
            assert normal.any()
            errors.append(np.max(np.abs(ours - theirs)[normal] / theirs[normal]))
    return float(max(errors))


def losses(policy, make, optimizer, per_layer=False):
    """Train a small network; return its loss before and after."""
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(64, 4, 4, 1)).astype("float32")
    y = np.stack([x[:, :2].mean(axis=(1, 2, 3)), x[:, 2:].mean(axis=(1, 2, 3))], axis=-1)
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy("float32" if per_layer else policy)
    dtype = {"dtype": policy} if per_layer else {}
    model = keras.Sequential(
        [
            keras.Input((4, 4, 1), dtype="float32"),
            LocallyConnected2D(8, 2, bias_initializer="ones", **dtype),
            make(
                noise=FilteredSpikeNoise(antithetic=True),
                rate_regularizer=FiringRateRegularizer(60, percentile=99, weight=0.1),
                seed=0,
                **dtype,
            ),
            L.Flatten(**dtype),
            L.Dense(2, **dtype),
        ]
    )
    model.compile(optimizer, "mse")
    found = model.fit(x, y, epochs=15, batch_size=32, verbose=0).history["loss"]
    keras.config.set_dtype_policy("float32")
    return [float(found[0]), float(found[-1])]


def refusal(policy, make):
    """Return what training says in a policy that stores weights in half precision."""
    try:
        losses(policy, make, "adam")
    except ParameterError as error:
        return str(error)
    finally:
        keras.config.set_dtype_policy("float32")
    return "trains"


def noisy_and_quiet(policy, make):
    """Return mean and deviation of the noise in Hz, and those of float32."""
    statistics = []
    for dtype in (policy, "float32"):
        layer = make(dtype=dtype, noise=10.0, seed=0)
        J = keras.ops.cast(np.full((200, 100), 2.0), layer.compute_dtype)
        noise = [
            np.asarray(keras.ops.cast(layer(J, training=training), "float32"), dtype=float)
            for training in (True, False)
        ]
        noise = (noise[0] - noise[1]) / layer.amplitude
        statistics.append([float(noise.mean()), float(noise.std())])
    return statistics


def main():
    results = {}
    for policy, (name, make) in itertools.product(POLICIES, LAYERS.items()):
        results[f"{policy}, {name}"] = {"error": slopes_are_close(policy, make)}
        if policy in TRAINED:
            results[f"{policy}, {name}"]["noise"] = noisy_and_quiet(policy, make)
    make = LAYERS["SoftLIF"]
    sgd, adam = keras.optimizers.SGD, keras.optimizers.Adam
    results["losses"] = {
        **{policy: losses(policy, make, adam(1e-2)) for policy in TRAINED},
        "set layer by layer": losses("mixed_float16", make, sgd(0.1), per_layer=True),
        "an optimizer that scales losses": losses(
            "mixed_float16",
            make,
            keras.optimizers.LossScaleOptimizer(sgd(0.1), initial_scale=2.0**20),
        ),
    }
    results["refusals"] = {policy: refusal(policy, make) for policy in ("float16", "bfloat16")}
    print(json.dumps(results))


if __name__ == "__main__":
    main()
