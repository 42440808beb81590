"""Curved activations: as Keras computes them, over a wide range, without warnings."""

import warnings

import keras
import numpy as np
import pytest

from nengo_softlif.functional.activations import ACTIVATIONS, activation

X = np.concatenate([-np.logspace(2, -3, 60), [0.0], np.logspace(-3, 2, 60)])


def in_keras(name, alpha):
    a = keras.activations
    return {
        "celu": lambda x: a.celu(x, alpha=alpha),
        "elu": lambda x: a.elu(x, alpha=alpha),
        "gelu_tanh": lambda x: a.gelu(x, approximate=True),
        "hard_shrink": lambda x: a.hard_shrink(x, threshold=alpha),
        "thresholded_relu": lambda x: a.relu(x, threshold=alpha),
    }.get(name) or a.get(name)


@pytest.mark.parametrize("alpha", [0.3, 1.0])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_curves_are_those_of_keras(name, alpha):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = activation(name, X, alpha)
    theirs = np.asarray(in_keras(name, alpha)(keras.ops.convert_to_tensor(X, "float64")))
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-12)


def test_unknown_names_are_errors():
    with pytest.raises(KeyError):
        activation("step", X)
