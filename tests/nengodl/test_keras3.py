"""Programs for NengoDL 3.6, which make their layers, optimizers and losses with `tf.keras`.

Each is written once, as in NengoDL's documentation, and run with `tf.keras`, which is Keras 3, and
with tf-keras, which is what NengoDL is written for. The results are equal to float precision.
"""

import nengo
import nengo_dl
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.layers import FiringRateRegularizer, LinearResetLIF, SoftLIF


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


@pytest.mark.parametrize(
    "program", [spiking_mnist, tensorflow_models, keras_to_snn, optimizing_a_network]
)
def test_a_program_with_keras_3_learns_and_equals_the_same_with_tf_keras(program):
    tf_keras.utils.set_random_seed(0)
    losses, outputs = program(tf.keras)
    assert losses[-1] < 0.8 * losses[0]
    tf_keras.utils.set_random_seed(0)
    expected_losses, expected = program(tf_keras)
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-4)
    np.testing.assert_allclose(outputs, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


def one_layer(layer, x, **kwargs):
    """Train a layer of three outputs towards ones; return losses, outputs and the simulator."""
    with nengo.Network(seed=0) as net:
        nengo_dl.configure_settings(stateful=False)
        inp = nengo.Node(np.zeros(x.shape[-1]))
        probe = nengo.Probe(nengo_dl.Layer(layer)(inp))
    with nengo_dl.Simulator(net, minibatch_size=len(x), progress_bar=False, seed=0) as sim:
        sim.compile(**{"optimizer": tf.optimizers.SGD(0.1), "loss": "mse", **kwargs})
        losses = sim.fit(x, np.ones((len(x), 1, probe.size_in)), epochs=20, verbose=0).history
        return losses["loss"], sim.predict(x, verbose=0)[probe][:, 0]


X = np.random.RandomState(0).normal(size=(10, 1, 4))


class Scaled(tf.keras.layers.Layer):
    """A layer as in the notebook "from TensorFlow", with a state besides."""

    def build(self, input_shape):
        self.w = self.add_weight(shape=(1, input_shape[-1]), initializer="ones")
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, inputs):
        self.calls.assign_add(1.0)
        return tf.reduce_sum(inputs * self.w, axis=-1, keepdims=True)


def test_a_layer_of_your_own_is_trained_in_place():
    layer = Scaled()
    losses, outputs = one_layer(layer, X)
    assert losses[-1] < 0.5 * losses[0]
    weights = layer.w.numpy()
    assert np.abs(weights - 1).max() > 0.05
    np.testing.assert_allclose(outputs, (X[:, 0] * weights).sum(axis=1)[:, None], rtol=1e-5)
    assert layer.calls.numpy() > 20


def test_weights_of_a_layer_are_kept():
    layer = tf.keras.layers.Dense(3)
    expected = layer(X[:, 0])
    outputs = one_layer(layer, X, optimizer=tf.optimizers.SGD(0.0))[1]
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)


@pytest.mark.parametrize("kind", ["sequential", "functional", "not yet built"])
def test_a_model_as_a_layer(kind):
    layers = [tf.keras.layers.Dense(5, activation="tanh"), tf.keras.layers.Dense(3)]
    if kind == "functional":
        inp = tf.keras.Input((4,))
        model = tf.keras.Model(inp, layers[1](layers[0](inp)))
    else:
        inputs = [] if kind == "not yet built" else [tf.keras.Input((4,))]
        model = tf.keras.Sequential([*inputs, *layers])
    losses, _ = one_layer(model, X)
    assert losses[-1] < 0.5 * losses[0]


