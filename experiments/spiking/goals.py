"""What we set out to reach with networks that are trained in spikes."""

from __future__ import annotations

import numpy as np

from experiments import goal_rows
from experiments.spiking.chip import CONVNET, LETTERS
from experiments.spiking.sequential import LSNN

__all__ = ["rows"]

BONDAREV = {5: 98.5, 20: 98.7}  # percent by steps, each backward pass, mean of three seeds
CONVNET_ACCURACY = 99.2  # on the emulator, with the spikes of Keras
LETTERS_ACCURACY, LETTERS_LOSS = 97.0, 1.0  # mean of five splits; points on the emulator
VGG16, VGG16_LOSS = "vgg16_in_spikes_t8", 1.0  # points
SEQUENTIAL_ACCURACY = 96.0
EVENTS = {"nmnist_convnet": 92.0, "speech_recurrent": 95.0}


def rows(results):
    """Rows of the table of goals: what, goal, measured, points by which it is missed.

    Parameters
    ----------
    results : dict of str to dict
        Of the experiments, by name, as far as they are there.

    Returns
    -------
    rows : list of (str, str, str, float)
        The last number is not above 0 if the goal is reached.
    """
    found = []
    if "spiking.bondarev" in results:
        networks = results["spiking.bondarev"]["networks"]
        for way in ("bptt", "local"):
            runs = [run for name, run in networks.items() if f"_{way}_" in name]
            for n_steps, goal in BONDAREV.items():
                reached = 100 * np.mean([run["accuracy"][n_steps - 1] for run in runs])
                found.append(
                    goal_rows.accuracy(f"Bondarev's MLP ({way}), {n_steps} steps", reached, goal)
                )
    if "spiking.chip" in results:
        networks = results["spiking.chip"]["networks"]
        convnet = networks[CONVNET]
        name = "MNIST ConvNet on the Loihi emulator"
        found.append(goal_rows.accuracy(name, 100 * convnet["loihi"], CONVNET_ACCURACY))
        letters = [run for name, run in networks.items() if name in LETTERS]
        keras, loihi = (
            100 * np.mean([run[where] for run in letters]) for where in ("keras", "loihi")
        )
        found.append(goal_rows.accuracy("letters in Braille", keras, LETTERS_ACCURACY))
        found.append(
            goal_rows.lost("letters in Braille, on the Loihi emulator", keras - loihi, LETTERS_LOSS)
        )
        differing = sum(run["differing"] for run in networks.values())
        text = f"{differing:,} of {sum(run['compared'] for run in networks.values()):,}"
        found.append(("spikes that differ on the Loihi emulator", "none", text, differing))
    if "spiking.events" in results:
        for name, run in results["spiking.events"]["networks"].items():
            found.append(goal_rows.accuracy(name, 100 * run["spikes"], EVENTS[name]))
    if "spiking.fine_tuned" in results:
        networks = results["spiking.fine_tuned"]["networks"]
        if VGG16 in networks:
            points = 100 * (networks[VGG16]["after"] - networks[VGG16]["rates"])
            name = "VGG-16 in spikes, 8 steps, from its ReLUs"
            found.append(goal_rows.lost(name, points, VGG16_LOSS))
    if "spiking.sequential" in results:
        reached = 100 * results["spiking.sequential"]["networks"][LSNN]["keras"]
        found.append(goal_rows.accuracy("sequential MNIST, LSNN", reached, SEQUENTIAL_ACCURACY))
    return found
