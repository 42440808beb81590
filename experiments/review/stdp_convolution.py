"""Convolutions that learn digits by STDP, without labels, and a linear classifier behind them."""

from __future__ import annotations

import nengo
import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.data import load
from experiments.markdown import percent
from nengo_softlif.functional.contrast import on_off_contrast, ranked
from nengo_softlif.networks import FeatureLayer, STDPFeatures, learned_weights

TITLE = "Convolutions that learn by STDP"
DT = 0.001
N_STEPS = 15  # of an image
SHAPE = (28, 28, 2)
# maps, size, threshold, padding, pooling, winners of an image, radius, images that are learnt from
LAYERS = ((30, 5, 15.0, 2, 2, 5, 2, 6000), (150, 5, 10.0, 1, 3, 8, 1, 20_000))
START = (0.8, 0.05)  # mean and standard deviation of the weights before
# a+ is doubled after as many images, up to the last number; a- is three fourths of it
RATES = (0.004, 500, 0.15)
PENALTIES = (3e-5, 1e-4, 3e-4, 1e-3)  # of the classifier, chosen by validation
N_EPOCHS = 30  # of the classifier
CHUNK = 2000  # images in a simulator
PUBLISHED = 0.984  # Kheradpisheh et al. (2018)


def run(quick):
    """Learn the features, then the classifier, and count its errors.

    Returns
    -------
    result : dict
        Numbers of images and features; accuracy on validation and test images; the mean of
        w (1 - w) of each layer in the course of learning; filters of the first layer.
    """
    digits = load("mnist", quick=quick)
    layers, converging = [], []
    rng = np.random.RandomState(0)
    for index in range(len(LAYERS)):
        layer, course = _learned(layers, index, digits.x_train, rng, quick)
        layers.append(layer)
        converging.append(course)
    features = {
        part: _features(layers, getattr(digits, f"x_{part}"))
        for part in ("train", "validation", "test")
    }
    chosen, validation, test = _classified(features, digits)
    return {
        "n_train": len(digits.x_train),
        "n_items": len(digits.x_test),
        "n_features": features["test"].shape[1],
        "penalty": chosen,
        "validation": validation,
        "test": test,
        "converging": converging,
        "filters": np.round(layers[0].weights, 3).tolist(),
    }


def _learned(before, index, images, rng, quick):
    """Return a layer with the weights that it has learnt, and how they went to 0 and 1."""
    n_maps, size, threshold, padding, pool, n_winners, radius, n_images = LAYERS[index]
    n_channels = before[-1].weights.shape[-1] if before else SHAPE[-1]
    weights = np.clip(rng.normal(*START, (size, size, n_channels, n_maps)), 0, 1)
    rate, interval, highest = RATES
    course = []
    for first in range(0, 500 if quick else n_images, interval):
        layer = FeatureLayer(weights, threshold, padding, pool, n_winners, radius)
        chosen = np.arange(first, first + interval) % len(images)
        weights = _present([*before, layer], images[chosen], learning=index, rate=rate)
        course.append(float(np.mean(weights * (1 - weights))))
        rate = min(2 * rate, highest)
    return FeatureLayer(weights, threshold, padding, pool, n_winners, radius), course


def _present(layers, images, learning=None, rate=0.0):
    """The weights that the last layer has learnt from images, or the features of each image."""
    values = ranked(on_off_contrast(images[..., 0]), N_STEPS)
    with STDPFeatures(
        SHAPE,
        layers,
        n_steps=N_STEPS,
        learning=learning,
        potentiation=rate,
        depression=0.75 * rate,
    ) as network:
        shown = nengo.Node(nsl.PresentEncoded(values, N_STEPS * DT, nsl.LatencySpikes()))
        nengo.Connection(shown, network.input, synapse=None)
        if learning is None:
            probe = nengo.Probe(network.output, sample_every=N_STEPS * DT)
    with nsl.Simulator(network, dt=DT, progress_bar=False) as sim:
        sim.run_steps(N_STEPS * len(images))
        if learning is None:
            return sim.data[probe].astype(np.float32)
        return learned_weights(sim, network.output)


def _features(layers, images):
    chunks = range(0, len(images), CHUNK)
    return np.concatenate([_present(layers, images[first : first + CHUNK]) for first in chunks])


def _classified(features, digits):
    """The penalty that validation images choose, accuracy on these, and on test images."""
    from sklearn.linear_model import SGDClassifier
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(features["train"])
    scaled = {part: scaler.transform(values) for part, values in features.items()}
    tried = []
    for penalty in PENALTIES:
        support_vectors = SGDClassifier(
            "hinge", alpha=penalty, max_iter=N_EPOCHS, tol=None, average=True, random_state=0
        ).fit(scaled["train"], digits.y_train)
        score = support_vectors.score(scaled["validation"], digits.y_validation)
        tried.append((score, penalty, support_vectors))
    validation, penalty, best = max(tried, key=lambda one: one[0])
    return penalty, validation, best.score(scaled["test"], digits.y_test)


def draw(result, folder):
    """Draw the filters of the first layer: on contrast in red, off contrast in blue."""
    from matplotlib.figure import Figure

    filters = np.array(result["filters"])
    figure = Figure(figsize=(6, 2.6), layout="constrained")
    for axes, index in zip(figure.subplots(3, 10).flat, range(filters.shape[-1]), strict=False):
        on, off = filters[..., 0, index], filters[..., 1, index]
        axes.imshow(on - off, cmap="RdBu_r", vmin=-1, vmax=1)
        axes.set_axis_off()
    figure.savefig(folder / "review.stdp_convolution.png", dpi=120)


def describe(result):
    """Accuracy beside the authors'."""
    return "\n\n".join(
        [
            "Kheradpisheh et al. (2018): contrast as latencies, two convolutions of neurons that "
            "spike once, whose shared weights those learn that fire first. No label is used for "
            "them. A linear support vector machine reads the potentials that the second layer "
            f"reaches, the largest of each map in 4 x 4 places: {result['n_features']:,} features, "
            f"{result['n_train']:,} training images; its penalty is chosen on validation images.",
            table(
                ("", "validation", "test", "Kheradpisheh et al."),
                [
                    (
                        "MNIST",
                        percent(result["validation"]),
                        f"{percent(result['test'])} of {result['n_items']:,}",
                        percent(PUBLISHED, 1),
                    )
                ],
            ),
            "Filters of the first layer, on contrast in red, off contrast in blue:",
            "![Filters](figures/review.stdp_convolution.png)",
        ]
    )
