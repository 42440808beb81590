"""The tools of the experiments on linear reset, and what must hold of their results."""

import numpy as np
import pytest

import nengo_softlif as nsl
from experiments.data import TWO_CLASSES, load
from experiments.linear_lif import neuron
from experiments.linear_lif.chain import confusion, correlation, run_chain
from experiments.plans import PLANS


def test_a_chain_counts_what_relus_compute():
    rng = np.random.RandomState(0)
    weights = [rng.uniform(-0.3, 0.5, (6, 8)), rng.uniform(-0.3, 0.5, (4, 6))]
    x = rng.uniform(size=(7, 8))
    hidden = np.maximum(x @ weights[0].T, 0)
    outputs = np.maximum(hidden @ weights[1].T, 0)
    counts = run_chain(weights, x, max_rate=10.0, time=20.0)
    # to a few spikes of 200 for 1, since inhibition may come too late
    np.testing.assert_allclose(counts[0] / 200, hidden, atol=3 / 200)
    np.testing.assert_allclose(counts[1] / 200, outputs, atol=8 / 200)


def test_reset_to_zero_and_leaks_lose_spikes():
    weights, x = [np.full((1, 3), 0.45)], np.full((1, 3), 0.8)
    (linear,), (zero,), (leaky,) = (
        run_chain(weights, x, max_rate=20.0, time=5.0, **options)
        for options in ({}, {"reset_to_zero": True}, {"conductance": 5.0})
    )
    assert zero < linear and leaky < linear


def test_correlation_is_that_of_numpy():
    a, b = np.random.RandomState(0).normal(size=(2, 4, 9))
    expected = [np.corrcoef(p, q)[0, 1] for p, q in zip(a, b, strict=True)]
    np.testing.assert_allclose(correlation(a, b), expected)
    assert correlation(np.ones((1, 3)), np.arange(3.0)[np.newaxis]) == 0


def test_confusion_has_wanted_decisions_in_rows():
    assert confusion(np.array([0, 1, 1, 2]), np.array([0, 2, 1, 2]), 3) == [
        [1, 0, 0],
        [0, 1, 1],
        [0, 0, 1],
    ]


def test_two_classes_have_labels_0_and_1():
    data = load("two_classes", quick=True)
    assert set(data.y_train) == {0, 1} == set(range(len(TWO_CLASSES)))
    assert len(data.x_train) == len(data.y_train) and data.x_train.max() <= 1


def test_whole_images_of_cifar10_stay_as_they_are():
    data = load("cifar10_whole", quick=True)
    assert data.x_train.shape[1:] == data.x_test.shape[1:] == (32, 32, 3)
    assert data.x_test.min() == 0 and data.x_test.max() == 1


def test_sizes_of_the_deep_networks():
    # 5 and 13 convolutions, 2 hidden dense layers; VGG-16 has half of 64 to 512 channels
    alexnet, vgg16 = (
        nsl.convert(PLANS[name].model(), max_pool="average").layers
        for name in ("linear_alexnet", "linear_vgg16")
    )
    assert len(alexnet) == 5 + 2
    assert len(vgg16) == 13 + 2
    assert sum(layer.n_neurons for layer in vgg16[:13]) == 276_480 // 2


@pytest.fixture(scope="module")
def found():
    return neuron.run(quick=True)


def test_thresholds_are_those_of_the_formula_to_a_step(found):
    thresholds = {name: np.array(values) for name, values in found["thresholds"].items()}
    assert len(thresholds["formula"]) > 20
    assert np.all(thresholds["next_lower"] < thresholds["formula"] * (1 + 1e-9))
    assert np.all(thresholds["formula"] < thresholds["measured"] * (1 + 1e-9))


def test_slopes_are_one_over_the_capacitance_with_linear_reset_only(found):
    slopes = {name: np.array(values) for name, values in found["slopes"].items()}
    # half a spike in 4 s, of at least 10
    np.testing.assert_allclose(slopes["linear"], slopes["formula"], atol=0.01)
    assert np.all(slopes["zero"] < slopes["formula"] + 0.01)
    assert slopes["zero"][0] < 0.7 * slopes["formula"][0]


def test_a_current_is_exact_and_a_leak_is_not(found):
    for outputs in found["different"].values():
        distance = {
            bias: np.abs(np.subtract(o["linear"], o["relu"])).max() for bias, o in outputs.items()
        }
        assert distance["current"] < 0.5 < distance["leak"]  # Hz: two spikes in 4 s
