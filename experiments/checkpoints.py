"""Weights of the trained networks, as they are stored in the repository.

Weights are rounded to a tenth of the root mean square of the weights that lead to the same unit.
That costs no accuracy that could be measured, and packs them to two thirds of a byte each, so that
all networks together stay below 30 MB. Every table is made from the rounded weights.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from experiments.plans import PLANS
from nengo_softlif.errors import SoftLIFError

__all__ = ["WEIGHTS", "load_trained", "store"]

WEIGHTS = Path(__file__).parent / "weights"
STEPS = 10  # in the root mean square of the weights to a unit


def store(name, model, history, folder=WEIGHTS):
    """Store the weights of a trained network.

    Parameters
    ----------
    name : str
        One of `experiments.plans.PLANS`.
    model : keras.Model
    history : list of dict
        Of `experiments.training.train`.
    folder : path
    """
    arrays = {"history": np.array(json.dumps(history))}
    for variable in model.trainable_variables:
        weights = np.asarray(variable)
        if weights.ndim == 1 or variable.name == "bias":
            arrays[variable.path] = weights
            continue
        step = np.sqrt(np.mean(weights**2, axis=-2, keepdims=True)) / STEPS
        whole = np.rint(weights / np.maximum(step, np.finfo("float32").tiny))
        arrays[variable.path] = np.clip(whole, -127, 127).astype(np.int8)
        arrays[f"{variable.path}.step"] = step.astype(np.float32)
    Path(folder).mkdir(exist_ok=True)
    np.savez_compressed(Path(folder) / f"{name}.npz", **arrays)


def load_trained(name, folder=WEIGHTS):
    """Return a network with its stored weights.

    Parameters
    ----------
    name : str
        One of `experiments.plans.PLANS`.
    folder : path

    Returns
    -------
    model : keras.Model
    info : dict
        "plan", and the "history" of the training.

    Raises
    ------
    SoftLIFError
        If there is no such network, or its weights are missing, damaged, or of another network.
    """
    if name not in PLANS:
        raise SoftLIFError(f"network {name!r} is unknown; there are {', '.join(PLANS)}")
    path = Path(folder) / f"{name}.npz"
    if not path.exists():
        raise SoftLIFError(
            f"the weights of {name} are missing ({path}); train it with "
            f"python -m experiments.train {name}"
        )
    plan = PLANS[name]
    model = plan.model()
    try:
        with np.load(path, allow_pickle=False) as stored:
            history = json.loads(str(stored["history"]))
            weights = [_restored(stored, variable.path) for variable in model.trainable_variables]
        for variable, array in zip(model.trainable_variables, weights, strict=True):
            variable.assign(array)
    # damage surfaces as any error of the zip and NumPy readers
    except Exception as error:
        raise SoftLIFError(
            f"{path} is damaged or of another network ({type(error).__name__}: {error}); restore "
            f"it, or train it again with python -m experiments.train {name} --restart"
        ) from error
    return model, {"plan": plan, "history": history}


def _restored(stored, path):
    weights = stored[path]
    return weights * stored[f"{path}.step"] if weights.dtype == np.int8 else weights
