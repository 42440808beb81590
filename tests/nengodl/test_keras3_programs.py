"""Programs for NengoDL 3.6, which make their layers, optimizers and losses with `tf.keras`.

Each is written once, as in NengoDL's documentation, and run with `tf.keras`, which is Keras 3, and
with tf-keras, which is what NengoDL is written for. The results are equal to float precision.
"""

import os
import subprocess
import sys

import nengo
import nengo_dl
import numpy as np
import pytest
import scipy.linalg
import tensorflow as tf
import tf_keras


def images(n=40, classes=3):
    """Bars at one of three places in noise, with labels: (n, 1, 64), (n, 1, 1)."""
    rng = np.random.RandomState(0)
    labels = rng.randint(classes, size=n)
    x = 0.2 * rng.uniform(size=(n, 8, 8))
    for image, label in zip(x, labels, strict=True):
        image[:, 2 * label : 2 * label + 2] += 1
    return x.reshape(n, 1, 64), labels[:, None, None]


def spiking_mnist(keras):
    """The network of the notebook "spiking MNIST", smaller."""
    x, y = images()
    with nengo.Network(seed=0) as net:
        net.config[nengo.Ensemble].max_rates = nengo.dists.Choice([100])
        net.config[nengo.Ensemble].intercepts = nengo.dists.Choice([0])
        net.config[nengo.Connection].synapse = None
        nengo_dl.configure_settings(stateful=False)
        neuron_type = nengo.LIF(amplitude=0.01)
        inp = nengo.Node(np.zeros(64))
        layer = nengo_dl.Layer(keras.layers.Conv2D(filters=4, kernel_size=3))
        hidden = layer(inp, shape_in=(8, 8, 1))
        hidden = nengo_dl.Layer(neuron_type)(hidden)
        hidden = nengo_dl.Layer(keras.layers.Conv2D(filters=6, strides=2, kernel_size=3))(
            hidden, shape_in=(6, 6, 4)
        )
        hidden = nengo_dl.Layer(neuron_type)(hidden)
        out = nengo_dl.Layer(keras.layers.Dense(units=3))(hidden)
        probe = nengo.Probe(out, label="out_p")

    def accuracy(y_true, y_pred):
        return keras.metrics.sparse_categorical_accuracy(y_true[:, -1], y_pred[:, -1])

    with nengo_dl.Simulator(net, minibatch_size=20, progress_bar=False, seed=0) as sim:
        sim.compile(
            optimizer=keras.optimizers.RMSprop(0.01),
            loss={probe: keras.losses.SparseCategoricalCrossentropy(from_logits=True)},
            metrics={probe: [accuracy, keras.metrics.SparseCategoricalAccuracy(name="acc")]},
        )
        history = sim.fit(x, {probe: y}, epochs=15, verbose=0, shuffle=False).history
        assert history["out_p_acc"] == pytest.approx(history["out_p_accuracy"])
        return history["loss"], sim.predict(x, verbose=0)[probe]


def tensorflow_models(keras):
    """Keras layers as TensorNodes, with every kind of argument."""
    x, y = images()
    with nengo.Network(seed=0) as net:
        nengo_dl.configure_settings(stateful=False, use_loop=False)
        inp = nengo.Node(np.ones(64))
        shared = keras.layers.Dense(
            64,
            activation="tanh",
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.1, seed=3),
            kernel_constraint=keras.constraints.MaxNorm(1.5),
        )
        hidden = nengo_dl.Layer(shared)(inp)
        hidden = nengo_dl.Layer(shared)(hidden)
        hidden = nengo_dl.TensorNode(
            keras.layers.BatchNormalization(momentum=0.9), shape_in=(64,), pass_time=False
        )
        nengo.Connection(inp, hidden, synapse=None)
        hidden = nengo_dl.Layer(keras.layers.LeakyReLU())(hidden)
        out = nengo_dl.Layer(
            keras.layers.Dense(
                3,
                activation=tf.nn.softmax,
                kernel_regularizer=keras.regularizers.L2(0.01),
                bias_initializer="ones",
            )
        )(hidden)
        probe = nengo.Probe(out)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.05, 5, 0.9)
    with nengo_dl.Simulator(net, minibatch_size=20, progress_bar=False, seed=0) as sim:
        sim.compile(
            keras.optimizers.Adam(schedule, clipnorm=1.0),
            loss=keras.losses.SparseCategoricalCrossentropy(),
            metrics=["accuracy"],
        )
        stop = keras.callbacks.EarlyStopping(monitor="loss", patience=50)
        losses = sim.fit(x, y, epochs=10, verbose=0, shuffle=False, callbacks=[stop]).history
        assert len(sim.keras_model.trainable_weights) == 6
        return losses["loss"], sim.predict(x, verbose=0)[probe]


