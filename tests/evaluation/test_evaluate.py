"""Evaluation: accuracy over time, rates, memory, interrupts, and bad input."""

import pickle

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.backends import reference, session
from nengo_softlif.errors import (
    DatasetError,
    EvaluationInterrupted,
    ParameterError,
    UnknownNameError,
)

L = keras.layers
SHORT = nsl.Presentation(time=0.05)
QUIET = {"presentation": SHORT, "progress": False}
NENGO = {**QUIET, "backend": "nengo"}


@pytest.fixture(scope="module")
def result(spiking, data):
    return nsl.evaluate(spiking, *data, keep="spikes", **NENGO)


def test_the_task_is_solved(result, data):
    x, y = data
    clear = np.abs(x[:, 0] - x[:, 1]) > 0.1
    np.testing.assert_array_equal(result.predictions[clear], y[clear])
    assert result.accuracy == np.mean(result.predictions == y)
    assert result.error == 1 - result.accuracy
    low, high = result.error_interval
    assert low <= result.error <= high
    assert result.accuracy_over_time.shape == result.times.shape == (50,)
    assert result.accuracy_over_time[-1] == pytest.approx(result.accuracy)
    assert result.classify_from == pytest.approx(0.03)
    assert not result.interrupted and result.n_samples == 12 and result.samples_per_second > 0
    assert "lif" in str(result)


def test_rates_and_kept_spikes_agree(result):
    spikes = result.spikes["lif"]
    assert spikes.shape == (12, 50, 20) and spikes.dtype == bool
    np.testing.assert_allclose(result.mean_rates["lif"], spikes.mean(axis=(0, 1)) / 0.001)
    statistics = result.firing_rates["lif"]
    assert statistics.mean == pytest.approx(spikes.mean() / 0.001)
    counts = spikes.sum(axis=1)
    for p, rate in statistics.percentiles.items():
        # of whole spikes in 50 ms
        assert rate == pytest.approx(np.percentile(counts, p, method="inverted_cdf") / 0.05)
    assert statistics.silent == np.mean(counts.sum(axis=0) == 0)
    assert statistics.saturated == 0


def test_an_unknown_layer_lists_the_known_ones(result):
    for values in (result.firing_rates, result.mean_rates, result.spikes):
        with pytest.raises(UnknownNameError, match="layer 'conv' is unknown; choose one of lif"):
            values["conv"]
        assert "conv" not in values and pickle.loads(pickle.dumps(values)).keys() == {"lif"}
    with pytest.raises(UnknownNameError, match="output 'conv' is unknown; choose one of out"):
        result.outputs["conv"]


def test_one_long_run_yields_every_shorter_one(spiking, data):
    long = nsl.evaluate(spiking, *data, keep="outputs", **NENGO)
    assert long.output_over_time.shape == (12, 50, 2)
    assert long.output_over_time.dtype == np.float32 and long.spikes is None
    np.testing.assert_allclose(
        long.output_over_time[:, 30:].mean(axis=1), long.output, rtol=1e-5, atol=1e-6
    )
    assert long.error_between(long.classify_from, 0.05) == pytest.approx(long.error)
    shorter = nsl.Presentation(time=0.012, classify_from=0.004)
    short = nsl.evaluate(spiking, *data, **NENGO | {"presentation": shorter})
    assert long.error_between(0.004, 0.012) == pytest.approx(short.error)
    assert short.error > 0  # or this would prove nothing
    with pytest.raises(ParameterError, match='keep="outputs"'):
        short.error_between(0.004, 0.012)


def test_rates_follow_the_curve(spiking):
    x = np.array([[0.5, 1.0]])
    result = nsl.evaluate(spiking, x, [1], presentation=nsl.Presentation(time=0.5), progress=False)
    expected = nsl.functional.lif_rate(1 + 2 * np.repeat(x[0], 10))
    np.testing.assert_allclose(result.mean_rates["lif"], expected, atol=1 / 0.5 + 0.01)  # a spike


def test_every_sample_starts_from_the_same_state(spiking, data, result):
    x, y = data
    alone = nsl.evaluate(spiking, x[5:6], y[5:6], keep="spikes", **NENGO)
    np.testing.assert_array_equal(alone.spikes["lif"][0], result.spikes["lif"][5])
    again = nsl.evaluate(spiking, x, y, **NENGO)
    np.testing.assert_array_equal(again.output, result.output)


