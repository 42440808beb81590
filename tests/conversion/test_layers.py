"""Every layer kind: the rate version of the converted network equals the Keras model."""

import keras
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.conversion.rate_run import RateRun
from nengo_softlif.errors import ParameterError
from nengo_softlif.layers import LinearResetLIF, LocallyConnected2D, SoftLIF
from tests.conversion.checking import check, randomize

L = keras.layers


IMAGE_LAYERS = {
    "conv": lambda: L.Conv2D(3, 3),
    "conv same": lambda: L.Conv2D(3, (3, 2), padding="same"),
    "conv same strides": lambda: L.Conv2D(3, 4, strides=(2, 3), padding="same"),
    "conv groups": lambda: L.Conv2D(4, 3, groups=2),
    "conv dilation": lambda: L.Conv2D(3, 3, dilation_rate=(2, 1)),
    "conv same dilation": lambda: L.Conv2D(3, 3, dilation_rate=2, padding="same"),
    "conv without bias": lambda: L.Conv2D(3, 3, use_bias=False),
    "depthwise": lambda: L.DepthwiseConv2D(3, depth_multiplier=2, strides=2),
    "depthwise dilation": lambda: L.DepthwiseConv2D(3, dilation_rate=2, padding="same"),
    "separable": lambda: L.SeparableConv2D(5, 3, padding="same", depth_multiplier=2),
    "transposed": lambda: L.Conv2DTranspose(3, 3, strides=2),
    "transposed same": lambda: L.Conv2DTranspose(3, 4, strides=3, padding="same"),
    "transposed small kernel": lambda: L.Conv2DTranspose(2, 2, strides=3),
    "average pool": lambda: L.AveragePooling2D(2),
    "average pool overlapping": lambda: L.AveragePooling2D(3, strides=2),
    "average pool same": lambda: L.AveragePooling2D((3, 2), strides=2, padding="same"),
    "global average pool": lambda: L.GlobalAveragePooling2D(),
    "global average pool keeping dims": lambda: L.GlobalAveragePooling2D(keepdims=True),
    "transposed with output padding": lambda: L.Conv2DTranspose(3, 3, strides=2, output_padding=1),
    "locally connected": lambda: LocallyConnected2D(3, (3, 2), strides=(2, 1)),
    "batch norm": lambda: L.BatchNormalization(),
    "batch norm of rows": lambda: L.BatchNormalization(axis=1),
    "normalization": lambda: L.Normalization(mean=[0.2, 0.5, 0.1, 0.3], variance=[2.0, 1, 0.5, 3]),
    "normalization of rows": lambda: L.Normalization(
        axis=1, mean=np.arange(7.0), variance=np.ones(7)
    ),
    "normalization by one number": lambda: L.Normalization(axis=None, mean=0.5, variance=2.0),
    "inverted normalization": lambda: L.Normalization(mean=0.5, variance=2.0, invert=True),
    "rescaling": lambda: L.Rescaling(2.0, offset=-0.5),
    "rescaling of channels": lambda: L.Rescaling(np.arange(1, 5) / 2, offset=[0, 1, 0.5, 0.2]),
    "spectral normalization": lambda: L.SpectralNormalization(L.Conv2D(3, 3, activation="relu")),
    "flatten": lambda: L.Flatten(),
    "reshape": lambda: L.Reshape((7, 24)),
    "permute": lambda: L.Permute((3, 1, 2)),
    "zero padding": lambda: L.ZeroPadding2D(((1, 2), (0, 3))),
    "cropping": lambda: L.Cropping2D(((1, 2), (0, 3))),
    "up-sampling": lambda: L.UpSampling2D((2, 3)),
    "bilinear up-sampling": lambda: L.UpSampling2D((2, 3), interpolation="bilinear"),
    "bicubic up-sampling": lambda: L.UpSampling2D(interpolation="bicubic"),
    "resizing": lambda: L.Resizing(5, 9),
    "resizing with a frame": lambda: L.Resizing(9, 9, pad_to_aspect_ratio=True, fill_value=0.3),
    "central crop": lambda: L.CenterCrop(4, 3),
    "einsum of channels": lambda: L.EinsumDense("abcd,de->abce", (7, 6, 3), "relu", "e"),
    "einsum of rows": lambda: L.EinsumDense("abcd,bde->abce", (7, 6, 3), bias_axes="be"),
    "einsum of all": lambda: L.EinsumDense("abcd,bcde->ae", 3, activation="relu", bias_axes="e"),
    "dense on pixels": lambda: L.Dense(4),
    "dropout": lambda: L.Dropout(0.5),
    "spatial dropout": lambda: L.SpatialDropout2D(0.5),
    "gaussian noise": lambda: L.GaussianNoise(1.0),
    "gaussian dropout": lambda: L.GaussianDropout(0.5),
    "identity": lambda: L.Identity(),
    "relu": lambda: L.ReLU(),
    "activation": lambda: L.Activation("relu"),
    "leaky relu": lambda: L.LeakyReLU(0.2),
    "leaky by slope": lambda: L.ReLU(negative_slope=0.1),
    "soft LIF": lambda: SoftLIF(amplitude=0.01, noise=10),
    "linear reset": lambda: LinearResetLIF(amplitude=0.01),
    "linear reset without leak": lambda: LinearResetLIF(leak=False, amplitude=0.01),
    "conv with relu": lambda: L.Conv2D(3, 3, activation="relu"),
    "conv with leaky relu": lambda: L.Conv2D(3, 3, activation="leaky_relu"),
}


