"""Train the networks of Diehl & Cook, and go on where it was interrupted.

python -m experiments.review.prototypes diehl_cook_100_seed0 --data FOLDER
"""

from __future__ import annotations

import json
import os
import zipfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import click
import nengo
import numpy as np

import nengo_softlif as nsl
from experiments.options import training_options
from nengo_softlif import datasets
from nengo_softlif.errors import SoftLIFError
from nengo_softlif.files import replaced
from nengo_softlif.networks import DiehlCook

__all__ = [
    "HIGHEST_RATE",
    "PLANS",
    "Plan",
    "State",
    "is_stored",
    "load",
    "precision",
    "store",
    "train",
]

WEIGHTS = Path(__file__).parent / "weights"
CHUNK = 500  # images between two checkpoints
HIGHEST_RATE = 128.0  # Hz of a white pixel
LEVELS = 255  # of a stored weight


@dataclass(frozen=True)
class Plan:
    """A network and its training.

    Parameters
    ----------
    n_outputs : int
    seed : int
    n_images : int
        That it sees, one after the other.
    bits : {64, 32}
        Of the numbers while training; large networks are faster in single precision.
    """

    n_outputs: int
    seed: int
    n_images: int
    bits: int = 64


IMAGES_PER_NEURON = 80
PLANS = {
    **{
        f"diehl_cook_{n}_seed{seed}": Plan(n, seed, IMAGES_PER_NEURON * n)
        for n in (100, 400)
        for seed in range(3)
    },
    "diehl_cook_1600_seed0": Plan(1600, 0, IMAGES_PER_NEURON * 1600, bits=32),
    "diehl_cook_6400_seed0": Plan(6400, 0, 900_000, bits=32),
}


@dataclass(eq=False)
class State:
    """What is kept between chunks of images.

    Parameters
    ----------
    weights : (n_outputs, n_inputs) ndarray
    threshold_rises : (n_outputs,) ndarray
        In mV.
    n_seen : int
        Images so far.
    """

    weights: np.ndarray
    threshold_rises: np.ndarray
    n_seen: int


def train(plan, images, checkpoint, *, begin=None, restart=False, progress=False):
    """Train until the plan is done, with a checkpoint after every chunk.

    What an interrupted training has learnt is in its checkpoint, and the next call goes on from
    there, to the same weights as without the interruption, to the last bit.

    Parameters
    ----------
    plan : Plan
    images : (n_images, ...) ndarray
        From 0 to 1.
    checkpoint : path
    begin : State, optional
        To go on from if there is no checkpoint, such as what `load` returns, whose weights are
        rounded.
    restart : bool
        Begin again, whatever is there.
    progress : bool
        Show a progress bar.

    Returns
    -------
    state : State

    Raises
    ------
    SoftLIFError
        If there is a checkpoint that is damaged or of another plan.
    """
    checkpoint = Path(checkpoint)
    images = images.reshape(len(images), -1)
    if checkpoint.exists() and not restart:
        state = _read(checkpoint, plan)
    elif begin is not None:
        state = begin
    else:
        state = _initial(plan, images.shape[1])
    with click.progressbar(
        length=plan.n_images, label="images", hidden=not progress, show_pos=True
    ) as bar:
        bar.update(state.n_seen)
        while state.n_seen < plan.n_images:
            n_before = state.n_seen
            state = _learn(plan, state, images)
            _write(checkpoint, plan, state)
            bar.update(state.n_seen - n_before)
    return state


def _initial(plan, n_inputs):
    circuit = DiehlCook(n_inputs, plan.n_outputs, seed=plan.seed)
    return State(circuit.connection.transform.init, np.zeros(plan.n_outputs), 0)


def _learn(plan, state, images):
    """Show one chunk of images.

    A chunk has a simulator of its own, whose Poisson neurons are seeded by its number: so that a
    checkpoint needs no generator's state.
    """
    n = min(CHUNK, plan.n_images - state.n_seen)
    seed = int(np.random.SeedSequence((plan.seed, state.n_seen)).generate_state(1)[0] >> 1)
    circuit = DiehlCook(
        images.shape[1],
        plan.n_outputs,
        weights=state.weights,
        threshold_rises=state.threshold_rises,
        seed=seed,
    )
    with precision(plan.bits), nsl.Simulator(circuit, progress_bar=False) as sim:
        for k in range(state.n_seen, state.n_seen + n):
            epoch, place = divmod(k, len(images))
            image = images[_order(plan.seed, epoch, len(images))[place]]
            circuit.present(sim, HIGHEST_RATE * image)
        circuit.normalization(sim)
        return State(circuit.weights(sim), circuit.threshold_rises(sim), state.n_seen + n)


