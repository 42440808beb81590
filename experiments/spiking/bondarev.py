"""Bondarev's network for MNIST, trained with and without errors back through time."""

from __future__ import annotations

import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.figures import logarithmic
from experiments.markdown import percent
from experiments.papers import BONDAREV_ACCURACY, BONDAREV_STEPS
from experiments.runs import images, trained
from experiments.spiking.networks import BONDAREV_STEPS as TRAINING_STEPS
from nengo_softlif.conversion import compare_spikes
from nengo_softlif.functional.discrete_lif import STEP

TITLE = "Trained in spikes: Bondarev's network for MNIST"
SEEDS = (0, 1, 2)
WAYS = {"bptt": "errors back through time", "local": "each step by itself (eq. 8)"}
N_STEPS = 50
SHOWN = (1, 2, 3, 5, 8, 10, 15, 20, 30, 50)  # steps, in the table
N_COMPARED = 1000  # images whose spikes are compared with the Keras model
RATES = "bondarev_relu"  # the same layers, trained on images; it reads the recovered ones
RECOVERED_STEPS = (1, 2, 5, 10, 20, 50, 255)  # the paper's longest input has 255 steps
N_PICTURES = 3
N_AT_ONCE = 200  # images that are encoded together, 160 MB of random numbers


def run(quick):
    """Measure accuracy against steps.

    Returns
    -------
    result : dict
        "networks", by name: "accuracy" on all test images after each step; "spikes_per_neuron" and
        step, by layer; "history" of the training; "differing" spikes beside the Keras model.
        "trajectories": outputs of one test image over time. "recovered": images recovered from
        their input spikes.
    """
    found = {
        f"bondarev_{way}_seed{seed}": _measure(f"bondarev_{way}_seed{seed}", quick)
        for way in WAYS
        for seed in SEEDS[: 1 if quick else None]
    }
    return {
        "n_steps": N_STEPS,
        "networks": found,
        "trajectories": _trajectories(quick),
        "recovered": _recovered(quick),
    }


def _spiking(name):
    return nsl.convert(trained(name)[0])


def _shown(spiking, n_steps):
    return nsl.Presentation(
        time=n_steps * STEP, classify_from=0.0, encoding=spiking.presentation.encoding
    )


def _measure(name, quick):
    model, info = trained(name)
    x, labels = images(name, "test", quick)
    spiking = _spiking(name)
    result = spiking.evaluate(
        x, labels, presentation=_shown(spiking, N_STEPS), keep="outputs", seed=0, progress=False
    )
    sums = result.output_over_time  # of all steps up to this one
    compared = compare_spikes(model, spiking, x[:N_COMPARED])
    return {
        "n_items": len(x),
        "accuracy": np.mean(sums.argmax(axis=2) == labels[:, np.newaxis], axis=0).tolist(),
        "spikes_per_neuron_and_step": {
            layer: statistics.mean * STEP for layer, statistics in result.firing_rates.items()
        },
        "history": [
            {key: epoch[key] for key in ("accuracy", "val_accuracy")} for epoch in info["history"]
        ],
        "differing": sum(layer.n_differing for layer in compared),
        "compared": sum(layer.n_compared for layer in compared),
        "n_compared_images": min(N_COMPARED, len(x)),
    }


def _trajectories(quick):
    """Outputs over time of the first test image, as the paper's figure 3 has them."""
    name = "bondarev_bptt_seed0"
    x, labels = images(name, "test", quick)
    spiking = _spiking(name)
    shown = _shown(spiking, TRAINING_STEPS)
    run = spiking.predict(x[:1], presentation=shown, keep="outputs", seed=0, progress=False)
    return {"label": int(labels[0]), "outputs": run.output_over_time[0].T.round(4).tolist()}