@pytest.mark.parametrize("make", IMAGE_LAYERS.values(), ids=IMAGE_LAYERS.keys())
def test_image_layer_between_neurons(make):
    layers = [
        keras.Input((7, 6, 2)),
        L.Conv2D(4, 1, activation="relu"),
        make(),
        SoftLIF(amplitude=0.01),
        L.Flatten(),
        L.Dense(3),
    ]
    check(randomize(keras.Sequential(layers)))


SEQUENCE_LAYERS = {
    "conv": lambda: L.Conv1D(3, 3, strides=2, padding="same"),
    "conv dilation": lambda: L.Conv1D(3, 3, dilation_rate=2),
    "conv causal": lambda: L.Conv1D(3, 3, padding="causal"),
    "conv causal dilation": lambda: L.Conv1D(3, 3, padding="causal", dilation_rate=3),
    "conv causal strides": lambda: L.Conv1D(3, 4, padding="causal", strides=3),
    "conv causal groups": lambda: L.Conv1D(4, 2, padding="causal", groups=2),
    "masking": lambda: L.Masking(),
    "each step dense": lambda: L.TimeDistributed(L.Dense(3, activation="relu")),
    "each step bounded": lambda: L.TimeDistributed(L.ReLU(max_value=0.5)),
    "each step twice": lambda: L.TimeDistributed(L.RepeatVector(2)),
    "depthwise": lambda: L.DepthwiseConv1D(3),
    "separable": lambda: L.SeparableConv1D(5, 3),
    "transposed": lambda: L.Conv1DTranspose(3, 3, strides=2),
    "average pool": lambda: L.AveragePooling1D(3, strides=2),
    "average pool same": lambda: L.AveragePooling1D(3, padding="same"),
    "global average pool": lambda: L.GlobalAveragePooling1D(),
    "cropping": lambda: L.Cropping1D((1, 2)),
    "zero padding": lambda: L.ZeroPadding1D((1, 2)),
    "up-sampling": lambda: L.UpSampling1D(2),
    "batch norm": lambda: L.BatchNormalization(),
}


@pytest.mark.parametrize("make", SEQUENCE_LAYERS.values(), ids=SEQUENCE_LAYERS.keys())
def test_sequence_layer_between_neurons(make):
    layers = [
        keras.Input((11, 2)),
        L.Conv1D(4, 2, activation="relu"),
        make(),
        L.ReLU(),
        L.Flatten(),
        L.Dense(3),
    ]
    check(randomize(keras.Sequential(layers)))


@pytest.mark.parametrize("layer", [L.Add, L.Subtract, L.Average])
def test_smaller_inputs_are_broadcast(layer):
    image = keras.Input((6, 5, 2))
    left = L.Conv2D(3, 3, padding="same", activation="relu")(image)
    right = L.GlobalAveragePooling2D(keepdims=True)(left)
    merged = L.ReLU()(layer()([left, right]))
    check(randomize(keras.Model(image, L.Dense(2)(L.Flatten()(merged)))))


@pytest.mark.parametrize("layer", [L.Add, L.Subtract, L.Average])
def test_merging_layers_join_branches(layer):
    image = keras.Input((6, 5, 2), name="image")
    left = L.Conv2D(3, 3, padding="same", activation="relu")(image)
    right = L.Conv2D(3, 1)(left)
    merged = L.ReLU()(layer()([left, right]))
    check(randomize(keras.Model(image, L.Dense(2)(L.Flatten()(merged)))))


