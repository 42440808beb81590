import subprocess
import sys
import warnings

import numpy as np
import pytest
from nengo import version as nengo_version

from nengo_softlif.compat import numpy_view, subprocess_view, warnings_view


def test_numpy_array_without_copy():
    view = numpy_view.load()
    x = np.arange(3.0)
    assert np.shares_memory(view.array(x, copy=False), x)
    assert view.array(x, dtype=int, copy=False).dtype == int
    assert not np.shares_memory(view.array(x), x)
    with pytest.raises(ValueError, match="copy"):
        np.array(x, dtype=int, copy=False)


def test_numpy_fromstring():
    view = numpy_view.load()
    data = view.fromstring(b"\x01\x02\x03", np.uint8)
    assert data.tolist() == [1, 2, 3]
    assert data.flags.writeable
    assert view.fromstring("1 2", int, sep=" ").tolist() == [1, 2]


def test_numpy_full_of_nan():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert numpy_view.load().full(2, np.nan, dtype=np.int32).dtype == np.int32


def test_numpy_view_is_numpy_otherwise():
    view = numpy_view.load()
    assert view.ndarray is np.ndarray and view.linalg is np.linalg and view.testing is np.testing
    assert set(dir(np)) <= set(dir(view))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = view.nothing


def test_warning_about_tried_nengo(monkeypatch):
    message = "It has not been tested with your Nengo version"
    warn = warnings_view.load().warn
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn(message)
    with pytest.warns(UserWarning, match="something else") as record:
        warn("something else")
    assert record[0].filename == __file__
    monkeypatch.setattr(nengo_version, "version_info", (99, 0, 0))
    with pytest.warns(UserWarning, match="has not been tested"):
        warn(message)


def test_subprocess_call():
    call = subprocess_view.load().call
    assert call([sys.executable, "-c", "raise SystemExit(3)"]) == 3


def test_no_child_process_to_look_for_a_gpu(monkeypatch):
    monkeypatch.setattr(subprocess, "call", lambda args: pytest.fail("started a process"))
    monkeypatch.setattr(subprocess_view, "_may_have_gpu", lambda: False)
    code = "import tensorflow as tf; tf.config.list_physical_devices('GPU')"
    assert subprocess_view.load().call([sys.executable, "-c", code]) == 1
