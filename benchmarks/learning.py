"""How long an image takes the network of Diehl & Cook, with learning, beside `nengo.Simulator`.

python -m benchmarks.learning
"""

from __future__ import annotations

import time

import nengo
import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from nengo_softlif.networks import DiehlCook

SHOWN, REST = 0.35, 0.15  # seconds of an image, and of silence after it
SIMULATORS = {"nengo_softlif.Simulator": nsl.Simulator, "nengo.Simulator": nengo.Simulator}
N_IMAGES = 3


def milliseconds(simulator, n_outputs, white=63.75, dt=0.001):
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
    images = nsl.datasets.load("mnist_subset").x_train[: N_IMAGES + 1].reshape(-1, 784)
    circuit = DiehlCook(784, n_outputs, dt=dt, seed=0)
    taken = []
    with simulator(circuit, dt=dt, progress_bar=False) as sim:
        for image in images:
            start = time.process_time()
            circuit.present(sim, white * image, SHOWN)
            circuit.present(sim, np.zeros(784), REST)
            taken.append(time.process_time() - start)
    return 1000 * min(taken[1:])  # the first image may compile


def main():
    """Print the times against simulators and steps, neurons, and firing rates."""
    rows = [
        (name, f"{1000 * dt:g} ms", f"{milliseconds(simulator, 400, dt=dt):.1f} ms")
        for dt in (0.001, 0.0005)
        for name, simulator in SIMULATORS.items()
    ]
    print(table(("400 neurons", "dt", "an image"), rows), "\n")
    sizes = (100, 400, 1600, 6400)
    rows = [(f"{n:,}", f"{milliseconds(nsl.Simulator, n):.1f} ms") for n in sizes]
    print(table(("neurons", "an image"), rows), "\n")
    rates = (16.0, 32.0, 63.75, 127.5, 255.0)
    rows = [(f"{hz:g} Hz", f"{milliseconds(nsl.Simulator, 400, hz):.1f} ms") for hz in rates]
    print(table(("rate of a white pixel, 400 neurons", "an image"), rows))


if __name__ == "__main__":
    main()