def test_losses_metrics_schedules_and_callbacks_of_your_own():
    class Quartic(tf.keras.losses.Loss):
        def call(self, y_true, y_pred):
            return tf.reduce_mean((y_true - y_pred) ** 4, axis=-1)

    class Largest(tf.keras.metrics.Metric):
        def __init__(self):
            super().__init__(name="largest")
            self.value = self.add_weight(shape=(), initializer="zeros", name="value")

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.value.assign(tf.maximum(self.value.value, tf.reduce_max(tf.abs(y_true - y_pred))))

        def result(self):
            return self.value.value

    class Falling(tf.keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.02 / (1.0 + tf.cast(step, tf.float32))

        def get_config(self):
            return {}

    class Recorder(tf.keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.rates, self.logs, self.batches = [], [], 0

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1

        def on_epoch_end(self, epoch, logs=None):
            self.rates.append(float(self.model.optimizer.learning_rate))
            self.logs.append(dict(logs))

    recorder = Recorder()
    with nengo.Network(seed=0) as net:
        inp = nengo.Node(np.zeros(4))
        probe = nengo.Probe(nengo_dl.Layer(tf.keras.layers.Dense(3))(inp))
    y = np.ones((10, 1, 3))
    with nengo_dl.Simulator(net, minibatch_size=5, progress_bar=False, seed=0) as sim:
        sim.compile(tf.optimizers.SGD(Falling()), loss={probe: Quartic()}, metrics=[Largest()])
        error = np.abs(y - sim.predict(X, verbose=0)[probe])
        found = sim.evaluate(X, y, verbose=0)
        assert found["loss"] == pytest.approx(np.mean(error**4), rel=1e-4)
        assert found["probe_largest"] == pytest.approx(error.max(), rel=1e-4)
        history = sim.fit(X, y, epochs=4, verbose=0, callbacks=[recorder]).history
    assert history["loss"][-1] < history["loss"][0]
    assert recorder.batches == 8
    np.testing.assert_allclose(recorder.rates, 0.02 / np.arange(2, 10, 2), rtol=1e-5)
    assert [log["loss"] for log in recorder.logs] == pytest.approx(history["loss"])
    assert "largest" in recorder.logs[0]


def test_callbacks_of_keras_act_and_keep_what_they_found(tmp_path):
    stop = tf.keras.callbacks.EarlyStopping(monitor="loss", patience=2)
    plateau = tf.keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1)
    rates = tf.keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.0 if epoch else 0.1)
    others = [
        tf.keras.callbacks.CSVLogger(tmp_path / "log.csv"),
        tf.keras.callbacks.TerminateOnNaN(),
        tf.keras.callbacks.TensorBoard(tmp_path / "board"),
        tf.keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: begun.append(epoch)),
    ]
    begun = []
    with nengo.Network(seed=0) as net:
        nengo_dl.configure_settings(stateful=False)
        inp = nengo.Node(np.zeros(4))
        nengo.Probe(nengo_dl.Layer(tf.keras.layers.Dense(3))(inp))
    with nengo_dl.Simulator(net, minibatch_size=10, progress_bar=False, seed=0) as sim:
        sim.compile(tf.optimizers.SGD(), loss="mse")
        callbacks = [rates, stop, plateau, *others]
        sim.fit(X, np.ones((10, 1, 3)), epochs=10, verbose=0, callbacks=callbacks)
    # the rate is 0 from epoch 1 on, whose loss is the last one to improve
    assert stop.stopped_epoch == 3 and begun == [0, 1, 2, 3]
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 5
    assert list((tmp_path / "board").rglob("events*"))


def rate_model(**kwargs):
    inp = tf.keras.Input((4,))
    hidden = tf.keras.layers.Dense(30, bias_initializer="ones")(inp)
    hidden = SoftLIF(amplitude=0.01, sigma=0.05, **kwargs)(hidden)
    hidden = tf.keras.layers.Dense(20, bias_initializer="ones")(hidden)
    hidden = LinearResetLIF(amplitude=0.01, tau_rc=0.03)(hidden)
    return tf.keras.Model(inp, tf.keras.layers.Dense(3)(hidden))


def test_our_layers_convert_to_neurons_with_their_curve():
    model = rate_model(noise=nsl.GaussianRateNoise(5))
    converter = nengo_dl.Converter(model, allow_fallback=False)
    types = [ensemble.neuron_type for ensemble in converter.net.all_ensembles]
    assert types == [
        nsl.SoftLIFRate(amplitude=0.01, sigma=0.05, noise=nsl.GaussianRateNoise(5)),
        nsl.LinearResetLIFRate(amplitude=0.01, tau_rc=0.03),
    ]
    expected = model.predict(X[:, 0], verbose=0)
    with nengo_dl.Simulator(converter.net, minibatch_size=10, progress_bar=False) as sim:
        outputs = sim.predict(X, verbose=0)[converter.outputs[model.output]]
    # rate neurons run with the hard threshold; the layers are smooth
    assert np.abs(outputs[:, 0] - expected).max() < 0.1 * np.abs(expected).max()
    swapped = nengo_dl.Converter(model, swap_activations={types[0]: nsl.SpikingLIF()})
    assert swapped.net.all_ensembles[0].neuron_type == nsl.SpikingLIF()


