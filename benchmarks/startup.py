"""How long a fresh interpreter takes until the ConvNet has run: first and second start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

from benchmarks import networks
from benchmarks.competitors import COMPETITORS, OURS

# What a user types; every line says when it was done.
_BEGIN = """
import json, time
start = time.perf_counter()
times = {{}}
def done(name):
    times[name] = time.perf_counter() - start
import nengo_softlif as nsl
"""
_END = """
done("step")
print(json.dumps(times))
"""
_NENGO = """
{simulator}
spiking = nsl.SpikingNetwork.load({path!r})
done("imports, network")
sim = Simulator(spiking.net, progress_bar=False{options})
done("build")
sim.run_steps({n_steps})
"""
PROGRAMS = {
    OURS: (_NENGO, "from nengo_softlif import Simulator", ""),
    "nengo.Simulator": (_NENGO, "from nengo import Simulator", ""),
    "NengoDL, minibatch 1": (_NENGO, "from nengo_dl import Simulator", ""),
}


def run(workers, quick):
    """Seconds from the start of the interpreter to the end of the first step.

    Parameters
    ----------
    workers : Workers
        Not needed: every start is that of a new process.
    quick : bool
        One second start instead of three.
    """
    entries = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "convnet.zip"
        _save(path)
        for row, (program, simulator, options) in PROGRAMS.items():
            missing = COMPETITORS[row].missing()
            if missing:
                entries[row] = {"status": "not installed", "missing": missing}
                continue
            code = (_BEGIN + program + _END).format(
                path=str(path), simulator=simulator, options=options, n_steps=1
            )
            starts = []
            with tempfile.TemporaryDirectory() as cache:
                for _ in range(2 if quick else 4):
                    starts.append(_start(code, cache))
            entries[row] = {"status": "measured", "starts": starts}
            seconds = ", ".join(f"{start['total']:.2f}" for start in starts)
            print(f"  {row}: {seconds} s", flush=True)
    return {"entries": entries}


def _save(path):
    """The ConvNet as a file, as `nengo_softlif.convert` makes it."""
    import nengo_softlif as nsl

    network = networks.load("convnet")
    scale = {stage.name: stage.scale for stage in network.stages}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nsl.convert(networks.keras_model(network), synapse=None, scale=scale).save(path)


def _start(code, cache):
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
    start = time.perf_counter()
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
    )
    total = time.perf_counter() - start
    if finished.returncode:
        raise RuntimeError(f"a start failed:\n{finished.stderr[-2000:]}")
    return {"total": total, **json.loads(finished.stdout.splitlines()[-1])}
