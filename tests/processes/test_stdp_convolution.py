"""Convolutions that learn by STDP: who fires, who wins, what they learn, in both simulators."""

import nengo
import numpy as np
import pytest
from nengo.exceptions import ValidationError

import nengo_softlif as nsl
from nengo_softlif.functional.plasticity import ordered
from nengo_softlif.networks import FeatureLayer, STDPFeatures, learned_weights

N_STEPS = 6
SIMULATORS = [nengo.Simulator, nsl.Simulator]


def spikes(shape, n_images, seed=0):
    """A spike of some inputs, at a random step of each image."""
    rng = np.random.RandomState(seed)
    times = rng.randint(0, 2 * N_STEPS, size=(n_images, 1, *shape))
    steps = np.arange(N_STEPS).reshape(1, -1, *[1] * len(shape))
    return (times == steps).reshape(n_images * N_STEPS, -1).astype(float)


def weights(*shape, seed=1):
    return np.random.RandomState(seed).uniform(0.2, 0.9, size=shape)


def run(simulator, layers, x, shape, **options):
    """Outputs of the last layer, and its weights in the end."""
    with STDPFeatures(shape, layers, n_steps=N_STEPS, **options) as net:
        source = nengo.Node(lambda t: x[round(t / 0.001) - 1])
        nengo.Connection(source, net.input, synapse=None)
        probe = nengo.Probe(net.output)
    with simulator(net, progress_bar=False) as sim:
        sim.run_steps(len(x))
        return sim.data[probe].copy(), learned_weights(sim, net.output)


