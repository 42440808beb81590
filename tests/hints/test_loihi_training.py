"""Advice on models that are trained in the arithmetic of Loihi."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.conversion import compare_spikes
from nengo_softlif.functional.fixed_point import (
    FRACTION_BITS,
    lowest_voltage,
    round_decay,
    round_threshold,
)
from nengo_softlif.layers import DiscreteLIF, LeakyIntegrator, OverTime, RecurrentLIF, SpikeCounts
from tests.hints.following import Advice, follow
from tests.hints.test_loihi import pair, runs

L = keras.layers
T = 5
LOIHI = {"quantize": "loihi"}
X = (np.random.default_rng(0).random((3, T, 4, 4, 1)) < 0.5).astype("float32")


def dense(n=6, **options):
    return L.Dense(n, **{"use_bias": False, "kernel_initializer": "random_uniform", **options})


def conv(**options):
    return L.Conv2D(2, 2, **{"use_bias": False, "padding": "same", **options})


def stack(*layers):
    keras.utils.set_random_seed(0)
    made = [SpikeCounts(), *layers, OverTime(L.Flatten()), L.Dense(2), LeakyIntegrator()]
    return keras.Sequential([keras.Input(X.shape[1:]), *made])


def is_the_same(model):
    """Whether all spikes on the emulator are those of Keras."""
    layers = compare_spikes(model, nsl.convert(model), X, backend="loihi")
    return all(layer.n_differing == 0 for layer in layers)


def is_made(make):
    make()
    return True


def test_layers():
    lif = DiscreteLIF
    for advice in [
        Advice(
            "; make the layer with dtype='float32'",
            lambda: lif(dtype="mixed_float16", **LOIHI),
            lambda: is_made(lambda: lif(dtype="float32", **LOIHI)),
        ),
        Advice(
            "; leave it out, or leave out quantize",
            lambda: lif(adaptation_strength=0.5, **LOIHI),
            lambda: is_made(lambda: (lif(**LOIHI), lif(adaptation_strength=0.5))),
        ),
        Advice(
            "; take fewer steps",
            lambda: lif(refractory_steps=63, **LOIHI),
            lambda: is_the_same(
                stack(OverTime(conv(), **LOIHI), lif(0.9, 0.2, refractory_steps=62, **LOIHI))
            ),
        ),
        Advice(
            "; use reset='zero', or leave out refractory_steps",
            lambda: lif(reset="subtract", refractory_steps=1, **LOIHI),
            lambda: is_made(
                lambda: (lif(refractory_steps=1, **LOIHI), lif(reset="subtract", **LOIHI))
            ),
        ),
        Advice(
            "; take -1.0, for instance",
            lambda: lif(min_voltage=-0.3, **LOIHI),
            lambda: is_the_same(
                stack(OverTime(conv(), **LOIHI), lif(0.9, 0.2, min_voltage=-1.0, **LOIHI))
            ),
        ),
        Advice(
            "; take 1.0, and scale the weights before the layer alike",
            lambda: lif(threshold=100, **LOIHI),
            lambda: is_made(lambda: lif(threshold=1.0, **LOIHI)),
        ),
        Advice(
            "as long as spikes take from neuron to neuron on the chip; leave it out",
            lambda: RecurrentLIF(delay=2, **LOIHI),
            lambda: is_made(lambda: RecurrentLIF(**LOIHI)),
        ),
        Advice(
            "; leave it out for layers without weights, and use strides instead of pooling",
            lambda: OverTime(L.AveragePooling2D(2), **LOIHI),
            lambda: is_the_same(stack(OverTime(conv(strides=2), **LOIHI), lif(0.9, 0.2, **LOIHI))),
        ),
        Advice(
            "a bias on the chip acts before the first spikes arrive; make the layer with "
            "use_bias=False",
            lambda: OverTime(dense(use_bias=True), **LOIHI),
            lambda: is_made(lambda: OverTime(dense(), **LOIHI)),
        ),
        Advice(
            "; leave it out, and add nengo_softlif.layers.DiscreteLIF(quantize='loihi') after",
            lambda: OverTime(dense(activation="relu"), **LOIHI),
            lambda: is_the_same(stack(OverTime(conv(), **LOIHI), lif(0.9, 0.2, **LOIHI))),
        ),
    ]:
        follow(advice)


def test_inputs_beyond_the_chip():
    def with_weights(weight, threshold):
        """Four inputs of a neuron; the threshold is a quarter of what they give."""
        model = stack(
            OverTime(conv(padding="valid"), **LOIHI), DiscreteLIF(0.9, threshold, **LOIHI)
        )
        model.layers[1].set_weights([np.full((2, 2, 1, 2), weight)])
        return model

    def smaller():
        return is_the_same(with_weights(3.75, 3.75))

    follow(
        Advice(
            "; make its threshold and the weights before it smaller by the same factor",
            lambda: with_weights(15.0, 15.0)(np.ones_like(X)),
            smaller,
        )
    )


def branches(merge, deeper=False):
    """Two convolutions of the input that meet, one of them behind another layer."""
    keras.utils.set_random_seed(0)
    image = keras.Input(X.shape[1:])
    spikes = SpikeCounts()(image)
    one, two = (DiscreteLIF(0.9, 0.2, **LOIHI)(OverTime(conv(), **LOIHI)(spikes)) for _ in range(2))
    if deeper:
        two = DiscreteLIF(0.9, 0.2, **LOIHI)(OverTime(conv(), **LOIHI)(two))
    both = merge([OverTime(conv(), **LOIHI)(x) for x in (one, two)])
    out = DiscreteLIF(0.9, 0.2, **LOIHI)(both)
    return keras.Model(image, LeakyIntegrator()(L.Dense(2)(OverTime(L.Flatten())(out))))


def test_conversion():
    lif = DiscreteLIF(0.9, 0.2, **LOIHI)
    right = stack(OverTime(conv(), **LOIHI), lif)
    pooled = [OverTime(L.AveragePooling2D(2)), OverTime(conv(), **LOIHI), lif]
    normalised = stack(OverTime(conv(), **LOIHI), L.BatchNormalization(), lif)
    normalised.layers[2].moving_mean.assign([0.5, 0.5])
    for advice in [
        Advice(
            "; make the layers before it with use_bias=False, and leave out BatchNormalization",
            lambda: nsl.convert(normalised),
            lambda: is_the_same(right),
        ),
        Advice(
            "; use strides instead of pooling, and a DiscreteLIF layer after each layer with",
            lambda: nsl.convert(stack(*pooled)),
            lambda: is_the_same(stack(OverTime(conv(strides=2), **LOIHI), lif)),
        ),
        Advice(
            "; put the layer with weights into nengo_softlif.layers.OverTime(..., quantize=",
            lambda: nsl.convert(stack(OverTime(conv()), lif)),
            lambda: is_the_same(right),
        ),
        Advice(
            "; use keras.layers.Add to join branches, and strides instead of pooling",
            lambda: nsl.convert(branches(L.Average())),
            lambda: is_the_same(branches(L.Add())),
        ),
        Advice(
            "; give all branches that meet there the same number of spiking layers",
            lambda: is_the_same(branches(L.Add(), deeper=True)),
            lambda: is_the_same(branches(L.Add())),
        ),
        Advice(
            "; give all branches that meet there the same number of spiking layers",
            lambda: nsl.convert(branches(L.Add(), deeper=True), target="loihi"),
            lambda: nsl.convert(branches(L.Add()), target="loihi"),
        ),
    ]:
        follow(advice)


def test_neurons():
    def with_type(**options):
        host = options.pop("host", ())
        synapse = options.pop("synapse", None)
        neuron_type = nsl.SpikingDiscreteLIF(amplitude=0.01, **options)
        net = pair(post={"neuron_type": neuron_type}, host=host, conn={"synapse": synapse})
        return runs(net)

    with_type_and_bits = {"fraction_bits": FRACTION_BITS, "decay": 0.5}
    with_type_and_bits["threshold"] = round_threshold(0.5, False)

    def fixed(**options):
        return with_type(**{**with_type_and_bits, **options})

    subtracting = {"reset": "subtract", "refractory_steps": 1}
    for advice in [
        Advice(
            "Use adaptation_strength=0, or put the ensemble on the host with\n",
            lambda: with_type(adaptation_strength=0.5),
            lambda: with_type(adaptation_strength=0) and with_type(adaptation_strength=1, host=[1]),
        ),
        Advice(
            "Use reset='zero' or refractory_steps=0, or put the ensemble on the host with\n",
            lambda: with_type(**subtracting),
            lambda: (
                with_type(reset="zero", refractory_steps=1)
                and with_type(reset="subtract")
                and with_type(**subtracting, host=[1])
            ),
        ),
        Advice(
            "Use at most 62 steps, or put the ensemble on the host with\n",
            lambda: with_type(refractory_steps=63),
            lambda: with_type(refractory_steps=62) and with_type(refractory_steps=63, host=[1]),
        ),
        Advice(
            "; round it with nengo_softlif.functional.fixed_point.round_decay",
            lambda: fixed(decay=0.3),
            lambda: fixed(decay=round_decay(0.3)),
        ),
        Advice(
            "; round it with nengo_softlif.functional.fixed_point.round_threshold",
            lambda: fixed(threshold=0.7),
            lambda: fixed(threshold=round_threshold(0.7, False)),
        ),
        Advice(
            "; round it with nengo_softlif.functional.fixed_point.lowest_voltage",
            lambda: fixed(min_voltage=-0.5),
            lambda: fixed(min_voltage=lowest_voltage(-0.5)),
        ),
        Advice(
            "; leave out the filter",
            lambda: fixed(synapse=0.005),
            lambda: fixed(synapse=None),
        ),
    ]:
        follow(advice)


def test_a_recurrent_delay_is_that_of_the_chip():
    def recurrent(delay):
        return stack(
            OverTime(L.Flatten()), L.Dense(6, use_bias=False), RecurrentLIF(0.9, 0.2, delay=delay)
        )

    follow(
        Advice(
            "(RecurrentLIF with delay=1)",
            lambda: nsl.convert(recurrent(2)).predict(X, backend="loihi", progress=False),
            lambda: (
                nsl.convert(recurrent(1)).predict(X, backend="loihi", progress=False).output.shape
                == (3, 2)
            ),
        )
    )


def test_check_names_the_number():
    neuron_type = nsl.SpikingDiscreteLIF(decay=0.3, fraction_bits=FRACTION_BITS)
    report = nsl.loihi.check(pair(post={"neuron_type": neuron_type}, conn={"synapse": None}))
    assert not report.fits
    assert any("decay must be a multiple of 1/4096" in v.message for v in report.violations)


def test_fraction_bits_are_few():
    with pytest.raises(nengo.exceptions.ValidationError, match="fraction_bits"):
        nsl.SpikingDiscreteLIF(fraction_bits=24)