def test_chunks_of_time_change_nothing(spiking, data, result, monkeypatch):
    monkeypatch.setattr(session, "CHUNK_BYTES", 1500)  # a few steps
    chunks = nsl.evaluate(spiking, *data, keep="spikes", **NENGO)
    np.testing.assert_array_equal(chunks.output, result.output)
    np.testing.assert_array_equal(chunks.spikes["lif"], result.spikes["lif"])
    np.testing.assert_array_equal(chunks.accuracy_over_time, result.accuracy_over_time)


@pytest.mark.parametrize("backend", ["nengo", "compiled"])
def test_the_network_is_left_as_it_was(backend, spiking, data):
    nsl.evaluate(spiking, *data, backend=backend, **QUIET)
    np.testing.assert_array_equal(spiking.input.output, [0, 0])
    assert spiking.net.probes == []


def test_methods_are_the_functions(spiking, data, result):
    again = spiking.evaluate(*data, **NENGO)
    np.testing.assert_array_equal(again.output, result.output)
    np.testing.assert_array_equal(spiking.predict(data[0], **NENGO).output, result.output)


def test_the_compiled_simulator_is_the_default(spiking, data):
    assert nsl.evaluate(spiking, *data, **QUIET).backend == "compiled"


def interrupt_after(monkeypatch, n_batches):
    present, done = reference.NengoSession.present, []

    def interrupted(self, samples, n_steps):
        if len(done) == n_batches:
            raise KeyboardInterrupt
        done.append(samples)
        yield from present(self, samples, n_steps)

    monkeypatch.setattr(reference.NengoSession, "present", interrupted)


def test_an_interrupt_carries_what_is_done(spiking, data, result, monkeypatch):
    interrupt_after(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt) as interrupt:  # so that a loop around it ends
        nsl.evaluate(spiking, *data, keep="spikes", **NENGO)
    assert isinstance(interrupt.value, EvaluationInterrupted)
    assert str(interrupt.value) == "interrupted after 3 of 12 samples"
    partial = interrupt.value.result
    assert partial.interrupted and partial.n_samples == 3
    np.testing.assert_array_equal(partial.output, result.output[:3])
    np.testing.assert_array_equal(partial.predictions, result.predictions[:3])
    assert len(partial.spikes["lif"]) == len(partial.labels) == 3
    assert "interrupted" in str(partial) and "interrupted" in repr(partial)
    assert partial.synops > 0


def test_an_interrupt_while_building_carries_an_empty_result(spiking, data, monkeypatch):
    interrupt_after(monkeypatch, 0)
    with pytest.raises(EvaluationInterrupted) as interrupt:
        nsl.evaluate(spiking, *data, keep=("spikes", "outputs"), **NENGO)
    partial = interrupt.value.result
    assert partial.n_samples == 0 and np.isnan(partial.accuracy)
    assert np.isnan(partial.accuracy_over_time).all()
    assert partial.output.shape == (0, 2) and partial.output_over_time.shape == (0, 50, 2)
    assert str(partial) == "nengo: interrupted before the first batch of samples was done"
    assert "interrupted" in partial._repr_html_() and "no samples" in repr(partial)


def test_several_outputs_need_a_name():
    x = keras.Input((2,))
    outputs = [L.Dense(2, name=name)(x) for name in "ab"]
    two = nsl.convert(keras.Model(x, outputs))
    with pytest.raises(ParameterError, match="several outputs, a, b; pass output=name"):
        nsl.evaluate(two, np.ones((1, 2)), [0])
    with pytest.raises(UnknownNameError, match="output 'c' is unknown; choose one of a, b"):
        nsl.evaluate(two, np.ones((1, 2)), [0], output="c")
    result = nsl.evaluate(two, np.ones((1, 2)), [0], output="b", **QUIET)
    assert result.n_samples == 1 and list(result.outputs) == ["b"]


def test_values_far_from_the_known_range_are_warned_of(spiking, data, monkeypatch):
    monkeypatch.setattr(spiking, "input_ranges", {"x": (0.0, 1.0)})
    with pytest.warns(UserWarning, match=r"x: values are from .* to 255, .* from 0 to 1;"):
        nsl.evaluate(spiking, [[0, 255]], [1], **QUIET)
    x, y = data
    nsl.evaluate(spiking, 1.5 * x, y, **QUIET)  # no warning: pytest makes an error of ours