def keras_to_snn(keras):
    """A trained functional model in the Converter, with spikes, scaled rates and lookups."""
    x, y = images()
    keras.utils.set_random_seed(0)
    inp = keras.Input((8, 8, 1))
    conv = keras.layers.Conv2D(4, 3, activation=tf.nn.relu, name="conv")
    features = conv(inp)
    flat = keras.layers.Flatten()(features)
    hidden = keras.layers.Dense(8, activation="relu")(flat)
    out = keras.layers.Dense(3)(hidden)
    model = keras.Model(inputs=inp, outputs=out)
    rng = np.random.RandomState(1)
    model.set_weights([rng.normal(scale=0.3, size=w.shape) for w in model.get_weights()])
    expected = model.predict(x.reshape(-1, 8, 8, 1), verbose=0)

    converter = nengo_dl.Converter(
        model,
        allow_fallback=False,
        swap_activations={
            tf.nn.relu: nengo.RectifiedLinear(),
            keras.activations.relu: nengo.SpikingRectifiedLinear(),
        },
        scale_firing_rates={conv: 100},
    )
    assert converter.inputs[inp] is converter.inputs[model.input]
    neurons = converter.layers[features]
    assert neurons is converter.layers[conv]
    assert isinstance(neurons.ensemble.neuron_type, nengo.RectifiedLinear)
    assert neurons.ensemble.gain == nengo.dists.Choice([100])
    assert isinstance(converter.layers[hidden].ensemble.neuron_type, nengo.SpikingRectifiedLinear)
    with nengo_dl.Simulator(converter.net, minibatch_size=20, progress_bar=False, seed=0) as sim:
        sim.compile(
            optimizer=keras.optimizers.SGD(0.02, momentum=0.9),
            loss={converter.outputs[out]: keras.losses.SparseCategoricalCrossentropy(True)},
        )
        losses = sim.fit(
            {converter.inputs[inp]: x},
            {converter.outputs[out]: y},
            epochs=10,
            verbose=0,
            shuffle=False,
        ).history["loss"]
        return losses, np.concatenate(
            [expected[:, None], sim.predict(x, verbose=0)[model_probe(converter)]]
        )


def model_probe(converter):
    (probe,) = converter.net.all_probes
    return probe


def optimizing_a_network(keras):
    """The notebook "from Nengo": ensembles are trained, only with an optimizer and a loss."""
    rng = np.random.RandomState(0)
    with nengo.Network(seed=0) as net:
        nengo_dl.configure_settings(trainable=False)
        net.config[nengo.Ensemble].trainable = True
        net.config[nengo.Connection].synapse = None
        inpt = nengo.Node([0])
        square = nengo.Ensemble(20, 1)
        outpt = nengo.Node(size_in=1)
        nengo.Connection(inpt, square)
        nengo.Connection(square, outpt, function=np.square)
        probe = nengo.Probe(outpt)
    values = rng.uniform(-1, 1, size=(64, 1, 1))
    with nengo_dl.Simulator(net, minibatch_size=32, progress_bar=False, seed=0) as sim:
        sim.compile(
            optimizer=keras.optimizers.Adam(0.1), loss={probe: keras.losses.MeanSquaredError()}
        )
        losses = sim.fit(
            {inpt: values}, {probe: np.sin(values)}, epochs=30, verbose=0, shuffle=False
        )
        return losses.history["loss"], sim.predict(values, verbose=0)[probe]


