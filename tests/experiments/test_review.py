"""Weights that systems of the review have learnt, on a few test images."""

import numpy as np
import pytest

from experiments.data import load
from experiments.review import autoencoder, bp_stdp_training, event_driven_cd
from nengo_softlif import datasets
from nengo_softlif.errors import SoftLIFError

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


def test_the_training_of_bp_stdp_goes_on_from_its_checkpoint(tmp_path, monkeypatch):
    split, sizes = load("mnist", quick=True), (784, 12, 8, 10)
    whole, expected = bp_stdp_training.train(split, epochs=2, sizes=sizes)
    path = tmp_path / "bp_stdp.npz"

    def keep_and_stop(*state, keep=bp_stdp_training._keep):
        keep(*state)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(bp_stdp_training, "_keep", keep_and_stop)
        bp_stdp_training.train(split, epochs=2, sizes=sizes, checkpoint=path)
    rule, history = bp_stdp_training.train(split, epochs=2, sizes=sizes, checkpoint=path)
    assert [one["accuracy"] for one in history] == [one["accuracy"] for one in expected]
    for one, other in zip(rule.weights, whole.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(SoftLIFError, match=r"of 2 epochs.*--restart"):
        bp_stdp_training.train(split, epochs=3, sizes=sizes, checkpoint=path)
    with pytest.raises(SoftLIFError, match=r"other shapes.*--restart"):
        bp_stdp_training.train(split, epochs=2, sizes=(784, 9, 8, 10), checkpoint=path)
