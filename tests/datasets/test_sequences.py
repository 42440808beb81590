"""Letters in Braille and spoken digits from npz files: splits, scales, and what is refused."""

import numpy as np
import pytest

from nengo_softlif.datasets import load_braille, load_speech
from nengo_softlif.errors import DatasetError

RNG = np.random.default_rng(0)


def braille(**changes):
    repetition, y = (part.ravel() for part in np.meshgrid(np.arange(12), np.arange(3)))
    x = RNG.integers(0, 256, size=(36, 7, 2), dtype=np.uint8)
    return {"x": x, "y": y, "repetition": repetition, **changes}


def speech(**changes):
    count = RNG.integers(10, 20, 14)
    samples = RNG.integers(-(2**15), 2**15, count.sum()).astype(np.int16)
    index, y = np.arange(14) % 7, np.arange(14) // 7
    return {"samples": samples, "count": count, "y": y, "index": index, "rate": 8000, **changes}


def written(tmp_path, arrays):
    path = tmp_path / "some.npz"
    np.savez(path, **{k: v for k, v in arrays.items() if v is not None})
    return path


def test_braille_is_split_by_repetition(tmp_path):
    arrays = braille()
    data = load_braille(written(tmp_path, arrays))
    is_test = arrays["repetition"] >= 2
    np.testing.assert_allclose(data.x_test, arrays["x"][is_test] / 255, rtol=1e-6)
    np.testing.assert_allclose(data.x_train, arrays["x"][~is_test] / 255, rtol=1e-6)
    assert np.bincount(data.y_test).tolist() == [10, 10, 10]
    assert data.y_train.tolist() == [0, 0, 1, 1, 2, 2] and data.name == "some"


def test_speech_has_the_official_test_set(tmp_path):
    arrays = speech()
    train, test = load_speech(written(tmp_path, arrays))
    assert (len(train), len(test), train.rate) == (4, 10, 8000)
    assert train.labels.tolist() == [0, 0, 1, 1]
    starts = np.cumsum(arrays["count"]) - arrays["count"]
    first = arrays["samples"][starts[5] : starts[5] + arrays["count"][5]]
    np.testing.assert_array_equal(train[0], first / 2**15)
    assert sum(map(len, train)) + sum(map(len, test)) == len(arrays["samples"])
    assert np.abs(train[0]).max() <= 1


@pytest.mark.parametrize(
    "load, make, changes, words",
    [
        (load_braille, braille, {"x": RNG.random((36, 7, 2))}, "uint8 .got float64"),
        (load_braille, braille, {"x": np.zeros((36, 7), np.uint8)}, r"of shape \(36, 7\)"),
        (load_braille, braille, {"x": np.zeros((36, 0, 2), np.uint8)}, r"\(36, 0, 2\)"),
        (load_braille, braille, {"y": np.zeros(35, int)}, r"y must have the shape \(36,\)"),
        (load_braille, braille, {"repetition": np.zeros(36)}, "repetition must be integers"),
        (load_braille, braille, {"repetition": np.arange(35)}, "must have 36 values.*got 35"),
        (load_braille, braille, {"repetition": np.zeros(36, int)}, "got test samples only"),
        (load_braille, braille, {"repetition": None}, "lacks repetition"),
        (load_speech, speech, {"samples": np.zeros(9)}, "one row of int16 .got float64"),
        (load_speech, speech, {"samples": np.zeros(9, np.int16)}, "9 rows, and counts of"),
        (load_speech, speech, {"count": np.arange(14)}, "count must be .*got 0 at index 0"),
        (load_speech, speech, {"y": np.full(14, 0.5)}, "y must hold integers"),
        (load_speech, speech, {"index": np.zeros(14, int)}, "got test samples only"),
        (load_speech, speech, {"index": np.full(14, 5)}, "got training samples only"),
        (load_speech, speech, {"index": np.zeros(3, int)}, "must have 14 values"),
        (load_speech, speech, {"rate": 0}, "rate must be integers of 1 or more"),
        (load_speech, speech, {"rate": 8000.5}, "rate must be integers"),
    ],
)
def test_files_that_do_not_add_up_are_refused(tmp_path, load, make, changes, words):
    with pytest.raises(DatasetError, match=words):
        load(written(tmp_path, make(**changes)))


@pytest.mark.parametrize("load", [load_braille, load_speech])
def test_there_must_be_a_file(tmp_path, load):
    with pytest.raises(DatasetError, match=r"There is no file .*nothing"):
        load(tmp_path / "nothing.npz")
    with pytest.raises(DatasetError, match=r"path must be that of an npz file \(got 3\)"):
        load(3)
