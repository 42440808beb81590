"""Machine code is kept on disk where that works, and nothing fails where it doesn't."""

import errno
import logging
import os
import subprocess
import sys
import threading
from types import ModuleType

import numba
import numpy as np
import pytest
from numba.core.caching import CompileResultCacheImpl, IndexDataCacheFile

from nengo_softlif.compiled import cache, sources
from nengo_softlif.compiled.compiler import Kernel, compiled
from nengo_softlif.compiled.simd import array


def add_one(x):
    return x + 1


def double(at, real):
    x = array(at.x, at.n, real)
    for i in range(at.n):
        x[i] = 2 * x[i]


def double_kernel():
    return Kernel(double, operands="x n")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache, and no warning given yet."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    cache._warn_once.cache_clear()
    return tmp_path


def doubled(kernel):
    """What a kernel makes of an array, called by its address."""
    x = np.array([1.5, -2.0, 3.0])
    operands = np.array([x.ctypes.data, len(x)])
    kernel.as_c_function(x.dtype)(operands.ctypes.data, None)
    return list(x)


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
    assert double_kernel().address(np.dtype("f8")) != 0
    kept = files(folder, "nbc")
    times = [path.stat().st_mtime_ns for path in kept]
    assert double_kernel().address(np.dtype("f8")) != 0
    assert [path.stat().st_mtime_ns for path in files(folder, "nbc")] == times
    double_kernel().address(np.dtype("f4"))
    assert len(files(folder, "nbc")) == len(kept) + 1


def test_what_was_compiled_from_other_sources_is_not_used(folder, monkeypatch):
    hits()
    monkeypatch.setattr(cache, "digest_of_sources", lambda module: "of another version")
    assert hits() == 0
    assert hits() == 1


def test_the_digest_depends_on_the_packages_that_a_module_uses(tmp_path, monkeypatch):
    """A module's functions are made anew if its package or one that this uses has changed."""
    for name in ("_low", "_high", "_other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
        package = ModuleType(name)
        package.__path__ = [str(tmp_path / name)]
        monkeypatch.setitem(sys.modules, name, package)
    monkeypatch.setattr(sources, "_USES", {**sources._USES})
    sources.register_sources("_low")
    sources.register_sources("_high", uses=("_low",))
    sources.register_sources("_other")

    def digests():
        sources._digest.cache_clear()
        return [
            sources.digest_of_sources(f"{name}.kernels") for name in ("_high", "_low", "_other")
        ]

    before = digests()
    (tmp_path / "_low" / "kernels.py").write_text("changed = True")
    high, low, other = (a != b for a, b in zip(before, digests(), strict=True))
    assert (high, low, other) == (True, True, False)
    sources._digest.cache_clear()


def test_kernels_are_made_anew_when_the_formulas_that_they_compile_have_changed():
    import nengo_softlif.loihi.emulator
    import nengo_softlif.simulator  # noqa: F401

    for package in ("nengo_softlif.simulator", "nengo_softlif.loihi.emulator"):
        assert "nengo_softlif.functional" in used_by(package)


def used_by(package):
    uses = sources._USES[package]
    return {*uses, *(name for use in uses for name in used_by(use))}


@pytest.mark.parametrize(
    "module, package",
    [
        ("nengo_softlif.simulator.kernels.rows", "nengo_softlif.simulator"),
        ("nengo_softlif.functional.curves", "nengo_softlif.functional"),
        ("nengo_softlif.loihi.emulator.chip.integer", "nengo_softlif.loihi.emulator.chip"),
        ("somebody.kernels", "nengo_softlif.compiled"),
    ],
)
def test_a_module_belongs_to_its_innermost_package(module, package):
    import nengo_softlif.loihi.emulator.chip
    import nengo_softlif.simulator  # noqa: F401

    assert sources.digest_of_sources(module) == sources._digest(package)


def test_every_function_is_kept_whatever_was_compiled_before(tmp_path):
    """Numba can't store a function that is given ``max``, once others have used that."""
    program = """
import nengo
import nengo_softlif as nsl

with nengo.Network(seed=0) as net:
    nengo.Ensemble(5, 1, neuron_type=nengo.PoissonSpiking(nengo.RectifiedLinear()))
nengo.rc["precision"]["bits"] = "32"
for neuron_type in (nengo.LIFRate(), nsl.SoftLIFRate()):
    nsl.Simulator(net, progress_bar=False).run_steps(1)
    net.ensembles[0].neuron_type = neuron_type
nsl.Simulator(net, progress_bar=False).run_steps(1)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert "can't be kept" not in done.stderr


def said(caplog):
    messages = [r.getMessage() for r in caplog.records if r.name == "nengo_softlif"]
    return [m for m in messages if "compiled in memory" in m and "NUMBA_CACHE_DIR" in m]


def test_without_a_folder_that_can_be_written(folder, monkeypatch, caplog):
    monkeypatch.setattr(CompileResultCacheImpl, "_locator_classes", [])
    assert hits() == 0 and hits() == 0
    assert double_kernel().address(np.dtype("f8")) != 0
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
        assert double_kernel().address(np.dtype("f8")) != 0
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


@pytest.mark.parametrize("place", np.linspace(0.05, 0.95, 10))
def test_no_damaged_machine_code_is_used(folder, place):
    """A single bit may be all that differs, anywhere in a file."""
    hits()
    assert doubled(double_kernel()) == [3.0, -4.0, 6.0]
    paths = files(folder, "nbc")
    assert len(paths) == 2
    for path in paths:
        data = bytearray(path.read_bytes())
        data[int(place * len(data))] ^= 1
        path.write_bytes(data)
    assert hits() == 0
    assert doubled(double_kernel()) == [3.0, -4.0, 6.0]
    assert hits() == 1
    assert doubled(double_kernel()) == [3.0, -4.0, 6.0]


def test_threads_may_compile_at_the_same_time(folder):
    results = []
    threads = [threading.Thread(target=lambda: results.append(hits())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
