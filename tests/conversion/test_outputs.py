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
    assert spiking.graph.logits == ("out",)
    assert spiking.graph.sigmoids == (("out",) if activation == "sigmoid" else ())


def test_a_sigmoid_with_named_neurons_is_kept():
    layers = [keras.Input((4,)), L.Dense(5, activation="relu"), L.Dense(1, "sigmoid", name="p")]
    model = randomize(keras.Sequential(layers))
    assert nsl.convert(model).layers[-1].name != "p"
    type_ = nengo.RegularSpiking(nengo.Sigmoid(tau_ref=0.01), amplitude=0.01)
    for key in ("p", "sigmoid"):
        spiking = nsl.convert(model, neurons={key: type_})
        assert spiking.layers[-1].neuron_type == type_ and not spiking.graph.logits
        nsl.conversion.verify(model, spiking, np.random.default_rng(0).uniform(size=(3, 4)))