def _recovered(quick):
    """Recover test images by counting their input spikes, as the paper's figure 2 does."""
    model, _ = trained(RATES)
    x, labels = images(RATES, "test", quick)
    n_right, squares = np.zeros((2, len(RECOVERED_STEPS)))
    pictures = None
    for start in range(0, len(x), N_AT_ONCE):
        part = x[start : start + N_AT_ONCE]
        counts = _counts(part.reshape(len(part), -1), seed=(0, start))
        if pictures is None:
            pictures = counts[:, :N_PICTURES].tolist()
        recovered = counts / np.reshape(RECOVERED_STEPS, (-1, 1, 1))
        squares += np.square(recovered - part.reshape(len(part), -1)).sum(axis=(1, 2))
        logits = model.predict(recovered.reshape(-1, *x.shape[1:]), batch_size=500, verbose=0)
        predicted = logits.argmax(axis=1).reshape(len(RECOVERED_STEPS), -1)
        n_right += np.sum(predicted == labels[start : start + N_AT_ONCE], axis=1)
    predicted = model.predict(x, batch_size=500, verbose=0).argmax(axis=1)
    return {
        "steps": RECOVERED_STEPS,
        "difference": np.sqrt(squares / x.size).round(5).tolist(),
        "accuracy": (n_right / len(x)).tolist(),
        "accuracy_of_images": float(np.mean(predicted == labels)),
        "images": np.rint(255 * x[:N_PICTURES, ..., 0]).astype(int).tolist(),
        "counts": pictures,
    }


def _counts(values, seed):
    """Spikes of each pixel up to each of the numbers of steps, (steps, images, pixels)."""
    spikes = nsl.BernoulliSpikes(1000).encode(values, RECOVERED_STEPS[-1], seed=seed)
    return np.stack([spikes[:, :n].sum(axis=1, dtype=int) for n in RECOVERED_STEPS])


def describe(result):
    """List accuracies by number of steps."""
    by_way = {way: _of_way(result, way) for way in WAYS}
    first = next(iter(result["networks"].values()))
    rows = [
        (
            what,
            *(_accuracy([run["accuracy"][n - 1] for run in by_way[way]]) for n in SHOWN),
            percent(np.mean([run["history"][-1]["accuracy"] for run in by_way[way]])),
        )
        for way, what in WAYS.items()
    ]
    rates = [
        f"{what}: "
        + ", ".join(
            f"{np.mean([run['spikes_per_neuron_and_step'][layer] for run in by_way[way]]):.3f}"
            for layer in first["spikes_per_neuron_and_step"]
        )
        for way, what in WAYS.items()
    ]
    differing = sum(run["differing"] for run in result["networks"].values())
    compared = sum(run["compared"] for run in result["networks"].values())
    return "\n\n".join(
        [
            'Bondarev, "Training a digital model of a deep spiking neural network using '
            'backpropagation": 784-300-300-10 without biases, Bernoulli input, '
            f"{TRAINING_STEPS} steps while training, 20 epochs. Paper: "
            f"{percent(BONDAREV_ACCURACY['test'])} on the test images, with {BONDAREV_STEPS} "
            "steps as far as the text says, and "
            f"{percent(BONDAREV_ACCURACY['training'])} on the training images.",
            "![Accuracy against steps, outputs over time, and training]"
            "(figures/spiking.bondarev.png)",
            f"Accuracy on {first['n_items']:,} test images after so many steps, mean ± standard "
            f"deviation of {len(by_way['bptt'])} training seeds. Ours differ from the paper in the "
            "learning rate (0.001 along a cosine), weight decay, averaged weights, images shifted "
            "by up to 1 pixel, and smaller initial weights of the output.",
            table(("errors", *(f"{n}" for n in SHOWN), "training, 20 steps"), rows),
            f"Mean spikes of a neuron in a step, by layer: {'; '.join(rates)}.",
            f"Spikes of the hidden neurons beside the Keras models, {first['n_compared_images']:,} "
            f"images each: {differing:,} of {compared:,} differ in this run. Sums are "
            "added in another order from run to run.",
            "![Test images recovered from their input spikes](figures/spiking.recovered.png)",
            _describe_recovered(result["recovered"], by_way["bptt"], first["n_items"]),
        ]
    )


