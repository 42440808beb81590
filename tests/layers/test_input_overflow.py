"""Inputs beyond the numbers of the chip are refused where they occur, and announced by `check`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from nengo_loihi.builder.discretize import Q_BITS

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.fixed_point import HIGHEST_INPUT, UNIT
from nengo_softlif.layers import (
    BySegments,
    DiscreteLIF,
    LeakyIntegrator,
    OverTime,
    RecurrentLIF,
    SpikeCounts,
)

L = keras.layers
LOIHI = {"quantize": "loihi"}
T = 6
WORDS = r"inputs of lif in a step must be from -16 to 16 .* smaller by the same factor"


def currents(size):
    """One step of one neuron has an input of this size."""
    made = np.zeros((2, T, 3), "float32")
    made[1, 3, 2] = size
    return made


def test_the_limit_is_that_of_the_chip():
    assert HIGHEST_INPUT == 2**Q_BITS - 1
    assert HIGHEST_INPUT * UNIT == 16 - UNIT


@pytest.mark.parametrize("sign", [1, -1])
def test_inputs_beyond_it_are_refused(sign):
    layer = DiscreteLIF(0.9, name="lif", **LOIHI)
    inside, beyond = currents(sign * (16 - UNIT)), currents(sign * 16.0)
    assert np.isfinite(np.asarray(layer(inside))).all()
    assert np.isfinite(np.asarray(tf.function(layer)(inside))).all()
    with pytest.raises(ParameterError, match=WORDS):
        layer(beyond)
    with pytest.raises(tf.errors.InvalidArgumentError, match=WORDS):
        tf.function(layer)(beyond)
    # without checks nothing is left that could be taken for a result
    assert np.isnan(np.asarray(tf.function(layer, jit_compile=True)(beyond))).all()
    assert np.isfinite(np.asarray(DiscreteLIF(0.9)(beyond))).all()  # not for the chip


@pytest.mark.parametrize("delayed", [True, False])
def test_spikes_that_come_back_count(delayed):
    """In the step after all of three neurons have spiked, each gets 3 * 5 more."""
    layer = RecurrentLIF(0.5, name="lif", **LOIHI)
    layer.build((None, T, 3))
    layer.recurrent.assign(np.full((3, 3), 5.0))
    frames = np.zeros((1, T, 3), "float32")
    frames[0, 1] = 1.5  # a spike of each
    assert np.asarray(layer(frames)).sum() == 3 * 5
    frames[0, 2 if delayed else 1, 0] = 1.5  # 15 + 1.5, or 1.5 alone
    if delayed:
        with pytest.raises(ParameterError, match=r"got 0 to 16.5"):
            layer(frames)
    else:
        layer(frames)


def test_spikes_from_the_segment_before_count():
    layer = RecurrentLIF(0.5, name="lif", **LOIHI)
    layer.build((None, 2, 3))
    layer.recurrent.assign(np.full((3, 3), 5.0))
    frames = np.zeros((1, 2, 3), "float32")
    frames[0, 1] = 1.5
    _, state = layer.run(keras.ops.convert_to_tensor(frames), layer.initial_state(frames))
    with pytest.raises(ParameterError, match=r"got 15 to 16.5"):
        layer.run(keras.ops.convert_to_tensor(frames[:, ::-1].copy()), state)


def stack(weight, threshold=1.0, segments=False):
    """Four inputs to two neurons with equal weights."""
    layers = [
        OverTime(L.Dense(2, use_bias=False), **LOIHI),
        DiscreteLIF(0.5, threshold, name="lif", **LOIHI),
    ]
    layers = [BySegments(layers, 3)] if segments else layers
    model = keras.Sequential(
        [keras.Input((T, 4)), SpikeCounts(), *layers, L.Dense(2), LeakyIntegrator()]
    )
    model.set_weights([np.full((4, 2), weight), np.ones((2, 2)), np.zeros(2)])
    return model


@pytest.mark.parametrize("segments", [False, True])
def test_training_names_the_layer(segments):
    model = stack(5.0, segments=segments)
    model.compile("sgd", "mse")
    few = np.zeros((2, T, 4), "float32")
    few[:, :, :3] = 1
    model.fit(few, np.zeros((2, 2)), verbose=0)
    with pytest.raises(tf.errors.InvalidArgumentError, match=WORDS):
        model.fit(np.ones((2, T, 4), "float32"), np.zeros((2, 2)), verbose=0)


def test_check_names_layers_that_could_overflow():
    """Four neurons with weights of 5 give 20; the emulator warns when they do."""
    spiking = nsl.convert(stack(5.0), target="loihi")
    (note,) = (n for n in nsl.loihi.check(spiking).notes if "overflow" in n)
    assert "from 16 on, which can happen in lif (up to 20) if all" in note
    assert nsl.loihi.check(spiking).fits
    with pytest.warns(UserWarning, match="q0"):
        spiking.predict(np.ones((1, T, 4)), backend="loihi", progress=False)
    spiking = nsl.convert(stack(2.5, threshold=0.5), target="loihi")  # all of them by half
    assert not any("overflow" in n for n in nsl.loihi.check(spiking).notes)


def test_check_adds_up_shared_weights():
    """A kernel of 2 x 2 with weights 1, -3, 5 and 7: up to 13 from four places, at least -3."""
    kernel = np.array([1.0, -3.0, 5.0, 7.0]).reshape(2, 2, 1, 1)
    for factor, found in ((1, None), (2, "up to 26")):
        conv = OverTime(L.Conv2D(1, 2, use_bias=False), **LOIHI)
        layers = [keras.Input((T, 3, 3, 1)), SpikeCounts(), conv, DiscreteLIF(0.5, **LOIHI)]
        model = keras.Sequential([*layers, OverTime(L.Flatten()), L.Dense(2), LeakyIntegrator()])
        conv.set_weights([factor * kernel])
        notes = nsl.loihi.check(nsl.convert(model, target="loihi")).notes
        assert [found in note for note in notes if "overflow" in note] == ([True] if found else [])


def test_jax_refuses_too(tmp_path):
    pytest.importorskip("jax")
    program = [sys.executable, "-m", "tests.layers.overflow_on_jax", tmp_path / "out.json"]
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    root = Path(__file__).parents[2]
    subprocess.run(program, check=True, timeout=300, cwd=root, env=environment)
    found = json.loads((tmp_path / "out.json").read_text())
    for how in ("eager", "compiled", "trained"):
        assert "inputs of lif in a step must be from -16 to 16" in found[how]
    assert found["inside"] == found["trained inside"] == "nothing"