X, Y = np.ones((3, 2)), np.array([0, 1, 0])


@pytest.mark.parametrize(
    "x, y, options, error, words",
    [
        (np.ones((3, 5)), Y, {}, DatasetError, r"samples must have shape \(2,\), .*got \(5,\)\)"),
        (np.ones((3, 2, 1)), Y, {}, DatasetError, r"reshape them with x.reshape\(-1, 2\)"),
        (np.ones(2), Y, {}, DatasetError, r"x\[np.newaxis\]"),
        (np.empty((0, 2)), [], {}, DatasetError, "there are no samples"),
        (X * np.nan, Y, {}, DatasetError, "3 of 3 samples have NaN or infinite values"),
        (X.astype(complex), Y, {}, DatasetError, "values must be real numbers"),
        (X, Y[:2], {}, DatasetError, r"labels .* \(got .*2"),
        (X, Y + 1, {}, DatasetError, r"from 0 to 1 \(got 1 to 2\)"),
        (X, Y - 1, {}, DatasetError, r"\(got -1 to 0\)"),
        (X, Y + 0.5, {}, DatasetError, "integers"),
        (X, Y.astype(str), {}, DatasetError, r"names \(0, 1\).* classes=\[...\]"),
        (X, Y.astype(complex), {}, DatasetError, "got dtype complex128"),
        (X, Y, {"seed": -1}, ParameterError, "seed must be an integer"),
        (X, Y, {"seed": True}, ParameterError, "seed must be an integer"),
        (X, Y, {"batch_size": 0}, ParameterError, "batch_size must be an integer of 1 or more"),
        (X, Y, {"batch_size": True}, ParameterError, "batch_size must be an integer"),
        (X, Y, {"threads": 1.5}, ParameterError, "threads must be an integer of 1 or more"),
        (X, Y, {"keep": "voltages"}, ParameterError, "keep must be any of 'outputs', 'spikes'"),
        (X, Y, {"keep": None}, ParameterError, r"keep must be any of .* \(got None\)"),
        (X, Y, {"keep": ["outputs", 3]}, ParameterError, "keep must be any of"),
        (X, Y, {"presentation": 0.2}, ParameterError, "presentation must be a Presentation"),
        (X, Y, {"backend": "abacus"}, UnknownNameError, "'abacus' is unknown; .*compiled, nengo"),
        (X, Y, {"backend": "nengo", "threads": 2}, ParameterError, "does not support threads"),
        (X, Y, {"backend": "nengo", "batch_size": 2}, ParameterError, "not support batch_size"),
        (X, Y, {"backend": "nengo_dl", "threads": 2}, ParameterError, "does not support threads"),
    ],
)
def test_bad_input_is_named(spiking, x, y, options, error, words):
    with pytest.raises(error, match=words):
        nsl.evaluate(spiking, x, y, progress=False, **options)


def test_one_step_is_enough():
    model = keras.Sequential([keras.Input((2,)), L.Dense(2)])
    shown = nsl.Presentation(time=0.001)
    result = nsl.evaluate(nsl.convert(model), X, Y, presentation=shown, progress=False)
    assert result.classify_from == 0 and len(result.times) == 1


def test_a_keras_model_has_to_be_converted_first():
    model = keras.Sequential([keras.Input((2,)), L.Dense(2)])
    with pytest.raises(
        ParameterError, match=r"\(got Sequential\); make one with nengo_softlif.con"
    ):
        nsl.evaluate(model, X, Y)
    with pytest.raises(ParameterError, match=r"nengo_softlif.wrap"):
        nsl.predict(nengo.Network(), X)


def test_wrapped_neurons_that_spike_twice_in_a_step_are_counted():
    model = keras.Sequential([keras.Input((1,)), L.Dense(1), L.ReLU(name="relu")])
    model.set_weights([np.ones((1, 1)), np.zeros(1)])
    spiking = nsl.convert(model, neurons={"relu": nengo.SpikingRectifiedLinear()}, scale=1)
    shown = nsl.Presentation(time=0.1)
    result = nsl.evaluate(spiking, [[1500.0]], [0], presentation=shown, progress=False)
    assert result.mean_rates["relu"][0] == pytest.approx(1500, abs=10)
