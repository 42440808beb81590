import subprocess
import sys
import warnings

import numpy as np
import pytest
import scipy.linalg
from nengo._vendor.scipy.sparse import linalg_onenormest
from nengo.utils import filter_design

from nengo_softlif import compat
from nengo_softlif.compat import numpy_view, subprocess_view
from nengo_softlif.compat.patches.matrix_exponential import repair


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


def test_the_view_of_numpy_1_finds_common_types_and_members():
    repair(None)
    np_of_nengo = linalg_onenormest.np
    assert np_of_nengo is not np and np_of_nengo.sum is np.sum
    types = [np.dtype("float32"), np.dtype("int8"), np.dtype("complex64")]
    assert np_of_nengo.find_common_type(types, []) == np.dtype("complex64")
    np.testing.assert_array_equal(np_of_nengo.in1d([1, 5, 2], [2, 1]), [True, False, True])


@pytest.mark.parametrize("n_states", [3, 256])
def test_systems_of_any_size_are_discretized(n_states):
    repair(None)
    rng = np.random.default_rng(0)
    a, b = (
        rng.normal(size=(n_states, n_states)) / n_states - np.eye(n_states),
        np.ones((n_states, 1)),
    )
    system = a, b, np.ones((1, n_states)), np.zeros((1, 1))
    discrete, *_ = filter_design.cont2discrete(system, 0.1)
    np.testing.assert_allclose(discrete, scipy.linalg.expm(0.1 * a), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("package", ["`nengo`", "Nengo"])
def test_only_the_warning_about_the_tested_nengo_is_ignored(package):
    message = f"This version has not been tested with your {package} version ({{}}). The latest"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with compat.tested_with_this_nengo():
            warnings.warn(message.format("4.1.0"), stacklevel=1)
            warnings.warn(message.format("4.2.0"), stacklevel=1)
        warnings.warn(message.format("4.1.0"), stacklevel=1)
    assert ["4.2.0" in str(w.message) for w in caught] == [True, False]


def test_subprocess_call():
    call = subprocess_view.load().call
    assert call([sys.executable, "-c", "raise SystemExit(3)"]) == 3


def test_no_child_process_to_look_for_a_gpu(monkeypatch):
    monkeypatch.setattr(subprocess, "call", lambda args: pytest.fail("started a process"))
    monkeypatch.setattr(subprocess_view, "_may_have_gpu", lambda: False)
    code = "import tensorflow as tf; tf.config.list_physical_devices('GPU')"
    assert subprocess_view.load().call([sys.executable, "-c", code]) == 1
