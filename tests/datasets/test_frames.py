"""Frames of events: no event is lost, streams are the arrays, networks take both."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nengo_softlif as nsl
from nengo_softlif.conversion import compare_spikes
from nengo_softlif.datasets import EventRecordings, FrameStream, Framing, load_events
from nengo_softlif.errors import DatasetError, ParameterError
from nengo_softlif.layers import DiscreteLIF, LeakyIntegrator, OverTime
from tests.datasets.writing import SENSOR, events_of, write_folder

L = keras.layers


@given(
    seed=st.integers(0, 1000),
    n=st.integers(1, 300),
    end=st.sampled_from([1, 2000, 50_000]),
    step=st.sampled_from([1e-6, 0.0003, 0.001, 0.01, 1.0]),
    downsample=st.sampled_from([1, 2, 17, 34]),
)
@settings(deadline=None, max_examples=40)
def test_every_event_is_in_its_frame(seed, n, end, step, downsample):
    if end / 1e6 / step > 200:
        end = round(200 * step * 1e6)
    events = events_of(seed, n, end=end)
    frames = Framing(step=step, downsample=downsample).frames(events, SENSOR)
    size = 34 // downsample
    assert frames.shape == (events[-1, 3] // round(step * 1e6) + 1, size, size, 2)
    assert frames.sum() == n
    expected = np.zeros_like(frames)
    for x, y, polarity, time in events.tolist():
        expected[time // round(step * 1e6), y // downsample, x // downsample, polarity] += 1
    np.testing.assert_array_equal(frames, expected)


def test_steps_begin_with_their_time():
    """Also where seconds are no exact numbers: 0.3 / 0.1 is less than 3."""
    events = np.array([[0, 0, 0, t] for t in (0, 99_999, 100_000, 299_999, 300_000)])
    frames = Framing(step=0.1).frames(events, (1, 1))
    assert frames[:, 0, 0, 0].tolist() == [2, 1, 1, 1]


def test_number_of_steps_binary_and_rest():
    events = events_of(n=2000, sensor=(4, 4))
    whole = Framing(step=0.01).frames(events, (4, 4))
    np.testing.assert_array_equal(Framing(step=0.01, n_steps=3).frames(events, (4, 4)), whole[:3])
    longer = Framing(step=0.01, n_steps=9).frames(events, (4, 4))
    np.testing.assert_array_equal(longer[: len(whole)], whole)
    assert not longer[len(whole) :].any() and len(longer) == 9
    binary = Framing(step=0.01, binary=True).frames(events, (4, 4))
    np.testing.assert_array_equal(binary, whole > 0)
    assert whole.max() > 1 and binary.dtype == whole.dtype == np.float32


@pytest.mark.parametrize(
    "parameters, words",
    [
        ({"step": 0}, "step must be a time"),
        ({"step": -0.01}, "step must be a time"),
        ({"step": "10ms"}, "step must be a time"),
        ({"step": 1.5e-6}, r"step must be an integer number .*; choose 1e-06 or 2e-06"),
        ({"step": 1e-7}, "step must be an integer number"),
        ({"n_steps": 0}, "n_steps must be an integer of 1 or more"),
        ({"n_steps": 1.5}, "n_steps must be an integer"),
        ({"binary": 1}, "binary must be True or False"),
        ({"downsample": 0}, "downsample must be an integer of 1"),
    ],
)
def test_bad_framings_are_refused(parameters, words):
    with pytest.raises(ParameterError, match=words):
        Framing(**parameters)


@pytest.fixture(scope="module")
def data():
    """Two classes: events in the left half, and in the right one."""
    recordings = []
    for i in range(40):
        events = events_of(i, 150, sensor=(8, 4), end=20_000)
        events[:, 0] += 4 * (i % 2)
        recordings.append(events)
    return EventRecordings(recordings, np.arange(40) % 2, sensor=(8, 8))


FRAMING = Framing(step=0.002, n_steps=10, downsample=2)


def test_streams_are_the_arrays(data):
    frames = data.frames(FRAMING)
    stream = FrameStream(data, FRAMING, batch_size=12)
    batches = [stream[i] for i in range(len(stream))]
    assert [len(x) for x, _ in batches] == [12, 12, 12, 4]
    np.testing.assert_array_equal(np.concatenate([x for x, _ in batches]), frames)
    np.testing.assert_array_equal(np.concatenate([y for _, y in batches]), data.labels)
    unlabelled = EventRecordings([data[0]], sensor=(8, 8))
    np.testing.assert_array_equal(FrameStream(unlabelled, FRAMING)[0], frames[:1])


def test_streams_end(data):
    stream = FrameStream(data, FRAMING, batch_size=12)
    for index in (-1, 4):
        with pytest.raises(IndexError, match=rf"batches 0 to 3 \(got {index}\)"):
            stream[index]


def test_frames_check_events():
    """An event outside of the sensor is no event of another pixel."""
    with pytest.raises(DatasetError, match=r"x of event 1 must be from 0 to 3 \(got 4\)"):
        Framing().frames(np.array([[3, 0, 0, 1], [4, 0, 0, 2]]), (4, 4))


@pytest.mark.parametrize("n_steps", [None, 2**40])
def test_frames_that_no_memory_holds_are_refused(n_steps):
    framing = Framing(step=1e-6, n_steps=n_steps)
    with pytest.raises(ParameterError, match=r"34 x 34 pixels have .*; choose a longer step"):
        framing.frames(np.array([[0, 0, 0, 2**40]]), SENSOR)


def test_streams_from_files_are_the_arrays(tmp_path):
    write_folder(tmp_path, n=3)
    train, _ = load_events(tmp_path)
    framing = Framing(step=0.01, n_steps=5)
    x, y = FrameStream(train, framing, batch_size=100)[0]
    np.testing.assert_array_equal(x, train.frames(framing))
    np.testing.assert_array_equal(y, train.labels)


def test_shuffling(data):
    def epochs(seed):
        stream = FrameStream(data, FRAMING, batch_size=40, shuffle=True, seed=seed)
        for _ in range(2):
            yield stream[0]
            stream.on_epoch_end()

    (x, y), (x_later, _) = epochs(0)
    np.testing.assert_array_equal(x, next(epochs(0))[0])
    assert (x != x_later).any() and (x != next(epochs(1))[0]).any()
    label_of = {data.frames(FRAMING)[i].tobytes(): label for i, label in enumerate(data.labels)}
    assert [label_of[frame.tobytes()] for frame in x] == y.tolist()


def test_recordings_of_different_lengths_are_a_list():
    data = EventRecordings([[[0, 0, 0, 500]], [[0, 0, 0, 2500]]])
    frames = data.frames(Framing(step=0.001))
    assert [len(f) for f in frames] == [1, 3]
    assert data[:1].frames(Framing(step=0.001)).shape == (1, 1, 34, 34, 2)


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"recordings": [1]}, "recordings must be an EventRecordings .*load_events"),
        ({"framing": 0.01}, "framing must be a Framing"),
        ({"framing": Framing()}, r"framing.n_steps must be given.*recordings.frames\(framing\)"),
        (
            {"framing": Framing(n_steps=2, downsample=3)},
            "8 and 8 .got 3.; choose one of 1, 2, 4",
        ),
        ({"batch_size": 0}, "batch_size must be an integer of 1"),
        ({"shuffle": 1}, "shuffle must be True or False"),
        ({"seed": -1}, "seed must be an integer"),
    ],
)
def test_bad_streams_are_refused(data, arguments, words):
    with pytest.raises(ParameterError, match=words):
        FrameStream(**{"recordings": data, "framing": FRAMING, **arguments})


def test_a_network_is_trained_on_streams_converted_and_evaluated_on_both(data):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((10, 4, 4, 2)),
            OverTime(L.Flatten()),
            L.Dense(20),
            DiscreteLIF(0.8, 1.0),
            L.Dense(2),
            LeakyIntegrator(over_time="mean"),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    model.fit(FrameStream(data, FRAMING, batch_size=8, shuffle=True), epochs=5, verbose=0)
    stream = FrameStream(data, FRAMING, batch_size=16)
    assert model.evaluate(stream, verbose=0)[1] > 0.9
    spiking, frames = nsl.convert(model), data.frames(FRAMING)
    result = spiking.evaluate(stream, progress=False)
    assert result.accuracy > 0.9 and result.n_samples == 40
    arrays = spiking.evaluate(frames, data.labels, progress=False)
    np.testing.assert_array_equal(result.output, arrays.output)
    np.testing.assert_allclose(result.output, model.predict(stream, verbose=0), atol=1e-4)
    assert sum(layer.n_differing for layer in compare_spikes(model, spiking, frames)) == 0
