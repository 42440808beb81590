"""Objects of Keras 3 that are handed to NengoDL, one kind after the other."""

import nengo
import nengo_dl
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.layers import FiringRateRegularizer, LinearResetLIF, SoftLIF
from tests.layers.test_layers import run


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
        self.w = self.add_weight(
            shape=(1, input_shape[-1]),
            initializer="ones",
            regularizer=tf.keras.regularizers.L2(0.1),
        )
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, inputs):
        self.calls.assign_add(1.0)
        return tf.reduce_sum(inputs * self.w, axis=-1, keepdims=True)


def test_a_layer_of_your_own_is_trained_in_place():
    layer = Scaled()
    losses, outputs = one_layer(layer, X)
    assert losses[-1] < 0.5 * losses[0]
    # the first loss is that of weights of 1, with the price of four of them
    assert losses[0] == pytest.approx(np.mean((X.sum(axis=-1) - 1) ** 2) + 0.4, rel=1e-4)
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
    assert "probe_largest" in recorder.logs[0]


def test_schedules_and_layers_that_name_nothing_for_files():
    class Falling(tf.keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.1 / (1.0 + 0.1 * tf.cast(step, tf.float32))

    schedule = Falling()
    losses, _ = one_layer(tf.keras.layers.Dense(3), X, optimizer=tf.optimizers.SGD(schedule))
    assert losses[-1] < 0.5 * losses[0]
    with pytest.raises(NotImplementedError):
        schedule.get_config()  # as it was


@pytest.mark.parametrize(
    "reduction, factor", [("sum_over_batch_size", 1), ("mean", 1), ("sum", 10), (None, 1)]
)
def test_reductions_of_losses(reduction, factor):
    loss = tf.keras.losses.MeanSquaredError(reduction=reduction)
    first = one_layer(tf.keras.layers.Dense(3, kernel_initializer="zeros"), X, loss=loss)[0][0]
    assert first == pytest.approx(factor)


@pytest.mark.parametrize("library", [tf.keras, tf_keras])
def test_layers_with_weights_of_the_shape_of_their_input(library):
    with nengo.Network(seed=0) as net:
        hidden = nengo_dl.Layer(library.layers.Dense(6))(nengo.Node(np.ones(3)))
        probe = nengo.Probe(nengo_dl.Layer(library.layers.PReLU(alpha_initializer="ones"))(hidden))
        straight = nengo.Probe(hidden)
    with nengo_dl.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(1)
    np.testing.assert_array_equal(sim.data[probe], sim.data[straight])


def test_callbacks_of_keras_act_and_keep_what_they_found(tmp_path):
    stop = tf.keras.callbacks.EarlyStopping(monitor="loss", patience=2, min_delta=1e-3)
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
    # raised in a graph, where TensorFlow makes an error of its own of it
    with pytest.raises(Exception, match=r"s adds a loss .*give a probe of the layer a loss"):
        one_layer(SoftLIF(rate_regularizer=FiringRateRegularizer(10), name="s"), X)


def test_inhibition_is_not_lost_without_a_word():
    model = rate_model(inhibition=nsl.Inhibition(0.02))
    with pytest.raises(TypeError, match=r"has inhibition.*call nengo_softlif\.convert"):
        nengo_dl.Converter(model, allow_fallback=False, inference_only=True)
    layer = SoftLIF(amplitude=0.01, inhibition=nsl.Inhibition(0.02, 2), name="s")
    J = np.full((10, 1, 4), 2.0)
    _, outputs = one_layer(layer, J, optimizer=tf.optimizers.SGD(0.0))
    np.testing.assert_allclose(outputs, layer(J[:, 0].astype("float32")), rtol=1e-5)


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


def test_what_has_no_counterpart_is_refused_with_the_name_of_tf_keras():
    with nengo.Network() as net:
        nengo.Probe(nengo.Node([0]))
    with nengo_dl.Simulator(net, progress_bar=False) as sim:
        with pytest.raises(ParameterError, match=r"can't use Mine .*make it with tf_keras"):
            sim.compile(Mine(), loss="mse")
        with pytest.raises(ParameterError, match=r"can't use Muon .*make it with tf_keras"):
            sim.compile(tf.keras.optimizers.Muon(), loss="mse")
        sim.compile(tf_keras.optimizers.SGD(), loss="mse")


ON_JAX = """
    import nengo_softlif, nengo, nengo_dl, keras, numpy as np
    assert keras.backend.backend() == "jax"
    class Mine(keras.layers.Layer):
        def call(self, inputs):
            return inputs
    with nengo.Network(seed=0) as net:
        inp = nengo.Node(np.zeros(4))
        try:
            nengo_dl.Layer(Mine())(inp)
        except ValueError as error:
            assert "Mine of Keras 3" in str(error) and "jax" in str(error), error
        else:
            raise AssertionError("not refused")
        nengo.Probe(nengo_dl.Layer(keras.layers.Dense(3, activation="tanh"))(inp))
    x, y = np.ones((5, 1, 4)), np.zeros((5, 1, 3))
    with nengo_dl.Simulator(net, minibatch_size=5, progress_bar=False) as sim:
        sim.compile(keras.optimizers.Adam(0.05), loss=keras.losses.MeanSquaredError())
        losses = sim.fit(x, y, epochs=20, verbose=0).history["loss"]
    print(losses[-1] / losses[0])
"""


def test_keras_on_jax_is_translated_but_not_adapted():
    assert float(run(ON_JAX, KERAS_BACKEND="jax")) < 0.5


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
