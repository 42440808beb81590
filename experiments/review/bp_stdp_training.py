"""``python -m experiments.review.bp_stdp_training --data FOLDER``: train the network of BP-STDP."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import click
import numpy as np

from benchmarks.machine import facts
from experiments.options import training_options
from nengo_softlif import datasets
from nengo_softlif.errors import SoftLIFError
from nengo_softlif.files import replaced
from nengo_softlif.functional.encoding import BernoulliSpikes
from nengo_softlif.learning_rules.bp_stdp import BPSTDP

__all__ = ["ENCODING", "SIZES", "load", "train"]

WEIGHTS = Path(__file__).parent / "weights" / "bp_stdp.npz"
SIZES = (784, 500, 150, 10)
GAINS = (0.5, 0.7, 1.0)
ENCODING = BernoulliSpikes(max_rate=1000)  # a white pixel spikes in every step
N_STEPS, BATCH_SIZE, EPOCHS, LEARNING_RATE = 24, 50, 15, 5e-4
SEED = 0


def train(split, *, epochs=EPOCHS, sizes=SIZES, checkpoint=None, restart=False, progress=False):
    """Train a network along a cosine of learning rates.

    Parameters
    ----------
    split : experiments.data.Split
    epochs : int
    sizes : sequence of int
        Of the layers.
    checkpoint : path, optional
        Of the state, which is written after each epoch. A training goes on from there, to the same
        weights as without an interruption, to the last bit.
    restart : bool
        Begin again, whatever is there.
    progress : bool
        Show a progress bar.

    Returns
    -------
    rule : BPSTDP
    history : list of dict
        By epoch: accuracy on the validation images, seconds.

    Raises
    ------
    SoftLIFError
        If there is a checkpoint that is damaged or of another training.
    """
    rule, history = BPSTDP(sizes, gains=GAINS, seed=SEED), []
    if checkpoint is not None and Path(checkpoint).exists() and not restart:
        history = _go_on(rule, checkpoint, epochs)
    x, y = split.x_train.reshape(len(split.x_train), -1), split.y_train
    x_validation = split.x_validation.reshape(len(split.x_validation), -1)
    n_batches = len(x) // BATCH_SIZE
    with click.progressbar(length=epochs * n_batches, label="batches", hidden=not progress) as bar:
        bar.update(len(history) * n_batches)
        for epoch in range(len(history), epochs):
            start = time.perf_counter()
            order = np.random.default_rng((SEED, epoch)).permutation(len(x))
            for batch in range(n_batches):
                done = (epoch * n_batches + batch) / (epochs * n_batches)
                rule.learning_rate = LEARNING_RATE * (1 + np.cos(np.pi * done)) / 2
                chosen = order[batch * BATCH_SIZE : (batch + 1) * BATCH_SIZE]
                rule.update(_spikes(x[chosen], (SEED, epoch, batch)), y[chosen])
                bar.update(1)
            history.append(
                {
                    "accuracy": accuracy(rule, x_validation, split.y_validation),
                    "seconds": round(time.perf_counter() - start, 1),
                }
            )
            if checkpoint is not None:
                _keep(rule, history, checkpoint, epochs)
    return rule, history


def _keep(rule, history, path, epochs):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as partial:
        np.savez(partial, **rule.state(), history=json.dumps(history), epochs=epochs)


def _go_on(rule, path, epochs):
    """Put a network into the state of a checkpoint, and return its history."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            if int(stored["epochs"]) != epochs:
                raise ValueError(f"it is of a training of {stored['epochs']} epochs")
            rule.restore(stored)
            return json.loads(str(stored["history"]))
    # damage surfaces as any error of the zip and NumPy readers
    except Exception as error:
        raise SoftLIFError(
            f"{path} can't be continued ({type(error).__name__}: {error}); delete it, or train "
            "with --restart"
        ) from error


def accuracy(rule, x, labels, chunk=500):
    """Fraction of samples that a network classifies as labelled, with the steps of the training."""
    right = 0
    for first in range(0, len(x), chunk):
        part = slice(first, first + chunk)
        right += np.sum(rule.predict(_spikes(x[part], (SEED, first))) == labels[part])
    return float(right / len(x))


def _spikes(x, seed):
    """Bernoulli spikes of pixels in single precision, several times faster than `ENCODING`."""
    rng = np.random.default_rng(seed)
    draws = rng.random((len(x), N_STEPS, x.shape[1]), dtype=np.float32)
    return (draws < x[:, np.newaxis]).astype(np.float32)


def load(path=WEIGHTS):
    """Return the stored weights of all layers, and the history of their training.

    Raises
    ------
    SoftLIFError
        If they are missing.
    """
    if not path.exists():
        raise SoftLIFError(
            f"the weights of BP-STDP are missing ({path}); train them with "
            "python -m experiments.review.bp_stdp_training --data FOLDER"
        )
    with np.load(path, allow_pickle=False) as stored:
        weights = [stored[f"layer{i}"].astype(np.float32) for i in range(len(SIZES) - 1)]
        return weights, json.loads(str(stored["history"]))


def _store(rule, history, path=WEIGHTS):
    made = facts("python -m experiments.review.bp_stdp_training --data FOLDER", False)
    layers = {f"layer{i}": w.astype(np.float16) for i, w in enumerate(rule.weights)}
    path.parent.mkdir(exist_ok=True)
    texts = {"history": np.array(json.dumps(history)), "made": np.array(json.dumps(made))}
    with replaced(path) as partial:
        np.savez_compressed(partial, **layers, **texts)


@click.command()
@training_options("mnist.npz")
def main(data, checkpoints, restart):
    """Train the network, and store its weights. What was interrupted goes on."""
    if data:
        os.environ[datasets.DATA_VARIABLE] = data
    from experiments.data import load as load_data

    checkpoint = Path(checkpoints) / "bp_stdp.npz"
    try:
        rule, history = train(
            load_data("mnist"), checkpoint=checkpoint, restart=restart, progress=True
        )
    except SoftLIFError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo(f"\nwhat was learnt is in {checkpoint}; the same command goes on", err=True)
        raise
    _store(rule, history)


if __name__ == "__main__":
    main()