@pytest.mark.parametrize("axis", [1, 2, 3, -1])
def test_concatenation_along_any_axis(axis):
    image = keras.Input((5, 5, 3))
    left = L.Conv2D(3, 3, padding="same", activation="relu")(image)
    right = L.Conv2D(3, 1, activation="relu")(image)
    merged = SoftLIF(amplitude=0.01)(L.Concatenate(axis=axis)([left, right]))
    check(randomize(keras.Model(image, L.Dense(2)(L.Flatten()(merged)))))


def test_the_same_tensor_may_be_added_to_itself():
    x = keras.Input((4,))
    hidden = L.Dense(3)(x)
    check(randomize(keras.Model(x, L.Dense(2)(L.ReLU()(L.Add()([hidden, hidden]))))))


def test_two_inputs_and_two_outputs():
    image, number = keras.Input((6, 6, 1), name="image"), keras.Input((3,), name="number")
    seen = L.Flatten()(L.Conv2D(2, 3, activation="relu", name="conv")(image))
    both = L.Concatenate()([seen, L.Dense(4, activation="relu", name="dense")(number)])
    hidden = SoftLIF(amplitude=0.01, name="hidden")(L.Dense(8)(both))
    model = keras.Model(
        [image, number], [L.Dense(2, name="a")(hidden), L.Dense(3, name="b")(hidden)]
    )
    spiking = check(randomize(model))
    assert set(spiking.inputs) == {"image", "number"}
    assert set(spiking.outputs) == {"a", "b"}
    with pytest.raises(ParameterError, match="2 inputs"):
        _ = spiking.input


def test_a_model_inside_of_a_model_and_a_layer_used_twice():
    shared = L.Dense(4, name="shared")
    inner_in = keras.Input((4,))
    inner = keras.Model(inner_in, L.ReLU(name="inner_relu")(shared(inner_in)), name="inner")
    x = keras.Input((4,))
    y = inner(x)
    y = L.ReLU(name="again")(shared(y))
    y = inner(y)
    model = randomize(keras.Model(x, L.Dense(2, name="out")(y)))
    spiking = check(model)
    assert [layer.name for layer in spiking.layers] == ["inner_relu", "again", "inner_relu_1"]


@pytest.mark.parametrize("kind", ["keras", "tf_keras"])
def test_inputs_keep_the_order_of_the_model(kind):
    """Also where the model uses them the other way round, or not at all."""
    kit = __import__(kind)
    a, b, unused = (kit.Input((5,), name=name) for name in ("a", "b", "unused"))
    difference = kit.layers.Subtract()([kit.layers.Dense(4)(b), kit.layers.Dense(4)(a)])
    model = kit.Model([a, b, unused], kit.layers.Dense(3)(kit.layers.ReLU()(difference)))
    spiking = nsl.convert(randomize(model))
    assert list(spiking.inputs) == ["a", "b", "unused"]
    items = [np.random.default_rng(i).uniform(size=(3, 5)).astype("float32") for i in range(3)]
    assert nsl.conversion.verify(model, spiking, items)
    with RateRun(spiking.graph) as run:
        run.present({name: x[0] for name, x in zip(spiking.inputs, items, strict=True)})
        result = run.result(spiking.graph.outputs[0])
    np.testing.assert_allclose(result, model.predict(items, verbose=0)[0], rtol=1e-4)


def test_layers_inside_of_models_are_verified_each():
    inner = [
        keras.Sequential([keras.Input((4,)), L.Dense(4, name="d"), L.ReLU(name="r")])
        for _ in range(2)
    ]
    model = randomize(keras.Sequential([keras.Input((4,)), *inner]))
    spiking = nsl.convert(model)
    x = np.random.default_rng(0).uniform(size=(3, 4))
    assert [c.name for c in nsl.conversion.verify(model, spiking, x)] == ["r", "r_1"]


def test_layers_that_other_models_use_too():
    base = randomize(
        keras.Sequential([keras.Input((4,)), L.Dense(4), L.ReLU(), L.Dense(3), L.ReLU()])
    )
    check(keras.Sequential([keras.Input((4,)), *base.layers[2:]]))
    check(keras.Model(base.inputs, base.layers[1].output))
    check(base)


