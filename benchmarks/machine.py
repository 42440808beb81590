"""What the numbers were measured on: software, processor, and what the processor can do."""

from __future__ import annotations

import datetime
import os
import platform
import re
import resource
import sys
import threading
import time
from importlib import metadata
from pathlib import Path

import numpy as np

PACKAGES = (
    "numpy",
    "numba",
    "nengo",
    "nengo-dl",
    "nengo-loihi",
    "tensorflow",
    "keras",
    "jax",
    "torch",
    "snntorch",
    "spikingjelly",
)


def facts(command, quick, packages=PACKAGES):
    """Versions, machine, date and command of a run, without anything that identifies a machine.

    Parameters
    ----------
    command : str
    quick : bool
    packages : iterable of str
        Those whose versions matter.
    """
    return {
        "command": command,
        "quick": quick,
        "date": datetime.date.today().isoformat(),
        "seed": 0,
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "vector_instructions": _vector_instructions(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in packages},
    }


def _version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _cpu_info(key):
    path = Path("/proc/cpuinfo")
    for line in path.read_text().splitlines() if path.exists() else ():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return ""


def _cpu_model():
    return _cpu_info("model name") or platform.processor() or platform.machine()


def _vector_instructions():
    flags = _cpu_info("flags").split()
    return [flag for flag in ("avx2", "fma", "avx512f", "avx512_vnni") if flag in flags]


def peak_memory():
    """Largest resident memory of this process so far, in MB.

    Not what `resource.getrusage` tells on Linux, which is at least the memory of the process that
    started this one.
    """
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text() if status.exists() else "")
    if found:
        return int(found[1]) / 2**10
    in_mb = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / in_mb


def limits():
    """Measure what this machine can do, all cores together; the best of several tries.

    Returns
    -------
    limits : dict of str to float
        ``copy_gb_per_s``: bytes read and written by copying arrays far larger than the caches;
        ``multiply_gflop_per_s``: float32 operations in a product of matrices;
        ``scattered_additions_g_per_s``: float32 additions of rows of 64 weights to places in
        memory, all in cache, which is what spikes do one by one; ``summed_additions_g_per_s``
        if the rows go to one place, which can then stay in registers.
    """
    return {
        "copy_gb_per_s": _copy_bandwidth(),
        "multiply_gflop_per_s": _matrix_product(),
        **_row_additions(),
    }


def _best(function, work, tries=7):
    seconds = []
    for _ in range(tries):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return work / min(seconds) / 1e9


def _copy_bandwidth():
    n_threads = os.cpu_count()
    sources = [np.ones(2**24) for _ in range(n_threads)]  # 128 MB each
    targets = [np.zeros(2**24) for _ in range(n_threads)]

    def copy_all():
        _in_threads(np.copyto, list(zip(targets, sources, strict=True)))

    return _best(copy_all, 2 * sum(source.nbytes for source in sources))


def _matrix_product(n=2048):
    a, b = np.ones((n, n), np.float32), np.ones((n, n), np.float32)
    out = np.empty_like(a)
    return _best(lambda: np.matmul(a, b, out=out), 2 * n**3)


def _row_additions(n_rows=64, width=64, repeats=20_000):
    """Add rows of weights in cache, as spikes do: to places in memory, or summed up on the way."""
    try:
        import numba
    except ModuleNotFoundError:
        return {}

    @numba.njit(nogil=True, fastmath=True)
    def scatter(rows, places, out, repeats):
        for _ in range(repeats):
            for i in range(places.shape[0]):
                place = places[i]
                for j in range(width):  # a constant, so that it becomes vector instructions
                    out[place, j] += rows[i, j]

    @numba.njit(nogil=True, fastmath=True)
    def gather(rows, places, out, repeats):
        for repeat in range(repeats):
            total = np.zeros(width, np.float32)
            for i in range(places.shape[0]):
                row = rows[places[i]]
                for j in range(width):
                    total[j] += row[j]
            out[repeat % out.shape[0]] = total

    n_threads = os.cpu_count()
    rng = np.random.RandomState(0)
    rows = np.ones((n_threads, n_rows, width), np.float32)
    places = rng.randint(0, n_rows, (n_threads, n_rows))
    out = np.zeros_like(rows)
    found = {}
    for name, add in {"scattered": scatter, "summed": gather}.items():

        def on_all(add=add):
            _in_threads(add, [(rows[t], places[t], out[t], repeats) for t in range(n_threads)])

        add(rows[0], places[0], out[0], 1)  # compiles
        found[f"{name}_additions_g_per_s"] = _best(on_all, rows.size * repeats)
    return found


def _in_threads(function, arguments):
    threads = [threading.Thread(target=function, args=args) for args in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
