"""What leaves a network: logits, results from the inside, neurons."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.layers import SoftLIF
from tests.conversion.checking import check, randomize

L = keras.layers


def test_softmax_over_the_channels_of_an_image():
    layers = [keras.Input((5, 5, 2)), L.Conv2D(3, 1, activation="softmax", name="maps")]
    check(randomize(keras.Sequential(layers)))
    check(randomize(keras.Sequential([keras.Input((4,)), L.Dense(3), L.Softmax()])))


def test_an_inner_result_can_be_an_output_too():
    x = keras.Input((4,))
    middle = L.Dense(3, name="middle")(x)
    end = L.Dense(2, name="end")(L.ReLU()(middle))
    check(randomize(keras.Model(x, [middle, end])))


def test_neurons_can_be_the_output():
    layers = [keras.Input((4,)), L.Dense(3), SoftLIF(amplitude=0.01, name="out")]
    check(randomize(keras.Sequential(layers)))


def test_softmax_is_dropped_and_said_so():
    layers = [keras.Input((4,)), L.Dense(5, activation="relu"), L.Dense(3, activation="softmax")]
    spiking = check(randomize(keras.Sequential(layers)))
    assert any("softmax dropped" in note for note in spiking.notes)


@pytest.mark.parametrize(
    "behind", [[], [L.Flatten()], [L.Reshape((1, 3)), L.Dropout(0.5)]], ids=["", "flat", "reshaped"]
)
@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_a_last_softmax_or_sigmoid_is_dropped_if_only_shapes_change_behind(activation, behind):
    conv = L.Conv2D(3, 4, activation=activation, name="out")
    model = randomize(keras.Sequential([keras.Input((4, 4, 2)), L.ReLU(), conv, *behind]))
    spiking = check(model)
    assert spiking.graph.logits == spiking.graph.outputs
    assert spiking.graph.sigmoids == (spiking.graph.outputs if activation == "sigmoid" else ())


@pytest.mark.parametrize(
    ("tail", "name"),
    [
        ([L.Dense(16), L.Reshape((4, 4, 1), name="image")], "image"),
        ([L.Dense(16, "sigmoid"), L.Reshape((4, 4, 1), name="image")], "image"),
        ([L.Dense(16), L.Reshape((4, 4, 1), name="image"), L.Dropout(0.1)], "image"),
        ([L.Dense(16), L.Reshape((4, 4, 1), name="image"), L.Activation("sigmoid")], "image"),
        ([L.Dense(16, "relu"), L.Reshape((4, 4, 1), name="image")], "image"),
        ([L.Dense(16), L.PReLU(), L.Reshape((4, 4, 1), name="image")], "image"),
        ([L.Reshape((3, 4, 1)), L.Conv2D(2, 2, name="conv"), L.Flatten(name="flat")], "flat"),
        ([L.Dense(16, name="plain"), L.Reshape((16,))], "plain"),
    ],
)
def test_an_output_has_the_shape_and_the_name_of_the_layer_that_gave_it_the_shape(tail, name):
    layers = [keras.Input((5,)), L.Dense(12, activation="relu"), *tail]
    model = randomize(keras.Sequential(layers))
    spiking = check(model)
    assert list(spiking.outputs) == [name]
    assert spiking.output_shapes[name] == model.output_shape[1:]
    assert not any("folded" in note for note in spiking.notes)  # nothing that had weights
    x = np.random.default_rng(0).uniform(size=(3, 5))
    targets = np.asarray(model.predict(x, verbose=0))
    result = nsl.evaluate(spiking, x, targets, task="regression", progress=False)
    assert result.output.shape == targets.shape


def test_a_result_can_leave_as_it_is_and_in_another_shape():
    inputs = keras.Input((5,))
    dense = L.Dense(6, name="dense")(L.Dense(8, "relu")(inputs))
    model = randomize(keras.Model(inputs, [dense, L.Reshape((2, 3), name="grid")(dense)]))
    assert check(model).output_shapes == {"dense": (6,), "grid": (2, 3)}


def test_a_sigmoid_with_named_neurons_is_kept():
    layers = [keras.Input((4,)), L.Dense(5, activation="relu"), L.Dense(1, "sigmoid", name="p")]
    model = randomize(keras.Sequential(layers))
    assert nsl.convert(model).layers[-1].name != "p"
    type_ = nengo.RegularSpiking(nengo.Sigmoid(tau_ref=0.01), amplitude=0.01)
    for key in ("p", "sigmoid"):
        spiking = nsl.convert(model, neurons={key: type_})
        assert spiking.layers[-1].neuron_type == type_ and not spiking.graph.logits
        nsl.conversion.verify(model, spiking, np.random.default_rng(0).uniform(size=(3, 4)))
