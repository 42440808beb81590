"""What can't be converted is refused in one error that says what to do."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import ConversionError, ParameterError
from nengo_softlif.layers import SoftLIF

L = keras.layers


def sequential(*layers, shape=(8, 8, 2)):
    return keras.Sequential([keras.Input(shape), *layers])


def test_all_unconvertible_layers_are_listed_at_once():
    x = keras.Input((8, 4))
    y = L.LSTM(3, return_sequences=True, name="memory")(x)
    y = L.Dense(3, activation="relu")(y)
    y = L.LayerNormalization(name="norm")(y)
    y = L.ReLU(max_value=6, name="relu6")(y)
    y = L.MaxPooling1D(name="pool")(y)
    with pytest.raises(ConversionError) as error:
        nsl.convert(keras.Model(x, y, name="bad"))
    message = str(error.value)
    assert message.startswith("4 layers of 'bad' can't be converted")
    for part in (
        "memory (LSTM)",
        "norm (LayerNorm",
        "relu6 (ReLU)",
        "max_value=6",
        'max_pool="average"',
    ):
        assert part in message
    assert "dense" not in message


@pytest.mark.parametrize(
    "layer, words",
    [
        (L.MaxPooling2D(name="pool"), r"pool \(MaxPooling2D\).*max_pool=\"average\""),
        (L.Conv2D(3, 3, activation="mish"), "'mish' is unknown"),
        (L.UpSampling2D(interpolation="bilinear"), "'bilinear' is not supported"),
        (L.BatchNormalization(axis=1), "axis=1 is not the channels"),
        (L.Conv2D(2, 3, data_format="channels_first"), "channels_last"),
        (L.Multiply(), "no counterpart"),
    ],
)
def test_refusals_say_what_to_do(layer, words):
    image = keras.Input((8, 8, 8))
    inputs = [image, image] if isinstance(layer, L.Multiply) else image
    model = keras.Model(image, layer(inputs))
    with pytest.raises(ConversionError, match=words):
        nsl.convert(model)


def test_softmax_in_the_middle_is_refused():
    model = sequential(L.Dense(3, activation="softmax", name="mid"), L.Dense(2), shape=(4,))
    with pytest.raises(ConversionError, match=r"mid .*only a last one vanishes"):
        nsl.convert(model)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_named(bad):
    model = sequential(L.Dense(3, name="broken"), shape=(4,))
    kernel, bias = model.layers[0].get_weights()
    kernel[1, 2] = bad
    model.layers[0].set_weights([kernel, bias])
    with pytest.raises(
        ConversionError, match=r"broken.*'kernel' has 1 NaN or infinite value of 12"
    ):
        nsl.convert(model)


def test_a_model_without_graph_is_refused():
    class Subclassed(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(ConversionError, match="has no graph of layers"):
        nsl.convert(Subclassed())
    with pytest.raises(ConversionError, match="has no graph of layers"):
        nsl.convert(keras.Sequential([L.Dense(3)]))
    with pytest.raises(ConversionError, match=r"SpikingNetwork .* give the Keras model"):
        nsl.convert(nsl.convert(sequential(L.ReLU())))


def test_open_shapes_are_refused():
    with pytest.raises(ConversionError, match=r"is open; give keras.Input all sizes"):
        nsl.convert(keras.Sequential([keras.Input((None, 8, 1)), L.Conv2D(2, 3)]))


def test_max_pooling_may_become_average_pooling():
    model = sequential(L.MaxPooling2D(2, name="pool"), L.ReLU())
    spiking = nsl.convert(model, max_pool="average")
    assert any("pool: max pooling became average" in note for note in spiking.notes)
    with pytest.raises(ConversionError, match='must be None, "average" or "spiking"'):
        nsl.convert(model, max_pool="largest")


def test_activations_without_neurons_name_the_option():
    model = sequential(L.Dense(3, activation="sigmoid", name="s"), shape=(4,))
    with pytest.raises(ConversionError, match=r"s \(sigmoid\).*neurons="):
        nsl.convert(model)
    chosen = nengo.RegularSpiking(nengo.Sigmoid(tau_ref=0.01), amplitude=0.01)
    spiking = nsl.convert(model, neurons={"sigmoid": chosen})
    items = np.random.default_rng(0).normal(size=(3, 4))
    assert all(c.max_rel < 1e-4 for c in nsl.conversion.verify(model, spiking, items))


def test_options_that_fit_nothing_are_refused():
    model = sequential(L.Dense(3), SoftLIF(name="lif"), shape=(4,))
    for options, words in [
        (
            {"neurons": {"nobody": nsl.SpikingLIF()}},
            "'nobody' is neither a layer nor an activation",
        ),
        ({"neurons": nsl.SpikingLIF()}, "neurons must be a dict"),
        ({"neurons": {"lif": nengo.Direct()}}, "must be a Nengo neuron type with neurons"),
        ({"neurons": {"lif": "LIF"}}, "must be a Nengo neuron type"),
        ({"synapse": {"nobody": None}}, "'nobody' is no layer with neurons"),
        ({"synapse": -0.005}, "greater than 0, or None \\(got -0.005\\)"),
        ({"synapse": "alpha"}, "got 'alpha'"),
        ({"scale": {"nobody": 2}}, "'nobody' is no layer"),
        ({"scale": 0}, "must be a finite number greater than 0"),
        ({"target_rates": 100}, "needs calibration images"),
        ({"target_rates": 600, "calibration": np.ones((2, 4))}, "at most 500 Hz"),
        (
            {"target_rates": 100, "calibration": np.ones((2, 4)), "percentile": 0},
            "percentile must be",
        ),
    ]:
        with pytest.raises(ConversionError, match=words):
            nsl.convert(model, **options)
    with pytest.raises(ParameterError, match=r"pass one of them .got scale=2 and target_rates=100"):
        nsl.convert(model, scale=2, target_rates=100)


def test_verify_lists_the_layers_that_differ():
    model = sequential(L.Dense(6, activation="relu", name="hidden"), L.Dense(2), shape=(4,))
    spiking = nsl.convert(model)
    model.layers[0].set_weights([w + 1 for w in model.layers[0].get_weights()])
    with pytest.raises(ConversionError, match=r"2 of 2 layers differ.*\n  - hidden"):
        nsl.conversion.verify(model, spiking, np.ones((2, 4)))


def test_constants_are_not_lost():
    x = keras.Input((4,))
    for changed in (lambda y: y + 1.0, lambda y: 1.0 - y, lambda y: y - np.ones(3)):
        with pytest.raises(ConversionError, match="combines a layer with a constant"):
            nsl.convert(keras.Model(x, L.Dense(2)(changed(L.Dense(3)(x)))))


def test_a_softmax_that_is_used_inside_too_is_refused():
    x = keras.Input((4,))
    shares = L.Softmax(name="shares")(L.Dense(3)(x))
    with pytest.raises(ConversionError, match=r"shares .*only a last one vanishes"):
        nsl.convert(keras.Model(x, [shares, L.Dense(2)(shares)]))


def test_layers_that_compute_something_else_are_refused():
    class Doubled(L.Dense):
        def call(self, inputs):
            return 2 * super().call(inputs)

    class Renamed(L.Dense):
        pass

    with pytest.raises(ConversionError, match="Doubled computes something of its own"):
        nsl.convert(sequential(Doubled(3), shape=(4,)))
    assert nsl.convert(sequential(Renamed(3), shape=(4,))).outputs

    with_lora = sequential(L.Dense(3, name="d"), shape=(4,))
    with_lora.layers[0].enable_lora(2)
    with pytest.raises(ConversionError, match=r"d \(Dense\): LoRA is switched on"):
        nsl.convert(with_lora)
    quantized = sequential(L.Dense(3, name="d"), shape=(4,))
    quantized.quantize("int8")
    with pytest.raises(ConversionError, match=r"d \(Dense\): it is quantized"):
        nsl.convert(quantized)


def test_verify_wants_the_model_that_was_converted():
    spiking = nsl.convert(sequential(L.Dense(2), shape=(4,)))
    other = keras.Sequential([keras.Input((4,), name="other"), L.Dense(2)])
    with pytest.raises(ConversionError, match="with the model that it came from"):
        nsl.conversion.verify(other, spiking, np.ones((1, 4)))