@lru_cache(maxsize=2)
def _order(seed, epoch, n_images):
    return np.random.default_rng((seed, epoch)).permutation(n_images)


@contextmanager
def precision(bits):
    """Numbers of so many bits in the simulators that are made meanwhile.

    Parameters
    ----------
    bits : {32, 64}
    """
    usual = nengo.rc["precision"]["bits"]
    nengo.rc["precision"]["bits"] = str(bits)
    try:
        yield
    finally:
        nengo.rc["precision"]["bits"] = usual


def _write(path, plan, state):
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as partial:
        np.savez(
            partial,
            plan=json.dumps(asdict(plan)),
            weights=state.weights,
            threshold_rises=state.threshold_rises,
            n_seen=state.n_seen,
        )


def _read(path, plan):
    try:
        if not zipfile.is_zipfile(path):
            raise ValueError("it is no npz file, or not a whole one")
        with np.load(path, allow_pickle=False) as stored:
            found = json.loads(str(stored["plan"]))
            scale = stored.get("scale", 1)
            state = State(
                stored["weights"] * scale, stored["threshold_rises"], int(stored["n_seen"])
            )
    # damage surfaces as any error of the zip and NumPy readers
    except Exception as error:
        raise SoftLIFError(
            f"{path} is damaged ({type(error).__name__}: {error}); delete it, or train with "
            "--restart"
        ) from error
    # a plan may have got more images since then
    wanted = {key: value for key, value in asdict(plan).items() if key != "n_images"}
    other = [
        f"{key} = {found.get(key)} for {value}"
        for key, value in wanted.items()
        if found.get(key) != value
    ]
    if other:
        raise SoftLIFError(
            f"{path} is of another network ({', '.join(other)}); train with another folder of "
            "checkpoints, or with --restart"
        )
    return state


def store(name, state, folder=WEIGHTS):
    """Store what a network has learnt, weights in steps of 1 / 255 of the largest.

    Parameters
    ----------
    name : str
        One of `PLANS`.
    state : State
    folder : path
    """
    scale = state.weights.max() / LEVELS
    Path(folder).mkdir(exist_ok=True)
    with replaced(Path(folder) / f"{name}.npz") as partial:
        np.savez_compressed(
            partial,
            plan=json.dumps(asdict(PLANS[name])),
            weights=np.rint(state.weights / scale).astype(np.uint8),
            scale=scale,
            threshold_rises=state.threshold_rises.astype(np.float32),
            n_seen=state.n_seen,
        )


def is_stored(name, folder=WEIGHTS):
    """Whether a network has been trained.

    Parameters
    ----------
    name : str
        One of `PLANS`.
    folder : path

    Returns
    -------
    is_stored : bool
    """
    return (Path(folder) / f"{name}.npz").exists()


def load(name, folder=WEIGHTS):
    """Return what a network has learnt.

    Parameters
    ----------
    name : str
        One of `PLANS`.
    folder : path

    Returns
    -------
    state : State

    Raises
    ------
    SoftLIFError
        If it is missing, damaged or of another plan.
    """
    path = Path(folder) / f"{name}.npz"
    if not path.exists():
        raise SoftLIFError(
            f"the weights of {name} are missing ({path}); train it with "
            f"python -m experiments.review.prototypes {name} --data FOLDER"
        )
    return _read(path, PLANS[name])


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(PLANS)))
@training_options("mnist.npz")
def main(names, data, checkpoints, restart):
    """Train the networks NAMES, or all. What was interrupted goes on.

    Without a checkpoint, stored weights go on if they have seen fewer images than the plan says.
    """
    if data:
        os.environ[datasets.DATA_VARIABLE] = data
    images = datasets.load("mnist").x_train
    for name in names or PLANS:
        click.echo(f"{name}:")
        path = Path(checkpoints) / f"{name}.npz"
        try:
            begin = load(name) if is_stored(name) and not restart else None
            state = train(PLANS[name], images, path, begin=begin, restart=restart, progress=True)
            store(name, state)
        except SoftLIFError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            click.echo(f"\nwhat was learnt is in {path}; the same command goes on", err=True)
            raise


if __name__ == "__main__":
    main()
