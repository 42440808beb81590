"""Weights that systems of the review have learnt, on a few test images."""

import numpy as np
import pytest

from experiments.review import autoencoder, event_driven_cd
from nengo_softlif import datasets

N_IMAGES = 100


@pytest.fixture(scope="module")
def digits():
    data = datasets.load("mnist_subset")
    return data.x_test[:N_IMAGES], data.y_test[:N_IMAGES]


def test_the_boltzmann_machine_tells_digits_by_spikes(digits):
    images, labels = digits
    state, learning = event_driven_cd.stored()
    counts, rate = event_driven_cd._answers(state, images, 150)
    assert np.mean(counts.sum(axis=1).argmax(axis=1) == labels) > 0.8
    assert 10 < rate < 125  # Hz, of 250
    assert len(learning) == len(event_driven_cd.RATES)


def test_the_autoencoder_decodes_and_classifies(digits):
    images, labels = digits
    encoders, readout, errors = autoencoder._stored()
    model = autoencoder._classifier(encoders, readout)
    assert np.mean(model.predict(images, verbose=0).argmax(axis=1) == labels) > 0.95
    encoder, decoder, _ = encoders[0]
    decoded = np.asarray(decoder(encoder(autoencoder._steps()(images))))
    assert np.mean((decoded - images) ** 2) < 3 * errors[0] * np.mean(images**2)
