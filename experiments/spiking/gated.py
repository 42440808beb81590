"""Accuracy of gated recurrent layers, beside `keras.layers.LSTM`, on two short tasks."""

from __future__ import annotations

import keras
import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments import data
from nengo_softlif.conversion import compare_spikes
from nengo_softlif.functional.time_gate import TimeGate
from nengo_softlif.layers import LeakyIntegrator, SpikingLSTM, SubLSTM

TITLE = "Gated recurrent layers: SpikingLSTM and SubLSTM"
N_UNITS = 100
LAYERS = {
    "keras.layers.LSTM": lambda: keras.layers.LSTM(N_UNITS, return_sequences=True),
    "SpikingLSTM": lambda: SpikingLSTM(N_UNITS),
    "SpikingLSTM, time gate": lambda: SpikingLSTM(N_UNITS, time_gate=TimeGate((2, 10), 0.5)),
    "SubLSTM": lambda: SubLSTM(N_UNITS),
    "SubLSTM, trained time gate": lambda: SubLSTM(
        N_UNITS, time_gate=TimeGate((2, 10), 0.5, leak=0.001, trainable=True)
    ),
    "SubLSTM, fixed_forget": lambda: SubLSTM(N_UNITS, fixed_forget=True, forget_bias=3),
    "SubLSTM, spiking, fixed_forget": lambda: SubLSTM(
        N_UNITS, spiking=True, fixed_forget=True, forget_bias=3
    ),
    "SubLSTM, spiking": lambda: SubLSTM(N_UNITS, spiking=True),
}
QUICK_LAYERS = ("keras.layers.LSTM", "SpikingLSTM")
SEEDS = (0, 1)
# For each task its title, number of classes, decay of the readout, learning rate and epochs
TASKS = {
    "rows": ("rows of MNIST", 10, 0.8, 0.002, 6),
    "recall": ("store and recall", 4, 0.0, 0.003, 15),
}
N_ROWS = 10_000  # images for training
N_SEQUENCES = 5_000, 1_000  # to recall, for training and for tests
N_STEPS = 20  # of a sequence to recall
N_QUICK = 64
N_COMPARED = 200  # test samples whose spikes are compared with the Keras model


def run(quick):
    """Train each layer on each task.

    Returns
    -------
    result : dict
        By layer and task: "accuracy" on the test samples for each seed, and for layers that spike
        the "compared" and "differing" spikes of the converted network, over all seeds.
    """
    layers = QUICK_LAYERS if quick else LAYERS
    return {
        "n_units": N_UNITS,
        "layers": {
            layer: {task: _measure(layer, task, quick) for task in TASKS} for layer in layers
        },
    }


def _measure(layer, task, quick):
    runs = [_train(layer, task, seed, quick) for seed in SEEDS[: 1 if quick else None]]
    found = {"accuracy": [run["accuracy"] for run in runs]}
    if "compared" in runs[0]:
        found |= {key: sum(run[key] for run in runs) for key in ("compared", "differing")}
    return found


def _train(layer, task, seed, quick):
    _, n_classes, decay, rate, epochs = TASKS[task]
    keras.utils.set_random_seed(seed)
    (x, y), (x_test, y_test) = _rows(quick) if task == "rows" else _recall(seed, quick)
    cells = LAYERS[layer]()
    readout = [keras.layers.Dense(n_classes), LeakyIntegrator(decay, "last")]
    model = keras.Sequential([keras.Input(x.shape[1:]), cells, *readout])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    model.fit(x, y, batch_size=64, epochs=1 if quick else epochs, verbose=0)
    outcome = model.evaluate(x_test, y_test, verbose=0, return_dict=True)
    result = {"accuracy": round(outcome["accuracy"], 6)}
    if isinstance(cells, SpikingLSTM) or getattr(cells, "spiking", False):
        compared = compare_spikes(model, nsl.convert(model), x_test[:N_COMPARED])
        result["compared"] = sum(part.n_compared for part in compared)
        result["differing"] = sum(part.n_differing for part in compared)
    return result


def _rows(quick):
    """Images, a row a step: the first ones for training, all test images."""
    split = data.load("mnist", quick=quick)
    n = N_QUICK if quick else None
    parts = (split.x_train[: n or N_ROWS], split.y_train), (split.x_test[:n], split.y_test)
    return [(x.reshape(-1, 28, 28), y[: len(x)]) for x, y in parts]


def _recall(seed, quick):
    """Random bits in every step; those of the step with a mark are to be recalled at the end."""
    rng = np.random.default_rng(seed)

    def draw(n):
        x = (rng.uniform(size=(n, N_STEPS, 6)) < 0.5).astype("float32")
        x[:, :, 4:] = 0
        marked = np.arange(n), rng.integers(0, N_STEPS - 2, size=n)
        x[(*marked, 4)] = 1
        x[:, -1, 5] = 1
        return x, (x[marked][:, :2] @ [1, 2]).astype(int)

    return [draw(N_QUICK if quick else n) for n in N_SEQUENCES]


def describe(result):
    """List accuracies by layer and task."""
    rows = [
        (
            layer,
            *(_accuracy(tasks[task]["accuracy"]) for task in TASKS),
            _differing(list(tasks.values())),
        )
        for layer, tasks in result["layers"].items()
    ]
    n_seeds = len(next(iter(result["layers"].values()))["rows"]["accuracy"])
    rows_epochs, recall_epochs = (TASKS[task][-1] for task in ("rows", "recall"))
    return "\n\n".join(
        [
            f"{result['n_units']} units and a readout, trained for a short time. Rows of MNIST: "
            f"{N_ROWS:,} images for training, a row a step, {rows_epochs} epochs, all test images. "
            f"Store and recall: {N_SEQUENCES[0]:,} sequences of {N_STEPS} steps, {recall_epochs} "
            f"epochs, {N_SEQUENCES[1]:,} others for the test; two bits of a marked step are the "
            "answer in the last step (chance: 25 %). Test accuracy in percent, mean and, in "
            f"parentheses, each training seed ({n_seeds}). Spikes of the converted network are "
            f"compared with those of the Keras model for {N_COMPARED} test samples of each run.",
            table(
                ("layer", *(title for title, *_ in TASKS.values()), "differing spikes"),
                rows,
            ),
        ]
    )


def _accuracy(values):
    each = ", ".join(f"{100 * value:.1f}" for value in values)
    return f"{100 * np.mean(values):.1f} ({each})"


def _differing(tasks):
    """Differing spikes of all tasks; nothing for layers without spikes."""
    if "compared" not in tasks[0]:
        return ""
    compared, differing = (sum(task[key] for task in tasks) for key in ("compared", "differing"))
    return f"{differing:,} of {compared:,}"
