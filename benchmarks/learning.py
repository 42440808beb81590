"""How long an image takes the network of Diehl & Cook, with learning, beside other simulators."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nengo
import numpy as np

import nengo_softlif as nsl
from nengo_softlif import backends
from nengo_softlif.networks import DiehlCook

SHOWN, REST = 0.35, 0.15  # seconds of an image, and of silence after it
WHITE = 63.75  # Hz of a white pixel
N_OUTPUTS = 400
OURS, REFERENCE = "nengo_softlif.Simulator", "nengo.Simulator"
SIMULATORS = {OURS: nsl.Simulator, REFERENCE: nengo.Simulator}
# scripts of those that run in interpreters of their own
LEARNERS = {"Brian2": "brian2_.py", "BindsNET": "bindsnet_.py"}
GOALS = {REFERENCE: 50, "Brian2": 5, "BindsNET": 10}
STEPS = (1.0, 0.5)  # ms
SIZES = (100, 400, 1600, 6400)
RATES = (16.0, 32.0, 63.75, 127.5, 255.0)
N_IMAGES, ROUNDS = 4, 3
N_PROFILED = 5000  # steps


def run(workers, quick):
    """Time images in turn, and ours against neurons and firing rates.

    Parameters
    ----------
    workers : Workers
        With interpreters that have Brian2 and BindsNET; they are left out otherwise.
    quick : bool
        One round, without the largest networks.

    Returns
    -------
    result : dict
    """
    rounds, sizes = (1, SIZES[:2]) if quick else (ROUNDS, SIZES)
    entries = {f"{step:g}": {} for step in STEPS}
    for step, times in entries.items():
        for _ in range(rounds):
            for name, simulator in SIMULATORS.items():
                taken = milliseconds(simulator, N_OUTPUTS, dt=float(step) / 1000)
                times[name] = min(taken, times.get(name, np.inf))
            for name in LEARNERS:
                if name in workers.pythons:
                    taken = _elsewhere(workers.pythons[name], name, step)
                    times[name] = min(taken, times.get(name, np.inf))
        print(f"  {step} ms: {times}", flush=True)
    return {
        "n_outputs": N_OUTPUTS,
        "entries": entries,
        "sizes": {str(n): _shortest(rounds, n) for n in sizes},
        "rates": {f"{rate:g}": _shortest(rounds, N_OUTPUTS, rate) for rate in RATES},
        "kernels": {"image": _kernels(WHITE), "silence": _kernels(0.0)},
    }


def _shortest(rounds, *circuit):
    return min(milliseconds(nsl.Simulator, *circuit) for _ in range(rounds))


def milliseconds(simulator, n_outputs, white=WHITE, dt=0.001):
    """Shortest processor time that an image takes.

    Parameters
    ----------
    simulator : type
    n_outputs : int
    white : float
        Firing rate of a white pixel in Hz.
    dt : float
        Step in seconds.

    Returns
    -------
    time : float
        In milliseconds, of this process: others on the machine don't count.
    """
    circuit = DiehlCook(784, n_outputs, dt=dt, seed=0)
    taken = []
    with simulator(circuit, dt=dt, progress_bar=False) as sim:
        for image in _images():
            start = time.process_time()
            circuit.present(sim, white * image, SHOWN)  # normalises weights, once an image
            sim.signals[sim.model.sig[circuit.stimulus]["out"]][...] = 0
            sim.run_steps(round(REST / dt))
            taken.append(time.process_time() - start)
    return 1000 * min(taken[1:])  # the first image may compile


def _kernels(white):
    """Microseconds of a step in each kernel of ours, at a firing rate of a white pixel in Hz."""
    circuit = DiehlCook(784, N_OUTPUTS, seed=0)
    setup = backends.Setup(
        net=circuit,
        inputs={"rates": circuit.stimulus},
        probed={"outputs": circuit.outputs.neurons},
        dt=circuit.dt,
        accumulated={"outputs"},
    )
    with backends.get("compiled").open(setup) as session:
        shares = session.sim.presenter.profile({"rates": white * _images()[0]}, N_PROFILED)
    return {share.kernel: 1e6 * share.seconds for share in shares}


def _images():
    images = nsl.datasets.load("mnist_subset").x_train[:N_IMAGES]
    return images.reshape(len(images), -1).astype(float)


def _elsewhere(python, name, step):
    script = Path(__file__).parent / "learners" / LEARNERS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "images.npy"
        np.save(path, _images())
        command = [python, script, path, str(N_OUTPUTS), step]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name} failed in {python}:\n{done.stderr}")
    return float(done.stdout.split()[-1])
