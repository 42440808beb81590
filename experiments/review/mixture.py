"""Digits without labels by a stochastic winner-take-all circuit that learns a mixture model."""

from __future__ import annotations

import nengo
import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.data import load
from experiments.markdown import percent
from nengo_softlif.networks import SpikingMixture

TITLE = "Probabilistic STDP: a mixture model of digits"
DT = 0.01  # seconds; a spike of an input counts for a step
ACTIVE = 0.33  # probability in a step of an input that stands for a pixel that is white, or black
N_OUTPUTS = 100
SHIFT = 5.0
TRAINING_STEPS, TEST_STEPS = 5, 20  # of an image
# learning rates of weights, in this order, over equal parts of the images; that of excitabilities
# is ten times as high
RATES = (0.03, 0.02, 0.01, 0.005)
SEEDS = (0, 1, 2)
CHUNK = 2500  # images in a simulator
PUBLISHED = 0.8  # Nessler et al. (2013), about


def run(quick):
    """Learn, label the outputs by training images, and count errors.

    Returns
    -------
    result : dict
        Numbers of images; by seed the accuracy on validation and test images; weights of the
        first seed, of the inputs that are active for white pixels.
    """
    digits = load("mnist", quick=quick)
    runs = [_learn(digits, seed) for seed in SEEDS[: 1 if quick else None]]
    weights = runs[0].pop("weights")
    for other in runs[1:]:
        del other["weights"]
    return {
        "n_train": len(digits.x_train),
        "n_items": len(digits.x_test),
        "runs": runs,
        "weights": np.round(weights[:, : weights.shape[1] // 2], 2).tolist(),
    }


def _learn(digits, seed):
    rng = np.random.default_rng(seed)
    average = np.log(np.clip(_inputs(digits.x_train[:CHUNK]).mean(axis=0), np.exp(-SHIFT), 1))
    noise = rng.normal(0, 0.15, (N_OUTPUTS, average.size))
    state = {
        "weights": np.clip(SHIFT + average + noise, 0, SHIFT),
        "excitability": np.zeros(N_OUTPUTS),
    }
    parts = np.array_split(np.arange(len(digits.x_train)), len(RATES))
    for rate, part in zip(RATES, parts, strict=True):
        for images in _chunks(digits.x_train[part]):
            state, _ = _show(images, TRAINING_STEPS, rate, seed, **state)
    labels, classes = digits.y_train, np.arange(10)
    counts = _counts(digits.x_train, TRAINING_STEPS, seed, state)
    means = np.stack([counts[labels == k].mean(axis=0) for k in classes])
    meaning = means.argmax(axis=0)  # of each output, the class that it fires for most
    found = {"weights": state["weights"]}
    for name in ("validation", "test"):
        counts = _counts(getattr(digits, f"x_{name}"), TEST_STEPS, seed, state)
        votes = np.stack([counts[:, meaning == k].sum(axis=1) for k in classes], axis=1)
        right = votes.argmax(axis=1) == getattr(digits, f"y_{name}")
        found[name] = float(right.mean())
    return found


def _inputs(images):
    """Probabilities of spikes in a step: of an input for white, then of one for black."""
    grey = images.reshape(len(images), -1)
    return ACTIVE * np.concatenate([grey, 1 - grey], axis=1)


def _chunks(images):
    return [images[first : first + CHUNK] for first in range(0, len(images), CHUNK)]


def _counts(images, n_steps, seed, state):
    """Spikes of each output for each image, without learning."""
    return np.concatenate(
        [_show(part, n_steps, 0.0, seed, frozen=True, **state)[1] for part in _chunks(images)]
    )


def _show(images, n_steps, rate, seed, *, frozen=False, **state):
    """Weights and excitabilities after images, and the spike counts of the outputs."""
    values = _inputs(images)
    circuit = SpikingMixture(
        values.shape[1],
        N_OUTPUTS,
        **state,
        total_rate=1 / DT,
        learning_rate=rate,
        excitability_rate=10 * rate,
        shift=SHIFT,
        frozen=frozen,
        dt=DT,
        seed=seed,
    )
    with circuit:
        encoding = nsl.BernoulliSpikes(1 / DT)
        shown = nengo.Node(nsl.PresentEncoded(values, n_steps * DT, encoding, seed=seed))
        nengo.Connection(shown, circuit.input, synapse=None)
        spikes = nengo.Probe(circuit.outputs.neurons)
    with nsl.Simulator(circuit, dt=DT, progress_bar=False) as sim:
        sim.run_steps(n_steps * len(images))
        counts = DT * sim.data[spikes].reshape(len(images), n_steps, -1).sum(axis=1)
        state = {"weights": circuit.weights(sim), "excitability": circuit.excitability(sim)}
    return state, np.rint(counts)


def draw(result, folder):
    """Draw what the outputs have learnt."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3), layout="constrained")
    weights = np.array(result["weights"])
    side = round(weights.shape[1] ** 0.5)
    for axes, one in zip(figure.subplots(5, 10).flat, weights, strict=False):
        axes.imshow(np.exp(one.reshape(side, side) - SHIFT), cmap="gray", vmin=0, vmax=ACTIVE)
        axes.set_axis_off()
    figure.savefig(folder / "review.mixture.png", dpi=120)


def describe(result):
    """Accuracy beside the authors'."""
    tests = 100 * np.array([run["test"] for run in result["runs"]])
    validations = 100 * np.array([run["validation"] for run in result["runs"]])
    return "\n\n".join(
        [
            f"Nessler et al. (2013): {N_OUTPUTS} outputs of which one at a time fires, drawn by "
            "the softmax of what it receives; STDP by which weights become log probabilities; "
            "homeostasis that lets all outputs fire equally often. Each pixel has an input for "
            f"white and one for black. {result['n_train']:,} training images, each once, for "
            f"{TRAINING_STEPS * DT * 1000:.0f} ms. Then each output is given the class of training "
            f"images for which it fires most, and a test image, shown for "
            f"{TEST_STEPS * DT * 1000:.0f} ms, the class whose outputs fire most.",
            table(
                ("", "seeds", "validation", "test", "Nessler et al."),
                [
                    (
                        "MNIST",
                        str(len(tests)),
                        f"{validations.mean():.2f} %",
                        f"{tests.mean():.2f} % ({tests.min():.2f} to {tests.max():.2f}) of "
                        f"{result['n_items']:,}",
                        f"about {percent(PUBLISHED, 0)}",
                    )
                ],
            ),
            "Probability of the inputs for white, given an output, of the first 50:",
            "![What outputs have learnt](figures/review.mixture.png)",
        ]
    )