def _describe_recovered(recovered, runs, n_items):
    in_spikes = [
        percent(np.mean([run["accuracy"][n - 1] for run in runs])) if n <= N_STEPS else ""
        for n in recovered["steps"]
    ]
    return "\n\n".join(
        [
            "The paper's figure 2: images recovered from Bernoulli input, each pixel the number of "
            "its spikes divided by the number of steps. The root mean square (RMS) of the "
            f"difference from the image is over all pixels of {n_items:,} test images, with values "
            "from 0 to 1. The recovered images are classified by a network of the same layers with "
            "ReLUs, which was trained on the images themselves, on which it has "
            f"{percent(recovered['accuracy_of_images'])}.",
            table(
                ("", *(_steps(n) for n in recovered["steps"])),
                [
                    ("RMS difference", *(f"{value:.3f}" for value in recovered["difference"])),
                    ("ReLUs, accuracy", *map(percent, recovered["accuracy"])),
                    ("trained in spikes, accuracy", *in_spikes),
                ],
            ),
        ]
    )


def _steps(n):
    return f"{n} step" if n == 1 else f"{n} steps"


def _of_way(result, way):
    return [run for name, run in result["networks"].items() if f"_{way}_" in name]


def _accuracy(values):
    mean = percent(float(np.mean(values)))
    return mean if len(values) == 1 else f"{mean} ± {100 * np.std(values, ddof=1):.2f}"


def draw(result, folder):
    """Draw the paper's figures 3 and 4, and accuracy against steps, as ``spiking.bondarev.png``.

    The paper's figure 2 becomes ``spiking.recovered.png``.
    """
    from matplotlib.figure import Figure

    from nengo_softlif.plots.style import FAINT, INK, color, tidy

    _draw_recovered(result["recovered"], folder / "spiking.recovered.png")

    figure = Figure(figsize=(10, 3.2), layout="constrained")
    steps, outputs, epochs = figure.subplots(1, 3)
    for i, (way, what) in enumerate(WAYS.items()):
        runs = _of_way(result, way)
        errors = 100 - 100 * np.mean([run["accuracy"] for run in runs], axis=0)
        steps.plot(np.arange(1, len(errors) + 1), errors, color=color(i), label=what)
        for key, style in (("accuracy", ":"), ("val_accuracy", "-")):
            mean = np.mean([[epoch[key] for epoch in run["history"]] for run in runs], axis=0)
            epochs.plot(np.arange(1, len(mean) + 1), 100 * mean, style, color=color(i))
    steps.axhline(100 - 100 * BONDAREV_ACCURACY["test"], color=INK, linewidth=0.8)
    logarithmic(steps, "y")
    tidy(steps, xlabel="Steps", ylabel="Test error (%)")
    steps.legend(frameon=False, fontsize=7)
    trajectories = result["trajectories"]
    for label, output in enumerate(trajectories["outputs"]):
        chosen = label == trajectories["label"]
        outputs.plot(
            np.arange(1, len(output) + 1),
            output,
            color=color(1) if chosen else FAINT,
            linewidth=1.8 if chosen else 0.8,
        )
    tidy(outputs, xlabel="Steps", ylabel="Sum at the output, one test image")
    tidy(epochs, xlabel="Epoch", ylabel="Accuracy (%), dotted: training")
    figure.savefig(folder / "spiking.bondarev.png", dpi=110)


def _draw_recovered(recovered, path):
    from matplotlib.figure import Figure

    steps = recovered["steps"]
    figure = Figure(figsize=(8, 3.3), layout="constrained")
    axes = figure.subplots(N_PICTURES, len(steps) + 1)
    for column, n in enumerate(steps):
        axes[0, column].set_title(_steps(n), fontsize=9)
        for ax, counts in zip(axes[:, column], recovered["counts"][column], strict=True):
            _show(ax, np.reshape(counts, (28, 28)) / n)
    axes[0, -1].set_title("image", fontsize=9)
    for ax, image in zip(axes[:, -1], recovered["images"], strict=True):
        _show(ax, np.array(image) / 255)
    figure.savefig(path, dpi=110)


def _show(ax, image):
    ax.imshow(image, cmap="gray_r", vmin=0, vmax=1)
    ax.axis("off")
