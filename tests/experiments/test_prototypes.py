"""Training of the networks of Diehl & Cook: resumed to the bit, refused checkpoints, storage."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.review import prototypes
from experiments.review.prototypes import Plan, State
from nengo_softlif.errors import SoftLIFError

PLAN = Plan(n_outputs=5, seed=0, n_images=7)


@pytest.fixture
def images(monkeypatch):
    monkeypatch.setattr(prototypes, "CHUNK", 3)
    return np.random.default_rng(0).random((4, 20, 20))  # so that a second epoch begins


@pytest.mark.parametrize("bits", [64, 32])
def test_what_was_interrupted_goes_on_to_the_same_bits(images, tmp_path, monkeypatch, bits):
    network = replace(PLAN, bits=bits)
    whole = prototypes.train(network, images, tmp_path / "whole.npz")
    learn = prototypes._learn

    def interrupted(plan, state, images):
        if state.n_seen == 3:
            raise KeyboardInterrupt
        return learn(plan, state, images)

    monkeypatch.setattr(prototypes, "_learn", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prototypes.train(network, images, tmp_path / "part.npz")
    kept = prototypes._read(tmp_path / "part.npz", network)
    assert kept.n_seen == 3 and kept.threshold_rises.any()
    monkeypatch.setattr(prototypes, "_learn", learn)
    resumed = prototypes.train(network, images, tmp_path / "part.npz")
    assert resumed.n_seen == whole.n_seen == 7
    assert resumed.weights.dtype == f"float{bits}"
    np.testing.assert_array_equal(resumed.weights, whole.weights)
    np.testing.assert_array_equal(resumed.threshold_rises, whole.threshold_rises)
    assert not np.array_equal(kept.weights, whole.weights)


def test_a_plan_may_get_more_images(images, tmp_path):
    whole = prototypes.train(PLAN, images, tmp_path / "whole.npz")
    fewer = replace(PLAN, n_images=3)
    prototypes.train(fewer, images, tmp_path / "part.npz")
    kept = prototypes._read(tmp_path / "part.npz", PLAN)
    for begin, path in ((None, "part.npz"), (kept, "other.npz")):
        more = prototypes.train(PLAN, images, tmp_path / path, begin=begin)
        assert more.n_seen == 7
        np.testing.assert_array_equal(more.weights, whole.weights)


def test_checkpoints_of_another_network_are_refused(images, tmp_path):
    path = tmp_path / "network.npz"
    prototypes.train(PLAN, images, path)
    other = replace(PLAN, n_outputs=6, seed=1)
    with pytest.raises(SoftLIFError, match=r"another network \(n_outputs = 5 for 6, seed"):
        prototypes.train(other, images, path)
    assert prototypes.train(other, images, path, restart=True).weights.shape == (6, 400)
    path.write_bytes(b"no npz")
    with pytest.raises(SoftLIFError, match="damaged"):
        prototypes.train(PLAN, images, path)


def test_stored_weights_are_those_that_were_learnt(tmp_path):
    name = next(iter(prototypes.PLANS))
    rng = np.random.default_rng(0)
    state = State(rng.uniform(0, 0.4, (100, 784)), rng.uniform(0, 40, 100), 20_000)
    prototypes.store(name, state, tmp_path)
    assert prototypes.is_stored(name, tmp_path)
    found = prototypes.load(name, tmp_path)
    np.testing.assert_allclose(found.weights, state.weights, atol=0.4 / 255 / 2 + 1e-9)
    np.testing.assert_allclose(found.threshold_rises, state.threshold_rises, rtol=1e-6)
    assert found.n_seen == 20_000
    with pytest.raises(SoftLIFError, match="missing"):
        prototypes.load(name, tmp_path / "nothing")
