"""A training step in spikes, ours beside other libraries.

The same networks, spikes and initial weights everywhere (`benchmarks.trainers`). Each library has a
process of its own and sleeps while another one is timed; they take turns, each round in another
order. CPU time and wall time are both measured: on a machine that others use, CPU time counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks import machine
from benchmarks.trainers import TRAINERS
from benchmarks.trainers.networks import INPUT_SPIKES, N_STEPS, NETWORKS
from benchmarks.trainers.serve import N_THREADS

ROOT = Path(__file__).parent.parent
BATCH_SIZES = (64, 256)
N_ROUNDS = 5
N_BATCHES = {64: 6, 256: 2}


class Library:
    """The process of one row.

    Parameters
    ----------
    name : str
        In `TRAINERS`.
    python : str
        Interpreter.
    """

    def __init__(self, name, python):
        self.name = name
        environment = {
            **os.environ,
            # Threads of OpenMP that wait would count as busy: with others on the machine PyTorch's
            # CPU time was five times as much.
            "OMP_WAIT_POLICY": "PASSIVE",
            "OMP_NUM_THREADS": str(N_THREADS),
            "TF_NUM_INTRAOP_THREADS": str(N_THREADS),
            "CUDA_VISIBLE_DEVICES": "",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            **TRAINERS[name].environment,
        }
        self._process = subprocess.Popen(
            [python, "-m", "benchmarks.trainers.serve", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env=environment,
            preexec_fn=_few_cores,
        )

    def __call__(self, *command):
        """Answer of the process to a command of `benchmarks.trainers.serve`."""
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        return json.loads(line) if line else {"failed": "the process ended"}

    def close(self):
        """End the process."""
        self._process.stdin.close()
        self._process.wait()


def run(workers, quick):
    """Time all rows of `TRAINERS` on both networks.

    Parameters
    ----------
    workers : Workers
        Of which only ``pythons`` counts, interpreters by row.
    quick : bool
        One network, batches of 8, ours alone.
    """
    names = list(TRAINERS)[:1] if quick else list(TRAINERS)
    cases = [("mlp", 8)] if quick else [(n, size) for n in NETWORKS for size in BATCH_SIZES]
    libraries, missing, versions = [], {}, machine.facts("", quick)["versions"]
    for name in names:
        python = workers.pythons.get(name, sys.executable)
        absent = _missing(TRAINERS[name].needs, python)
        if absent:
            missing[name] = {"status": "not installed", "missing": absent}
            continue
        libraries.append(Library(name, python))
        versions.update(libraries[-1]("versions"))
    try:
        measured = {
            f"{network}, batch {size}": {
                "network": network,
                "batch_size": size,
                "entries": {
                    **_compare(libraries, network, size, 1 if quick else N_ROUNDS),
                    **missing,
                },
            }
            for network, size in cases
        }
    finally:
        for library in libraries:
            library.close()
    return {
        "n_steps": N_STEPS,
        "n_threads": N_THREADS,
        "input_spikes": INPUT_SPIKES,
        "versions": versions,
        "load_average": os.getloadavg()[1],  # 5 minutes
        "cases": measured,
    }


def _compare(libraries, network, batch_size, n_rounds):
    entries, ready = {}, []
    n_batches = N_BATCHES.get(batch_size, 2)
    for library in libraries:
        answer = library("build", network, batch_size, n_batches)
        if "failed" in answer:
            reason = answer["failed"].strip().splitlines()[-1]
            entries[library.name] = {"status": "failed", "reason": reason}
            print(f"  {network}, {batch_size}, {library.name}: {reason}", flush=True)
            continue
        ready.append(library)
        entries[library.name] = {"status": "measured", "built": answer, "rounds": []}
    for index in range(n_rounds):
        turn = index % max(1, len(ready))
        for library in ready[turn:] + ready[:turn]:
            entries[library.name]["rounds"].append(library("train", 1))
    for library in ready:
        entry = entries[library.name]
        for key in ("cpu_ms", "wall_ms"):
            entry[key] = float(np.median([one[key] for one in entry["rounds"]]))
        print(
            f"  {network}, {batch_size}, {library.name}: {entry['cpu_ms']:.1f} ms CPU, "
            f"{entry['wall_ms']:.1f} ms",
            flush=True,
        )
    return entries


def _missing(modules, python):
    """Modules that an interpreter doesn't find."""
    code = (
        "import importlib.util, sys; "
        "print(*(name for name in sys.argv[1:] if not importlib.util.find_spec(name)))"
    )
    found = subprocess.run([python, "-c", code, *modules], capture_output=True, text=True)
    return found.stdout.split() if found.returncode == 0 else list(modules)


def _few_cores():
    """Hold the process to as many processors as it has threads; XLA has no such setting."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:N_THREADS])
