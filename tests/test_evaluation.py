"""Evaluation: accuracy over time, rates, memory, interrupts, and bad input."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif import backends
from nengo_softlif.backends import sessions
from nengo_softlif.errors import BackendError, DatasetError, SoftLIFError
from nengo_softlif.layers import SoftLIF

L = keras.layers
QUIET = {"presentation_time": 0.05, "progress": False}


@pytest.fixture(scope="module")
def spiking():
    """Two inputs, the larger wins: neurons that fire at about 100 Hz for an input of 1."""
    layers = [
        keras.Input((2,), name="x"),
        L.Dense(20),
        SoftLIF(amplitude=0.01, name="lif"),
        L.Dense(2, name="out"),
    ]
    model = keras.Sequential(layers, name="larger")
    first = np.repeat([[1.0, 0.0], [0.0, 1.0]], 10, axis=1)
    model.set_weights([2 * first, np.ones(20), first.T / 10, np.zeros(2)])
    return nsl.convert(model)


@pytest.fixture(scope="module")
def data():
    x = np.random.default_rng(0).uniform(size=(12, 2))
    return x, x.argmax(axis=1)


@pytest.fixture(scope="module")
def result(spiking, data):
    return nsl.evaluate(spiking, *data, keep_spikes=True, **QUIET)


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
    assert not result.interrupted and result.n_items == 12 and result.items_per_second > 0
    assert "lif:" in result.summary()


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


def test_one_long_run_yields_every_shorter_one(spiking, data):
    long = nsl.evaluate(spiking, *data, keep_outputs=True, **QUIET)
    assert long.outputs_over_time.shape == (12, 50, 2)
    assert long.outputs_over_time.dtype == np.float32 and long.spikes is None
    np.testing.assert_allclose(
        long.outputs_over_time[:, 30:].mean(axis=1), long.outputs, rtol=1e-5, atol=1e-6
    )
    assert long.error_between(long.classify_from, 0.05) == pytest.approx(long.error)
    options = QUIET | {"presentation_time": 0.012}
    short = nsl.evaluate(spiking, *data, classify_from=0.004, **options)
    assert long.error_between(0.004, 0.012) == pytest.approx(short.error)
    assert short.error > 0  # or this would prove nothing
    with pytest.raises(SoftLIFError, match="keep_outputs=True"):
        short.error_between(0.004, 0.012)


def test_rates_follow_the_curve(spiking):
    x = np.array([[0.5, 1.0]])
    result = nsl.evaluate(spiking, x, [1], presentation_time=0.5, progress=False)
    expected = nsl.functional.lif_rate(1 + 2 * np.repeat(x[0], 10))
    np.testing.assert_allclose(result.mean_rates["lif"], expected, atol=1 / 0.5 + 0.01)  # a spike


def test_every_item_starts_from_the_same_state(spiking, data, result):
    x, y = data
    alone = nsl.evaluate(spiking, x[5:6], y[5:6], keep_spikes=True, **QUIET)
    np.testing.assert_array_equal(alone.spikes["lif"][0], result.spikes["lif"][5])
    again = nsl.evaluate(spiking, x, y, **QUIET)
    np.testing.assert_array_equal(again.outputs, result.outputs)


def test_pieces_of_time_change_nothing(spiking, data, result, monkeypatch):
    monkeypatch.setattr(sessions, "_PIECE_BYTES", 1500)  # a few steps
    pieces = nsl.evaluate(spiking, *data, keep_spikes=True, **QUIET)
    np.testing.assert_array_equal(pieces.outputs, result.outputs)
    np.testing.assert_array_equal(pieces.spikes["lif"], result.spikes["lif"])
    np.testing.assert_array_equal(pieces.accuracy_over_time, result.accuracy_over_time)


def test_subsets(spiking, data):
    first = nsl.evaluate(spiking, *data, max_items=3, **QUIET)
    np.testing.assert_array_equal(first.indices, [0, 1, 2])
    drawn = [
        nsl.evaluate(spiking, *data, max_items=4, random_subset=True, seed=s, **QUIET).indices
        for s in (1, 1, 2)
    ]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    assert len(set(drawn[2])) == 4


def test_the_network_is_left_as_it_was(spiking, data):
    nsl.evaluate(spiking, *data, max_items=1, **QUIET)
    np.testing.assert_array_equal(spiking.input.output, [0, 0])
    assert spiking.net.probes == []


def test_an_interrupt_returns_what_is_done(spiking, data, monkeypatch):
    session = backends.get("nengo").session
    present, done = session._present, []

    def interrupted(self, items, n_steps):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(items)
        yield from present(self, items, n_steps)

    monkeypatch.setattr(session, "_present", interrupted)
    result = nsl.evaluate(spiking, *data, keep_spikes=True, **QUIET)
    assert result.interrupted and result.n_items == 3
    assert len(result.spikes["lif"]) == len(result.outputs) == 3
    assert "interrupted" in result.summary()


def test_an_interrupt_while_building_returns_an_empty_result(spiking, data, monkeypatch):
    def interrupted(self, net, dt, seed):
        raise KeyboardInterrupt

    monkeypatch.setattr(backends.get("nengo").session, "_build", interrupted)
    result = nsl.evaluate(spiking, *data, **QUIET)
    assert result.interrupted and result.n_items == 0 and np.isnan(result.accuracy)
    assert np.isnan(result.accuracy_over_time).all()
    assert result.summary() == "nengo: interrupted before the first item was done"


def test_several_outputs_need_a_name():
    x = keras.Input((2,))
    outputs = [L.Dense(2, name=name)(x) for name in "ab"]
    two = nsl.convert(keras.Model(x, outputs))
    with pytest.raises(SoftLIFError, match="several outputs, a, b; pass output=name"):
        nsl.evaluate(two, np.ones((1, 2)), [0])
    with pytest.raises(SoftLIFError, match="'c' is unknown; the network has a, b"):
        nsl.evaluate(two, np.ones((1, 2)), [0], output="c")
    assert nsl.evaluate(two, np.ones((1, 2)), [0], output="b", **QUIET).n_items == 1


X, Y = np.ones((3, 2)), np.array([0, 1, 0])


@pytest.mark.parametrize(
    "x, y, options, error, words",
    [
        (np.ones((3, 5)), Y, {}, DatasetError, r"items must have shape \(2,\) \(got \(5,\)\)"),
        (np.ones((3, 1, 2)), Y, {}, DatasetError, r"reshape them with x.reshape\(-1, 2\)"),
        (np.ones(2), Y, {}, DatasetError, r"x\[np.newaxis\]"),
        (np.empty((0, 2)), [], {}, DatasetError, "there are no items"),
        (X * np.nan, Y, {}, DatasetError, "3 of 3 items have NaN or infinite values"),
        (X.astype(object), Y, {}, DatasetError, "values must be numbers"),
        (X, Y[:2], {}, DatasetError, "one number for each of the 3 items"),
        (X, Y + 1, {}, DatasetError, r"from 0 to 1, .* \(got 1 to 2\)"),
        (X, Y - 1, {}, DatasetError, r"\(got -1 to 0\)"),
        (X, Y + 0.5, {}, DatasetError, "whole numbers"),
        (X, np.eye(2)[Y], {}, DatasetError, "argmax"),
        (X, Y, {"dt": 0}, SoftLIFError, "dt must be a time"),
        (X, Y, {"presentation_time": -1}, SoftLIFError, "presentation_time must be a time"),
        (X, Y, {"presentation_time": 0.0005}, SoftLIFError, "at least one step of dt = 0.001"),
        (X, Y, {"classify_from": 0.2}, SoftLIFError, "before the end of the presentation"),
        (X, Y, {"classify_from": -0.1}, SoftLIFError, "classify_from must be a time"),
        (X, Y, {"classify_from": float("nan")}, SoftLIFError, "classify_from must be a time"),
        (X, Y, {"presentation_time": "1"}, SoftLIFError, "presentation_time must be a time"),
        (X, Y, {"seed": -1}, SoftLIFError, "seed must be a whole number"),
        (X, Y.astype(str), {}, DatasetError, "labels must be whole numbers"),
        (X, Y.astype(complex), {}, DatasetError, "labels must be whole numbers"),
        (X, Y, {"max_items": 0}, DatasetError, "max_items must be"),
        (X, Y, {"batch_size": 0}, BackendError, "batch_size must be"),
        (X, Y, {"backend": "abacus"}, BackendError, "'abacus' is unknown; choose one of nengo"),
    ],
)
def test_bad_input_is_named(spiking, x, y, options, error, words):
    with pytest.raises(error, match=words):
        nsl.evaluate(spiking, x, y, progress=False, **options)


def test_one_step_is_enough():
    model = keras.Sequential([keras.Input((2,)), L.Dense(2)])
    result = nsl.evaluate(nsl.convert(model), X, Y, presentation_time=0.001, progress=False)
    assert result.classify_from == 0 and len(result.times) == 1


def test_a_keras_model_has_to_be_converted_first():
    with pytest.raises(SoftLIFError, match=r"\(got Sequential\); make one with nengo_softlif.con"):
        nsl.evaluate(keras.Sequential([keras.Input((2,)), L.Dense(2)]), X, Y)


def test_a_missing_backend_says_what_to_install(spiking, monkeypatch):
    backend = backends.get("nengo")
    monkeypatch.setattr(backend, "module", "no_such_simulator")
    with pytest.raises(
        BackendError, match=r"'nengo' can't be used: .*install it with: pip install"
    ):
        nsl.evaluate(spiking, X, Y)
    info = {info.name: info for info in backends.available()}["nengo"]
    assert not info.installed and info.version is None and "no_such_simulator" in info.reason


def test_hand_made_neurons_that_spike_twice_in_a_step_are_counted():
    model = keras.Sequential([keras.Input((1,)), L.Dense(1), L.ReLU(name="relu")])
    model.set_weights([np.ones((1, 1)), np.zeros(1)])
    spiking = nsl.convert(model, neurons={"relu": nengo.SpikingRectifiedLinear()}, scale=1)
    result = nsl.evaluate(spiking, [[1500.0]], [0], presentation_time=0.1, progress=False)
    assert result.mean_rates["relu"][0] == pytest.approx(1500, abs=10)
