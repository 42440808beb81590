"""Machine code is kept on disk where that works, and nothing fails where it doesn't."""

import errno
import logging
import threading

import numba
import numpy as np
import pytest
from numba.core.caching import CompileResultCacheImpl, IndexDataCacheFile

from nengo_softlif.simulator import compiling
from nengo_softlif.simulator.compiling import Kernel, compiled
from nengo_softlif.simulator.lanes import array


def add_one(x):
    return x + 1


def double(at, real):
    """at: x, n."""
    x = array(at[0], at[1], real)
    for i in range(at[1]):
        x[i] = 2 * x[i]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache, and no warning given yet."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    compiling._warn_once.cache_clear()
    return tmp_path


def files(folder, ending):
    return sorted(folder.rglob(f"*.{ending}"))


def hits():
    """Compile or load a function, use it, and say whether it was loaded."""
    function = compiled(add_one)
    assert function(2) == 3
    return sum(function.stats.cache_hits.values())


def test_functions_and_kernels_are_kept(folder):
    assert hits() == 0
    assert len(files(folder, "nbi")) == 1
    assert hits() == 1
    assert Kernel(double).address(np.dtype("f8")) != 0
    kept = files(folder, "nbc")
    times = [path.stat().st_mtime_ns for path in kept]
    assert Kernel(double).address(np.dtype("f8")) != 0
    assert [path.stat().st_mtime_ns for path in files(folder, "nbc")] == times
    Kernel(double).address(np.dtype("f4"))
    assert len(files(folder, "nbc")) == len(kept) + 1


def test_what_was_compiled_from_other_sources_is_not_used(folder, monkeypatch):
    hits()
    monkeypatch.setattr(compiling, "_sources", lambda: "of another version")
    assert hits() == 0
    assert hits() == 1


def test_the_stamp_is_of_all_sources():
    paths = {path.name for folder in compiling._SOURCES for path in folder.rglob("*.py")}
    assert {"compiling.py", "lanes.py", "rows.py", "neurons.py"} <= paths


def said(caplog):
    messages = [r.getMessage() for r in caplog.records if r.name == "nengo_softlif"]
    return [m for m in messages if "compiled in memory" in m and "NUMBA_CACHE_DIR" in m]


def test_without_a_folder_that_can_be_written(folder, monkeypatch, caplog):
    monkeypatch.setattr(CompileResultCacheImpl, "_locator_classes", [])
    assert hits() == 0 and hits() == 0
    assert Kernel(double).address(np.dtype("f8")) != 0
    assert not files(folder, "*")


def test_a_folder_that_cannot_be_written_is_said_once(folder, monkeypatch, caplog):
    monkeypatch.setattr(CompileResultCacheImpl, "_locator_classes", [])
    with caplog.at_level(logging.WARNING, logger="nengo_softlif"):
        hits()
        hits()
    assert len(said(caplog)) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_full_or_read_only_disk(folder, monkeypatch, caplog, number):
    def fail(*_):
        raise OSError(number, "as the test says")

    monkeypatch.setattr(IndexDataCacheFile, "_save_data", fail)
    monkeypatch.setattr(IndexDataCacheFile, "_save_index", fail)
    with caplog.at_level(logging.WARNING, logger="nengo_softlif"):
        assert hits() == 0
        assert hits() == 0
        assert Kernel(double).address(np.dtype("f8")) != 0
    assert len(said(caplog)) == 1


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-3],
        lambda data: b"\x00" * len(data),
        lambda data: b"garbage\n" * 9,
        lambda data: b"cno_such_module\nname\n.",
        lambda data: data[:20] + b"\xff\xfe\xfd" + data[23:],
    ],
)
def test_damaged_files_are_replaced(folder, ending, damage):
    hits()
    (path,) = files(folder, ending)
    path.write_bytes(damage(path.read_bytes()))
    assert hits() == 0
    assert hits() == 1


def test_threads_may_compile_at_the_same_time(folder):
    results = []
    threads = [threading.Thread(target=lambda: results.append(hits())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
