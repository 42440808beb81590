"""Accuracy of gated recurrent layers, beside `keras.layers.LSTM`, on two short tasks.

python -m experiments.spiking.gated --data FOLDER

It prints a row of the table in docs/training_in_spikes.md for each layer; half an hour in all.
"""

from __future__ import annotations

import os

import click
import keras
import numpy as np

from nengo_softlif import datasets
from nengo_softlif.functional.time_gate import TimeGate
from nengo_softlif.layers import LeakyIntegrator, SpikingLSTM, SubLSTM

N_UNITS = 100
LAYERS = {
    "keras.layers.LSTM": lambda: keras.layers.LSTM(N_UNITS, return_sequences=True),
    "SpikingLSTM": lambda: SpikingLSTM(N_UNITS),
    "SpikingLSTM, time gate": lambda: SpikingLSTM(N_UNITS, time_gate=TimeGate((2, 10), 0.5)),
    "SubLSTM": lambda: SubLSTM(N_UNITS),
    "SubLSTM, fixed_forget": lambda: SubLSTM(N_UNITS, fixed_forget=True, forget_bias=3),
    "SubLSTM, trained time gate": lambda: SubLSTM(
        N_UNITS, time_gate=TimeGate((2, 10), 0.5, leak=0.001, trainable=True)
    ),
    "SubLSTM, spiking": lambda: SubLSTM(N_UNITS, spiking=True),
    "SubLSTM, spiking, fixed_forget": lambda: SubLSTM(
        N_UNITS, spiking=True, fixed_forget=True, forget_bias=3
    ),
}


def rows(seed):
    """Images, a row a step: 10,000 for training, 5,000 for testing."""
    data = datasets.load("mnist")
    parts = (data.x_train, data.y_train, 10_000), (data.x_test, data.y_test, 5_000)
    return [(x[:n].reshape(-1, 28, 28), y[:n]) for x, y, n in parts]


def recall(seed, n_steps=20):
    """Random bits in every step; those of the step with a mark are to be recalled at the end."""
    rng = np.random.default_rng(seed)

    def draw(n):
        x = (rng.uniform(size=(n, n_steps, 6)) < 0.5).astype("float32")
        x[:, :, 4:] = 0
        marked = np.arange(n), rng.integers(0, n_steps - 2, size=n)
        x[(*marked, 4)] = 1
        x[:, -1, 5] = 1
        return x, (x[marked][:, :2] @ [1, 2]).astype(int)

    return draw(5_000), draw(1_000)


# data, number of classes, decay of the readout, learning rate, epochs
TASKS = {"rows": (rows, 10, 0.8, 0.002, 6), "recall": (recall, 4, 0.0, 0.003, 15)}


def accuracy(task, layer, seed):
    """Train a layer with a readout; return the accuracy on other samples."""
    load, n_classes, decay, rate, epochs = TASKS[task]
    keras.utils.set_random_seed(seed)
    train, test = load(seed)
    readout = [keras.layers.Dense(n_classes), LeakyIntegrator(decay, "last")]
    model = keras.Sequential([keras.Input(train[0].shape[1:]), LAYERS[layer](), *readout])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    model.fit(*train, batch_size=64, epochs=epochs, verbose=0)
    return model.evaluate(*test, verbose=0)[1]


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False), help="Has mnist.npz.")
@click.option("--seeds", default=2, help="Of weights and data, counted from 0.")
@click.option("--only", type=click.Choice(list(LAYERS)), help="One layer.")
def main(data, seeds, only):
    """Print a row for each layer: accuracy in percent, and of which seeds."""
    if data:
        os.environ[datasets.DATA_VARIABLE] = data
    for layer in [only] if only else LAYERS:
        cells = []
        for task in TASKS:
            found = [100 * accuracy(task, layer, seed) for seed in range(seeds)]
            cells.append(f"{np.mean(found):.1f} ({', '.join(f'{x:.1f}' for x in found)})")
        print(f"| {layer} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