def saved_weights(keras):
    """The notebook "TensorFlow models": a trained model in a layer, which loads its weights."""
    x, y = images()
    inp = keras.Input((64,))
    hidden = keras.layers.Dense(16, activation=tf.nn.relu)(inp)
    model = keras.Model(inputs=inp, outputs=keras.layers.Dense(3)(hidden))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
    losses = model.fit(x[:, 0], y[:, 0], epochs=10, verbose=0, shuffle=False).history["loss"]
    model.save_weights("keras_weights")

    class KerasWrapper(keras.layers.Layer):
        def __init__(self, keras_model):
            super().__init__()
            self.model = keras_model

        def build(self, input_shape):
            super().build(input_shape)
            self.model = keras.models.clone_model(self.model)
            self.model.load_weights("keras_weights")

        def call(self, inputs):
            return self.model(inputs)

    with nengo.Network() as net:
        nengo_dl.configure_settings(stateful=False, use_loop=False)
        input_node = nengo.Node(output=np.ones(64))
        node = nengo_dl.TensorNode(
            KerasWrapper(model), shape_in=(64,), shape_out=(3,), pass_time=False
        )
        nengo.Connection(input_node, node, synapse=None)
        probe = nengo.Probe(node)
    with nengo_dl.Simulator(net, minibatch_size=20, progress_bar=False) as sim:
        outputs = sim.predict(x, verbose=0)[probe]
    np.testing.assert_allclose(outputs[:, 0], model.predict(x[:, 0], verbose=0), rtol=1e-4)
    return losses, outputs


@pytest.mark.parametrize(
    "program", [spiking_mnist, tensorflow_models, keras_to_snn, optimizing_a_network, saved_weights]
)
def test_a_program_with_keras_3_learns_and_equals_the_same_with_tf_keras(
    program, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    tf_keras.utils.set_random_seed(0)
    losses, outputs = program(tf.keras)
    assert losses[-1] < 0.8 * losses[0]
    tf_keras.utils.set_random_seed(0)
    expected_losses, expected = program(tf_keras)
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-4)
    np.testing.assert_allclose(outputs, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("name", ["weights", "weights.h5", "epoch.10", "model.weights.h5"])
def test_weights_of_keras_3_are_saved_and_found_by_any_name(name, tmp_path):
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    saved = model.get_weights()
    model.save_weights(str(tmp_path / name))
    (path,) = tmp_path.iterdir()
    assert path.name == (name if name == "model.weights.h5" else f"{name}.weights.h5")
    model.set_weights([np.zeros_like(weight) for weight in saved])
    model.load_weights(str(tmp_path / name))
    for weight, expected in zip(model.get_weights(), saved, strict=True):
        np.testing.assert_array_equal(weight, expected)
    with pytest.raises(ValueError, match="not supported"):
        model.load_weights(str(tmp_path / "other"))


def test_legendre_memory_of_256_states_is_discretized():
    """As the notebook "Legendre Memory Units" does it, with Nengo's function."""
    q = np.arange(256)
    r = (2 * q + 1)[:, None] / 100
    a = np.where(q[:, None] < q, -1, (-1.0) ** (q[:, None] - q + 1)) * r
    b = (-1.0) ** q[:, None] * r
    system = a, b, np.ones((1, 256)), np.zeros((1,))
    discrete, *_ = nengo.utils.filter_design.cont2discrete(system, dt=1.0, method="zoh")
    np.testing.assert_allclose(discrete, scipy.linalg.expm(a), atol=1e-9)


KERAS_2_PROGRAM = """
import sys
import numpy as np
import tensorflow as tf
import nengo_softlif, nengo, nengo_dl

inputs = tf.keras.Input((4,))
model = tf.keras.Model(inputs, tf.keras.layers.Dense(3, activation=tf.nn.relu)(inputs))
model.compile(loss=tf.keras.losses.mean_squared_error, optimizer=tf.optimizers.RMSprop(0.01))
model.fit(np.ones((8, 4)), np.ones((8, 3)), verbose=0)
model.save_weights(sys.argv[1] + "/weights")
model.save_weights(sys.argv[1] + "/weights.h5")
model.load_weights(sys.argv[1] + "/weights.h5")
with nengo.Network() as net:
    layer = nengo_dl.Layer(model)(nengo.Node(np.ones(4)), shape_in=(4,))
    probe = nengo.Probe(layer)
with nengo_dl.Simulator(net, progress_bar=False) as sim:
    loss = {probe: tf.keras.losses.mean_squared_error}
    sim.compile(optimizer=tf.optimizers.Adam(), loss=loss)
    sim.fit(n_steps=1, y=np.ones((1, 1, 3)), verbose=0)
spiking = nengo_softlif.convert(model)
print(nengo_softlif.conversion.verify(model, spiking, np.ones((2, 4)))[0].max_rel < 1e-5)
"""


def test_programs_that_need_keras_2_throughout_run_with_its_environment_variable(tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", KERAS_2_PROGRAM, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "True"
