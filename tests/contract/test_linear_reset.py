"""A trained ConvNet of linear-reset neurons decides alike on every backend.

Each layer's neurons fire at 100 Hz on average; Loihi's subtract the threshold, too.
"""

import numpy as np
import pytest

import nengo_softlif as nsl
from benchmarks import networks

N_IMAGES = 500
# In the normal run, those that take an image after the other, or TensorFlow, get fewer.
N_IN_SHORT = {"compiled": N_IMAGES, "loihi": N_IMAGES, "nengo_dl": 50, "nengo": 15}
EQUAL = 0.995


@pytest.fixture(scope="module")
def spiking():
    return networks.spiking_network(networks.load("convnet", rate=100.0))


def decide(spiking, numbers):
    """Predictions for so many images, by backend."""
    decided = {}
    for backend, n_images in numbers.items():
        x, y = networks.images(n_images)
        shown = nsl.Presentation(time=0.1)
        result = nsl.evaluate(spiking, x, y, backend=backend, presentation=shown, progress=False)
        decided[backend] = result.predictions
    return decided


def assert_right_and_equal(decided):
    _, labels = networks.images(N_IMAGES)
    assert np.mean(decided["compiled"] == labels) > 0.97
    for one, first in decided.items():
        for other, second in decided.items():
            n = min(len(first), len(second))
            share = np.mean(first[:n] == second[:n])
            assert share >= EQUAL, f"{one} and {other} agree on {share:.2%} of {n} images"


def test_decisions_are_equal(spiking):
    assert_right_and_equal(decide(spiking, N_IN_SHORT))


@pytest.mark.long
def test_decisions_are_equal_on_all_images(spiking):
    assert_right_and_equal(decide(spiking, dict.fromkeys(N_IN_SHORT, N_IMAGES)))
