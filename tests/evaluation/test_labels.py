"""Labels in all forms are the same integers."""

import numpy as np
import pytest

from nengo_softlif.errors import DatasetError
from nengo_softlif.evaluation.labels import as_integers

INTEGERS = np.array([2, 0, 1, 1])
NAMES = np.array(["cat", "dog", "eel"])


@pytest.mark.parametrize(
    "labels, classes",
    [
        (INTEGERS, None),
        (INTEGERS.tolist(), None),
        (INTEGERS.astype(np.uint8), None),
        (INTEGERS.astype(float), None),
        (INTEGERS[:, np.newaxis], None),
        (np.eye(3)[INTEGERS], None),
        (np.eye(3, dtype=bool)[INTEGERS], None),
        (NAMES[INTEGERS], NAMES),
        (NAMES[INTEGERS].tolist(), list(NAMES)),
        (NAMES[INTEGERS][:, np.newaxis], list(NAMES)),
        (INTEGERS + 10, [10, 11, 12]),
    ],
)
def test_all_forms(labels, classes):
    found = as_integers(labels, n_samples=4, n_classes=3, classes=classes)
    np.testing.assert_array_equal(found, INTEGERS)
    assert found.dtype == np.int64


def test_booleans_are_two_classes():
    found = as_integers([True, False], n_samples=2, n_classes=2)
    np.testing.assert_array_equal(found, [1, 0])


@pytest.mark.parametrize(
    "labels, classes, words",
    [
        (INTEGERS[:3], None, "shape"),
        (np.ones((4, 3)), None, r"a single 1 .* \(got \[1.0, 1.0, 1.0\] for sample 0\)"),
        (np.eye(3)[INTEGERS] * 0.5, None, "one-hot labels must have a single 1"),
        (np.eye(4)[INTEGERS], None, r"one-hot rows of shape \(4, 3\) \(got shape \(4, 4\)\)"),
        (NAMES[INTEGERS], None, r"names \(cat, dog, eel\)"),
        (NAMES[INTEGERS], ["cat", "dog"], r"each of the network's 3 outputs once \(got 2 names"),
        (NAMES[INTEGERS], ["cat", "dog", "dog"], "2 of them different"),
        (NAMES[INTEGERS], ["cat", "dog", "fox"], "labels eel are not in classes"),
        (INTEGERS + 1, None, "from 0 to 2"),
        (INTEGERS - 0.5, None, "integers"),
        (INTEGERS * np.nan, None, "integers"),
        (INTEGERS.astype("datetime64[s]"), None, "integers"),
    ],
)
def test_bad_labels_are_named(labels, classes, words):
    with pytest.raises(DatasetError, match=words):
        as_integers(labels, n_samples=4, n_classes=3, classes=classes)