def test_an_activation_layer_used_three_times():
    act, x = SoftLIF(amplitude=0.01, name="act"), keras.Input((4,))
    y = x
    for _ in range(3):
        y = act(L.Dense(4, bias_initializer="ones")(y))
    spiking = check(keras.Model(x, L.Dense(2)(y)))
    assert [layer.name for layer in spiking.layers] == ["act", "act_1", "act_2"]


def test_batch_norm_is_folded_into_the_weights_before_it():
    layers = [keras.Input((6, 6, 1)), L.Conv2D(2, 3), L.BatchNormalization(name="bn"), L.ReLU()]
    spiking = check(randomize(keras.Sequential(layers)))
    assert any("bn: folded" in note for note in spiking.notes)
    neurons = spiking.layers[0].neurons
    (connection,) = [c for c in spiking.net.all_connections if c.post_obj == neurons]
    assert connection.pre_obj is spiking.input  # nothing in between


@pytest.mark.parametrize("noise", [nsl.GaussianRateNoise(7.0), nsl.FilteredSpikeNoise(0.003)])
def test_noise_of_the_keras_layer_becomes_that_of_the_neurons(noise):
    layers = [keras.Input((4,)), L.Dense(3), SoftLIF(tau_rc=0.03, noise=noise)]
    spiking = nsl.convert(keras.Sequential(layers))
    assert spiking.layers[0].neuron_type == nsl.SpikingLIF(tau_rc=0.03, noise=noise)


@pytest.mark.parametrize("kind", ["MobileNet", "MobileNetV2"])
def test_mobile_nets(kind):
    options = {"MobileNet": {"alpha": 0.25}, "MobileNetV2": {"alpha": 0.35}}[kind]
    make = getattr(keras.applications, kind)
    model = make(input_shape=(32, 32, 3), weights=None, classes=5, **options)
    spiking = nsl.convert(model)
    items = np.random.default_rng(0).uniform(-1, 1, size=(2, 32, 32, 3))
    checks = nsl.conversion.verify(model, spiking, items)
    n_bounded = sum(isinstance(layer, L.ReLU) for layer in model.layers)
    assert len(spiking.layers) == 2 * n_bounded and len(checks) > n_bounded


def test_layers_of_applications():
    from keras.src.applications.convnext import LayerScale
    from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

    x = keras.Input((4, 4, 2))
    branch = LayerScale(0.5, 3, name="scale")(L.Conv2D(3, 3, padding="same")(x))
    shortcut = L.Conv2D(3, 1)(x)
    both = L.ReLU()(CustomScaleLayer(0.17)([shortcut, branch]))
    check(randomize(keras.Model(x, L.Dense(2)(L.Flatten()(both)))))


class TestTfKeras:
    """Models of the older Keras convert too."""

    def test_sequences_and_activations(self):
        import tf_keras

        K = tf_keras.layers
        layers = [
            tf_keras.Input((9, 3)),
            K.Normalization(mean=[0.5, 0.2, 0.1], variance=[2.0, 1.0, 0.3]),
            K.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="hard_sigmoid"),
            K.SeparableConv1D(4, 3, padding="causal"),
            K.PReLU(),
            K.ThresholdedReLU(theta=0.2),
            K.TimeDistributed(K.Dense(4, activation="elu")),
            K.ReLU(max_value=6.0, negative_slope=0.1),
            K.Flatten(),
            K.Dense(1, activation="sigmoid"),
        ]
        check(randomize(tf_keras.Sequential(layers)))

    def test_convolutional_model(self):
        import tf_keras

        K = tf_keras.layers
        model = tf_keras.Sequential(
            [
                tf_keras.Input((8, 8, 2)),
                K.Conv2D(4, 3, activation="relu"),
                K.BatchNormalization(),
                K.AveragePooling2D(2),
                K.LocallyConnected2D(3, 2, activation="relu"),
                K.LeakyReLU(alpha=0.1),
                K.Flatten(),
                K.Dense(3, activation="softmax"),
            ]
        )
        check(randomize(model))

    def test_branches_and_inputs(self):
        import tf_keras

        K = tf_keras.layers
        a, b = tf_keras.Input((5,), name="a"), tf_keras.Input((3,), name="b")
        hidden = [K.Dense(4, activation="relu")(tensor) for tensor in (a, b)]
        both = K.Concatenate()(hidden)
        both = K.Add()([both, K.Dense(8)(both)])
        model = tf_keras.Model([a, b], K.Dense(2)(K.ReLU()(both)))
        check(randomize(model))