def test_our_layers_keep_their_curve_and_noise_in_a_tensor_node():
    layer = SoftLIF(amplitude=0.01, noise=50.0, seed=1)
    J = np.full((10, 1, 4), 2.0)
    losses, outputs = one_layer(layer, J, optimizer=tf.optimizers.SGD(0.0))
    np.testing.assert_allclose(outputs, layer(J[:, 0].astype("float32")), rtol=1e-5)
    assert len(set(losses)) == 20  # every batch has its own noise


def test_a_rate_regularizer_is_not_lost_without_a_word():
    model = rate_model(rate_regularizer=FiringRateRegularizer(10))
    with pytest.raises(TypeError, match=r"rate_regularizer.*give a probe of the neurons a loss"):
        nengo_dl.Converter(model, allow_fallback=False)
    nengo_dl.Converter(model, allow_fallback=False, inference_only=True)


def test_a_converter_for_a_layer_of_your_own():
    class AddOne(tf.keras.layers.Layer):
        def call(self, inputs):
            return inputs + 1

    inp = tf.keras.Input((1,))
    model = tf.keras.Model(inp, AddOne()(tf.keras.layers.Dense(10)(inp)))
    with pytest.raises(TypeError, match=r"add_one.*to native Nengo objects"):
        nengo_dl.Converter(model, allow_fallback=False)
    with pytest.warns(UserWarning, match="Falling back to TensorNode"):
        assert nengo_dl.Converter(model).verify()

    @nengo_dl.Converter.register(AddOne)
    class ConvertAddOne(nengo_dl.converter.LayerConverter):
        def convert(self, node_id):
            output = self.add_nengo_obj(node_id)
            self.add_connection(node_id, output)
            conn = nengo.Connection(nengo.Node([1] * output.size_in), output, synapse=None)
            self.set_trainable(conn, False)
            return output

    assert nengo_dl.Converter(model, allow_fallback=False).verify()


def test_nested_models_merges_and_sequential_models_convert():
    inp = tf.keras.Input((4,))
    left = tf.keras.layers.Dense(5, activation="relu")(inp)
    inner = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(5)])
    out = tf.keras.layers.Add()([left, inner(inp)])
    model = tf.keras.Model(inp, [tf.keras.layers.Concatenate()([out, left]), out])
    converter = nengo_dl.Converter(model, allow_fallback=False)
    assert converter.verify()
    expected = model.predict(X[:, 0], verbose=0)
    with nengo_dl.Simulator(converter.net, minibatch_size=10, progress_bar=False) as sim:
        found = sim.predict(X, verbose=0)
    for tensor, values in zip(model.outputs, expected, strict=True):
        np.testing.assert_allclose(found[converter.outputs[tensor]][:, 0], values, atol=1e-5)


class Mine(tf.keras.optimizers.SGD):
    """An optimizer that Keras 2 can't have."""


class Unnamed(tf.keras.optimizers.schedules.LearningRateSchedule):
    """A schedule without a configuration."""


def test_what_has_no_counterpart_is_refused_with_the_name_of_tf_keras():
    with nengo.Network() as net:
        nengo.Probe(nengo.Node([0]))
    with nengo_dl.Simulator(net, progress_bar=False) as sim:
        with pytest.raises(ParameterError, match=r"can't use Mine .*make it with tf_keras"):
            sim.compile(Mine(), loss="mse")
        with pytest.raises(ParameterError, match=r"can't use Muon .*make it with tf_keras"):
            sim.compile(tf.keras.optimizers.Muon(), loss="mse")
        with pytest.raises(ParameterError, match=r"SGD .*must override `get_config\(\)`"):
            sim.compile(tf.keras.optimizers.SGD(Unnamed()), loss="mse")
        sim.compile(tf_keras.optimizers.SGD(), loss="mse")


def test_objects_of_tf_keras_pass_as_they_are():
    optimizer = tf_keras.optimizers.SGD()
    layer = tf_keras.layers.Dense(3)
    with nengo.Network() as net:
        node = nengo_dl.Layer(layer)(nengo.Node([0]))
        nengo.Probe(node)
    assert node.tensor_func is layer
    with nengo_dl.Simulator(net, progress_bar=False) as sim:
        sim.compile(optimizer, loss="mse")
        assert sim.keras_model.optimizer is optimizer
