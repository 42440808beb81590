"""What can't be converted is refused in one error that says what to do."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import ConversionError, DatasetError, ParameterError
from nengo_softlif.layers import DiscreteLIF, LeakyIntegrator, SoftLIF

L = keras.layers


def sequential(*layers, shape=(8, 8, 2)):
    return keras.Sequential([keras.Input(shape), *layers])


def test_all_unconvertible_layers_are_listed_at_once():
    x = keras.Input((8, 4))
    y = L.LSTM(3, return_sequences=True, name="memory")(x)
    y = L.Dense(3, activation="relu")(y)
    y = L.LayerNormalization(name="norm")(y)
    y = L.Softmax(name="shares")(y)
    y = L.MaxPooling1D(name="pool")(y)
    with pytest.raises(ConversionError) as error:
        nsl.convert(keras.Model(x, y, name="bad"))
    message = str(error.value)
    assert message.startswith("4 layers of 'bad' can't be converted")
    for part in (
        "memory (LSTM)",
        "norm (LayerNorm",
        "shares (Softmax): softmax in the middle",
        'max_pool="average"',
    ):
        assert part in message
    assert "dense" not in message


@pytest.mark.parametrize(
    "layer, words",
    [
        (L.MaxPooling2D(name="pool"), r"pool \(MaxPooling2D\).*max_pool=\"average\""),
        (L.Conv2D(3, 3, activation="exponential"), "'exponential' is unknown"),
        (L.Conv2D(3, 3, activation="log_softmax"), "log_softmax needs divisions"),
        (L.ReLU(max_value=1, threshold=2), "max_value=1.* must be above threshold=2"),
        (L.LayerNormalization(), "is unsupported"),
        (L.Masking(mask_value=-1), "are all -1 to 0.*put zeros there yourself"),
        (L.TimeDistributed(keras.Sequential([keras.Input((8, 8)), L.Flatten()])), "model inside"),
        (L.TimeDistributed(L.LSTM(3)), r"\(LSTM\).* is unsupported"),
        (L.Multiply(), "multiplies two results of layers"),
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
    with pytest.raises(ParameterError, match="must be None, 'average' or 'spiking'"):
        nsl.convert(model, max_pool="largest")


def test_strict_refuses_curves_that_no_neuron_has():
    model = sequential(
        L.Dense(3, activation="gelu", name="g"), L.Dense(3, "tanh", name="t"), shape=(4,)
    )
    with pytest.raises(ConversionError, match=r"g \(gelu\)\n  - t \(tanh\)") as error:
        nsl.convert(model, strict=True)
    assert "neurons={'gelu': nengo.RegularSpiking(ActivationRate(" in str(error.value)
    named = {
        "gelu": nengo.RegularSpiking(nsl.neurons.ActivationRate("gelu")),
        "t": nengo.RegularSpiking(nengo.Tanh(tau_ref=0.01), amplitude=0.01),
    }
    spiking = nsl.convert(model, strict=True, neurons=named)
    samples = np.random.default_rng(0).normal(size=(3, 4))
    assert nsl.conversion.verify(model, spiking, samples)


def test_names_that_mean_two_things_are_refused():
    layers = [L.Dense(5, "relu", name="first"), L.Dense(5, "relu", name="default"), L.Dense(2)]
    model = sequential(*layers, shape=(4,))
    with pytest.raises(ConversionError, match="'default' stands for the layers that are not named"):
        nsl.convert(model, synapse={"default": None})
    layers[1].name = "second"
    spiking = nsl.convert(model, synapse={"default": None})
    assert [op.synapse for op in spiking.graph.neurons] == [None, None]

    model = sequential(L.ReLU(name="relu"), L.Dense(5, "relu", name="b"), shape=(4,))
    with pytest.raises(ConversionError, match="'relu' is a layer and also the activation of b"):
        nsl.convert(model, neurons={"relu": nengo.SpikingRectifiedLinear()})


def test_options_that_fit_nothing_are_refused():
    model = sequential(L.Dense(3), SoftLIF(name="lif"), shape=(4,))
    for options, words in [
        (
            {"neurons": {"nobody": nsl.SpikingLIF()}},
            "neurons: layer or activation 'nobody' is unknown; choose one of discrete_lif, lif, ",
        ),
        ({"neurons": nsl.SpikingLIF()}, "neurons must be a dict"),
        ({"neurons": {"lif": nengo.Direct()}}, "must be a Nengo neuron type with neurons"),
        ({"neurons": {"lif": "LIF"}}, "must be a Nengo neuron type"),
        (
            {"synapse": {"nobody": None}},
            "layer with neurons 'nobody' is unknown; choose one of default, lif",
        ),
        ({"synapse": -0.005}, "greater than 0, or None \\(got -0.005\\)"),
        ({"synapse": "alpha"}, "got 'alpha'"),
        (
            {"scale": {"nobody": 2}},
            "scale: layer with neurons 'nobody' is unknown; choose one of lif",
        ),
        ({"scale": 0}, "must be a finite number greater than 0"),
        ({"target_rates": 100}, "needs calibration samples"),
        ({"synapse": {1: 0.01}}, "synapse: layer with neurons 1 is unknown"),
        ({"target_rates": 600, "calibration": np.ones((2, 4))}, "at most 500 Hz"),
        (
            {"target_rates": 100, "calibration": np.ones((2, 4)), "percentile": 0},
            "percentile must be",
        ),
    ]:
        with pytest.raises(ParameterError, match=words):
            nsl.convert(model, **options)
    with pytest.raises(ParameterError, match=r"pass one of them .got scale=2 and target_rates=100"):
        nsl.convert(model, scale=2, target_rates=100)


def test_verify_lists_the_layers_that_differ():
    model = sequential(L.Dense(6, activation="relu", name="hidden"), L.Dense(2), shape=(4,))
    spiking = nsl.convert(model)
    model.layers[0].set_weights([w + 1 for w in model.layers[0].get_weights()])
    with pytest.raises(ConversionError, match=r"2 of 2 layers differ.*\n  - hidden"):
        nsl.conversion.verify(model, spiking, np.ones((2, 4)))


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


def test_layers_that_leave_out_masked_steps_are_refused_and_name_the_masking_layer():
    pooled = L.GlobalAveragePooling1D(name="all")
    inner = sequential(L.Masking(name="gaps"), L.Dense(2), shape=(5, 2))
    for model in [
        sequential(L.Masking(name="gaps"), L.Dense(2), pooled, shape=(5, 2)),
        sequential(inner, L.GlobalAveragePooling1D(name="all"), shape=(5, 2)),
    ]:
        with pytest.raises(ConversionError) as error:
            nsl.convert(model)
        (problem,) = str(error.value).splitlines()[1:]
        assert "all (GlobalAv" in problem and "the Masking layer 'gaps' says" in problem


def test_a_layer_that_is_unsupported_without_a_mask_says_only_that():
    model = sequential(L.Masking(), L.LSTM(3, name="memory"), shape=(5, 2))
    with pytest.raises(ConversionError, match=r"1 layer of(.|\n)*memory \(LSTM\): .* unsupported"):
        nsl.convert(model)


def test_a_mask_given_in_a_call_is_refused():
    x = keras.Input((5, 2))
    mask = L.Masking().compute_mask(x)
    model = keras.Model(x, L.GlobalAveragePooling1D(name="all")(x, mask=mask))
    with pytest.raises(ConversionError, match=r"1 layer (.|\n)*all .*that the argument mask says"):
        nsl.convert(model)


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [L.TimeDistributed(L.Dense(4, "relu")), L.BatchNormalization(), L.Flatten()],
        lambda: [L.Dense(4), DiscreteLIF(), L.Dense(2), LeakyIntegrator()],
    ],
)
@pytest.mark.filterwarnings("ignore:Layer .* does not support masking")
def test_a_mask_that_leaves_nothing_out_changes_nothing(layers):
    model = sequential(L.Masking(), *layers(), shape=(5, 2))
    x = np.random.default_rng(0).uniform(size=(4, 5, 2)).astype("float32")
    x[:, 3:] = 0
    spiking = nsl.convert(model)
    if spiking.presentation is None:
        nsl.conversion.verify(model, spiking, x)
    else:
        result = nsl.conversion.compare_spikes(model, spiking, x)
        assert result.n_differing == 0


def test_verify_names_what_is_wrong_with_its_arguments():
    model = sequential(L.Dense(2), shape=(4,))
    spiking = nsl.convert(model)
    with pytest.raises(ConversionError, match="takes the Keras model, then the network"):
        nsl.conversion.verify(spiking, model, np.ones((1, 4)))
    with pytest.raises(ParameterError, match="tolerance must be"):
        nsl.conversion.verify(model, spiking, np.ones((1, 4)), tolerance="small")
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    both = keras.Model([a, b], L.Dense(2)(L.Concatenate()([a, b])))
    x = np.ones((2, 3))
    with pytest.raises(DatasetError, match="takes 2 inputs, a, b"):
        nsl.conversion.verify(both, nsl.convert(both), [x, x, x])
    assert nsl.conversion.verify(model, spiking, [np.ones((1, 4))])


def test_verify_wants_the_model_that_was_converted():
    spiking = nsl.convert(sequential(L.Dense(2), shape=(4,)))
    other = keras.Sequential([keras.Input((4,), name="other"), L.Dense(2)])
    with pytest.raises(ConversionError, match="with the model that it came from"):
        nsl.conversion.verify(other, spiking, np.ones((1, 4)))


def test_gates_of_applications_are_refused_by_name():
    model = keras.applications.MobileNetV3Small(
        input_shape=(32, 32, 3), alpha=0.75, weights=None, classes=5, include_preprocessing=True
    )
    gates = [layer.name for layer in model.layers if isinstance(layer, L.Multiply)]
    with pytest.raises(ConversionError, match=f"^{len(gates)} layers of") as error:
        nsl.convert(model)
    lines = str(error.value).splitlines()[1:]
    for gate, line in zip(gates, lines, strict=True):
        assert f"{gate} (Multiply)" in line and "leave them out before training" in line