@pytest.mark.parametrize("options", [{}, {"learning": 0}, {"learning": 1}])
@pytest.mark.parametrize("pool", [1, 2, 3])
def test_simulators_agree(options, pool):
    shape = (9, 8, 2)
    layers = [
        FeatureLayer(weights(3, 4, 2, 5), 3.0, padding=1, pool_size=pool, n_winners=3, radius=1),
        FeatureLayer(weights(2, 2, 5, 70), 1.5, padding=1, pool_size=2, n_winners=4, radius=0),
    ]
    x = spikes(shape, 8)
    rates = {"potentiation": 0.3, "depression": 0.2}
    (reference, learnt), (compiled, same) = (
        run(simulator, layers, x, shape, **options, **rates) for simulator in SIMULATORS
    )
    assert reference.any()
    np.testing.assert_allclose(compiled, reference, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(same, learnt, rtol=1e-12, atol=0)
    last = layers[options.get("learning", 1)]
    assert np.array_equal(learnt, last.weights) == (not options)


def test_compiled_by_a_kernel():
    net = STDPFeatures((4, 4, 1), [FeatureLayer(weights(2, 2, 1, 3), 1.0)])
    with nsl.Simulator(net, progress_bar=False) as sim:
        assert sim.plan.python == []


def test_potentials_are_the_convolution():
    """At the end of an image, potentials are the convolution of all inputs that have spiked."""
    shape, w = (6, 7, 2), weights(3, 2, 2, 4)
    x = spikes(shape, 3)
    potentials, _ = run(nengo.Simulator, [FeatureLayer(w, 1.0)], x, shape)
    for image in range(3):
        steps = slice(image * N_STEPS, (image + 1) * N_STEPS)
        seen = x[steps].sum(axis=0).reshape(shape)
        expected = [
            [np.einsum("ijc,ijcm", seen[r : r + 3, c : c + 2], w) for c in range(6)]
            for r in range(4)
        ]
        np.testing.assert_allclose(potentials[steps][-1], np.ravel(expected), rtol=1e-12)


def test_fires_once_at_each_place():
    """And a neuron fires in the step in which the potential of its map reaches the threshold."""
    shape, w, threshold = (6, 6, 1), weights(3, 3, 1, 5), 1.2
    x = spikes(shape, 10)
    layer = nsl.STDPConvolution(shape, w, threshold, N_STEPS)
    sums = nsl.STDPConvolution(shape, w, threshold, N_STEPS, output="potentials")
    fired, potentials = (one.apply(x).reshape(10, N_STEPS, 16, 5) for one in (layer, sums))
    assert fired.sum(axis=(1, 3)).max() == 1
    above = (potentials.max(axis=3) >= threshold).any(axis=1)
    np.testing.assert_array_equal(fired.any(axis=(1, 3)), above)
    for image, step, place, winner in np.argwhere(fired):
        assert potentials[image, step, place].argmax() == winner
        assert potentials[image, step, place, winner] >= threshold
        if step:
            assert potentials[image, step - 1, place].max() < threshold


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_winner_learns_what_it_has_seen(simulator):
    """Two images of one row: the inputs before the spike go up, the other ones go down."""
    w = np.full((1, 3, 1, 1), 0.5)
    x = np.zeros((2 * N_STEPS, 3))
    x[[0, N_STEPS], 0] = x[[1, N_STEPS + 1], 1] = x[[3, N_STEPS + 3], 2] = 1
    _, learnt = run(
        simulator,
        [FeatureLayer(w, 1.0, n_winners=1)],
        x,
        (1, 3, 1),
        learning=0,
        potentiation=0.2,
        depression=0.1,
    )
    expected = w.ravel()
    for _ in range(2):
        expected = ordered(expected, np.array([True, True, False]), 0.2, 0.1)
    np.testing.assert_allclose(learnt.ravel(), expected, rtol=1e-12)


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_one_winner_of_a_map_and_neighbourhood(simulator):
    """All inputs spike at once: the map that fires first is everywhere the same, learns once."""
    w = np.stack([np.full((2, 2, 1), 0.5), np.full((2, 2, 1), 0.6)], axis=-1)
    x = np.zeros((N_STEPS, 36))
    x[0] = 1
    options = {"learning": 0, "potentiation": 0.5, "depression": 0.5}
    for radius in (0, 3):
        layers = [FeatureLayer(w, 1.0, n_winners=5, radius=radius)]
        _, learnt = run(simulator, layers, x, (6, 6, 1), **options)
        np.testing.assert_array_equal(learnt[..., 0], w[..., 0])
        np.testing.assert_allclose(learnt[..., 1], ordered(w[..., 1], True, 0.5, 0.5))


def test_learns_a_pattern_in_noise():
    """A diagonal at random places, with random other pixels: a map becomes the diagonal."""
    rng = np.random.RandomState(3)
    images = np.zeros((150, N_STEPS, 12, 12))
    for image in images:
        row, column = rng.randint(0, 9, size=2)
        image[0, np.arange(row, row + 4), np.arange(column, column + 4)] = 1
        image[rng.randint(1, N_STEPS, 20), rng.randint(0, 12, 20), rng.randint(0, 12, 20)] = 1
    layer = FeatureLayer(np.full((4, 4, 1, 1), 0.6), 2.3, n_winners=1)
    _, learnt = run(
        nsl.Simulator,
        [layer],
        images.reshape(-1, 144),
        (12, 12, 1),
        learning=0,
        potentiation=0.1,
        depression=0.08,
    )
    learnt = learnt[..., 0, 0]
    assert np.diag(learnt).min() > 0.9
    assert learnt[~np.eye(4, dtype=bool)].max() < 0.1


@pytest.mark.parametrize(
    "options, what",
    [
        ({"weights": np.full((2, 2, 1, 1), 1.5)}, "weights: Must be from 0 to 1"),
        ({"weights": np.full((2, 2, 3, 1), 0.5)}, "weights: Must have the 1 channels"),
        ({"weights": np.full((5, 2, 1, 1), 0.5)}, "weights: Must fit into the image"),
        ({"threshold": 0}, "threshold"),
        ({"n_steps": 0}, "n_steps"),
        ({"n_winners": -1}, "n_winners"),
        ({"potentiation": 1.1}, "potentiation"),
        ({"pool_size": 0}, "pool_size"),
        ({"output": "rates"}, "output"),
    ],
)
def test_bad_parameters(options, what):
    good = {"input_shape": (4, 4, 1), "weights": np.full((2, 2, 1, 1), 0.5), "threshold": 1.0}
    with pytest.raises(ValidationError, match=what):
        nsl.STDPConvolution(**{**good, **options})


def test_bad_node():
    with nengo.Network() as net:
        layer = nsl.STDPConvolution((4, 4, 1), np.full((2, 2, 1, 1), 0.5), 1.0)
        nengo.Node(layer, size_in=16, size_out=7)
    with pytest.raises(ValidationError, match="size_out=9"):
        nengo.Simulator(net, progress_bar=False)
