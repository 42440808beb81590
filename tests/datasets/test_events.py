"""Recordings of event cameras: what is read is what was written, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nengo_softlif.datasets import EventRecordings, Framing, load_events, read_events
from nengo_softlif.errors import DatasetError, ParameterError
from tests.datasets.writing import events_of, npz_arrays, to_bytes, write_folder


@given(seed=st.integers(0, 1000), n=st.integers(1, 50), end=st.sampled_from([1, 1000, 2**23]))
@settings(deadline=None, max_examples=30)
def test_binary_files_are_read_as_they_were_written(tmp_path_factory, seed, n, end):
    path = tmp_path_factory.mktemp("events") / "one.bin"
    events = events_of(seed, n, end=end)
    path.write_bytes(to_bytes(events))
    np.testing.assert_array_equal(read_events(path), events)


def test_bytes_are_those_of_the_format(tmp_path):
    """x, y, then polarity and microseconds, big endian."""
    path = tmp_path / "one.bin"
    path.write_bytes(bytes([10, 20, 0x80 | 0x12, 0x34, 0x56]) + bytes([0, 33, 0x7F, 0xFF, 0xFF]))
    expected = [[10, 20, 1, 0x123456], [0, 33, 0, 2**23 - 1]]
    np.testing.assert_array_equal(read_events(str(path)), expected)


def test_overflows_of_the_clock_are_added_and_left_out(tmp_path):
    path = tmp_path / "one.bin"
    path.write_bytes(to_bytes([[1, 1, 0, 8000], [0, 240, 0, 0], [2, 2, 1, 5], [0, 240, 0, 0]]))
    np.testing.assert_array_equal(read_events(path), [[1, 1, 0, 8000], [2, 2, 1, 8197]])


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", r"one\.bin must have 5 bytes an event.* \(got 0 bytes\); it is truncated"),
        (to_bytes([[1, 2, 0, 3]])[:4], r"got 4 bytes"),
        (to_bytes(events_of())[:-1], r"got 999 bytes"),
        (to_bytes([[0, 0, 0, 1], [34, 0, 0, 2]]), r"one\.bin: x of event 1 .* 0 to 33 \(got 34\)"),
        (to_bytes([[0, 35, 0, 1]]), r"y of event 0 must be from 0 to 33 \(got 35\); pass sensor="),
        (
            to_bytes([[0, 0, 0, 5], [0, 0, 0, 9], [0, 0, 1, 4]]),
            r"times must not decrease \(got 4 microseconds for event 2, after 9\)",
        ),
        # in the numbers of the file, in which an overflow is an event
        (to_bytes([[0, 240, 0, 0], [0, 0, 0, 1], [99, 0, 0, 2]]), r"x of event 2 must"),
        (to_bytes([[0, 240, 0, 0]]), r"one event at least \(got \(0, 4\)\)"),
    ],
)
def test_damaged_files_are_refused(tmp_path, content, words):
    path = tmp_path / "one.bin"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=words):
        read_events(path)
    with pytest.raises(DatasetError, match=words):
        EventRecordings([path])[0]


def test_other_cameras(tmp_path):
    path = tmp_path / "one.bin"
    path.write_bytes(to_bytes([[200, 100, 1, 7]]))
    np.testing.assert_array_equal(read_events(path, sensor=(180, 240)), [[200, 100, 1, 7]])
    with pytest.raises(DatasetError, match=r"nothing\.bin can't be read"):
        read_events(tmp_path / "nothing.bin")


GOOD = [[0, 0, 0, 1], [33, 33, 1, 1]]


@pytest.mark.parametrize(
    "events, words",
    [
        (np.zeros((0, 4), int), r"recording 1: events must have the shape \(n_events, 4\)"),
        (np.zeros((3, 3), int), r"one event at least \(got \(3, 3\)\)"),
        (np.array(GOOD, float), r"recording 1: events must be integers \(got dtype float64\)"),
        ([[0, 0, 0, 1], [0, 0, 0]], r"recording 1: events must form one array"),
        ([["a", 0, 0, 1]], r"events must be integers \(got dtype"),
        ([[-1, 0, 0, 1]], r"x of event 0 must be from 0 to 33 \(got -1\)"),
        ([[0, 0, 2, 1]], r"polarity of event 0 must be from 0 to 1 \(got 2\)$"),
        ([[0, 0, -1, 1]], r"polarity of event 0"),
        ([[0, 0, 0, -5]], r"time of event 0 must be 0 microseconds or more \(got -5\)"),
        ([*GOOD, [0, 0, 0, 0]], r"got 0 microseconds for event 2, after 1"),
    ],
)
def test_impossible_events_are_refused(events, words):
    with pytest.raises(DatasetError, match=words):
        EventRecordings([GOOD, events])


@pytest.mark.parametrize(
    "arguments, error, words",
    [
        ({"recordings": []}, DatasetError, "there are no recordings"),
        ({"recordings": "folder"}, DatasetError, "got 'folder'.*load_events"),
        ({"recordings": None}, DatasetError, "got None"),
        ({"labels": [1, 2]}, DatasetError, r"labels must have the shape \(1,\)"),
        ({"labels": [2], "classes": ["a", "b"]}, DatasetError, "labels from 0 to 1 .got 2 to 2"),
        ({"labels": [0.5]}, DatasetError, "labels must hold integers"),
        ({"sensor": 34}, ParameterError, r"sensor must be \(height, width\) \(got 34\)"),
        ({"sensor": (0, 34)}, ParameterError, "height of the sensor must be an integer of 1"),
        ({"sensor": (34, 1.5)}, ParameterError, "width of the sensor"),
    ],
)
def test_bad_arguments(arguments, error, words):
    with pytest.raises(error, match=words):
        EventRecordings(**{"recordings": [GOOD], **arguments})


def test_folders(tmp_path):
    written = write_folder(tmp_path, ("10", "9"))
    train, test = load_events(tmp_path)
    assert len(train) == len(test) == 4 and train.classes is None
    assert sorted(train.labels) == [9, 9, 10, 10]
    for part, data in (("Train", train), ("Test", test)):
        for name in ("9", "10"):
            chosen = data[data.labels == int(name)]
            for events, expected in zip(chosen, written[part, name], strict=True):
                np.testing.assert_array_equal(events, expected)


def test_folders_with_names(tmp_path):
    write_folder(tmp_path, ("cat", "dog"))
    (tmp_path / "Test" / "cat").rename(tmp_path / "Test" / "ant")
    train, test = load_events(tmp_path)
    assert train.classes == test.classes == ("ant", "cat", "dog")
    assert train.labels.tolist() == [1, 1, 2, 2] and test.labels.tolist() == [0, 0, 2, 2]


def test_folders_without_recordings_are_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"There is no folder or file .*nowhere"):
        load_events(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match=r"lacks Train and Test \(got no folder\)"):
        load_events(tmp_path)
    write_folder(tmp_path)
    for path in (tmp_path / "Test" / "1").iterdir():
        path.unlink()
    with pytest.raises(DatasetError, match=r"1 must have \.bin files in it \(got none\)"):
        load_events(tmp_path)
    for path in (tmp_path / "Test" / "0").iterdir():
        path.unlink()
    with pytest.raises(DatasetError, match=r"Test must have a folder for each class.*got 2"):
        load_events(tmp_path)
    with pytest.raises(DatasetError, match="path must be"):
        load_events(3)


def test_npz_files(tmp_path):
    recordings, arrays = npz_arrays()
    np.savez(tmp_path / "some.npz", **arrays)
    for data in load_events(tmp_path / "some.npz"):
        assert data.labels.tolist() == [0, 1, 0]
        for found, expected in zip(data, recordings, strict=True):
            np.testing.assert_array_equal(found, expected)
        np.testing.assert_allclose(data.durations(), [r[-1, 3] * 1e-6 for r in recordings])


def changed(**changes):
    arrays = npz_arrays()[1]
    return {**arrays, **changes}


@pytest.mark.parametrize(
    "changes, words",
    [
        (
            {"count_train": np.array([20, 21])},
            r"must have as many rows .*got 63 .* 41",
        ),
        ({"count_train": np.array([20, 21, 23])}, r"63 rows, and counts of 64"),
        ({"count_test": np.array([-1, 21, 43])}, r"count_test must be integers of 1 .*got -1 at"),
        ({"count_test": np.array([0, 41, 22])}, r"got 0 at index 0"),
        ({"count_test": np.full(3, 2**62)}, r"counts of 13835058055282163712"),
        (
            {"count_test": np.array([20.0, 21, 22])},
            r"count_test must be integers \(got dtype",
        ),
        ({"count_test": np.array(63)}, r"count_test must have 1 axes"),
        ({"events_train": np.zeros((63, 4))}, r"events_train must be integers \(got dtype float64"),
        ({"events_train": np.zeros((63, 5), int)}, r"recording 0: events must have the shape"),
        ({"events_train": np.zeros(63, int)}, r"events_train must have 2 axes \(got shape \(63,\)"),
        (
            {"events_train": np.full((63, 4), 40)},
            r"npz: events_train: recording 0: x of event",
        ),
        ({"y_test": np.array([0, 1])}, r"y_test must have the shape \(3,\)"),
        ({"y_test": np.array([0, -1, 1])}, r"y_test must hold labels of 0 or more"),
        ({"y_test": None}, r"lacks y_test"),
    ],
)
def test_npz_files_that_do_not_add_up_are_refused(tmp_path, changes, words):
    arrays = {k: v for k, v in changed(**changes).items() if v is not None}
    np.savez(tmp_path / "some.npz", **arrays)
    with pytest.raises(DatasetError, match=words):
        load_events(tmp_path / "some.npz")


def test_parts_of_recordings():
    data = EventRecordings([events_of(i) for i in range(5)], labels=range(5))
    assert len(data[1:4]) == 3 and data[1:4].labels.tolist() == [1, 2, 3]
    assert data[[4, 0]].labels.tolist() == [4, 0]
    np.testing.assert_array_equal(data[-1], data[4])
    assert repr(data) == "<EventRecordings: 5 of 34 x 34 pixels, 5 classes>"
    frames = data.frames(Framing(step=0.01, n_steps=6))
    np.testing.assert_array_equal(data[2:].frames(Framing(step=0.01, n_steps=6)), frames[2:])
    with pytest.raises(IndexError):
        data[5]
    with pytest.raises(DatasetError, match=r"there are no recordings \(got slice\(5, None"):
        data[5:]
