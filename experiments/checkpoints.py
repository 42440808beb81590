"""Weights of the trained networks, as they are stored in the repository.

Weights of large layers are rounded to a part of the root mean square of the weights that lead to
the same unit: a fourth in dense layers, where errors of many weights cancel, an eleventh elsewhere.
That packs them to 0.5 to 0.7 bytes each, so that the headline networks of P1 and P2 together stay
below 30 MB. Every table is made from the rounded weights.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, fields
from pathlib import Path

import keras
import numpy as np

from benchmarks.machine import facts
from experiments.networks import Neurons
from experiments.plans import PLANS
from nengo_softlif.errors import SoftLIFError
from nengo_softlif.files import replaced
from nengo_softlif.layers import LocallyConnected2D

__all__ = ["WEIGHTS", "load_trained", "other_settings", "store"]

WEIGHTS = Path(__file__).parent / "weights"
FEW = 100_000  # weights of a layer that are stored as they are
STEPS, STEPS_DENSE = 11, 4  # in the root mean square of the weights to a unit


def store(name, model, history, folder=WEIGHTS, *, bfloat16=False):
    """Store the weights of a trained network.

    Parameters
    ----------
    name : str
        One of `experiments.plans.PLANS`.
    model : keras.Model
    history : list of dict
        Of `experiments.training.train`.
    folder : path
    bfloat16 : bool
        Whether convolutions were computed so while training.
    """
    command = f"python -m experiments.train {name}" + " --bfloat16" * bfloat16
    made = {"plan": asdict(PLANS[name]), **facts(command, False)}
    arrays = {"history": np.array(json.dumps(history)), "made": np.array(json.dumps(made))}
    for key, layer, variable in _variables(model):
        weights = np.asarray(variable)
        if weights.size < FEW or weights.ndim == 1 or variable.name == "bias":
            arrays[key] = weights
            continue
        n_steps = STEPS_DENSE if isinstance(layer, keras.layers.Dense) else STEPS
        step = _size(layer, weights) / n_steps
        whole = np.rint(weights / np.maximum(step, np.finfo("float32").tiny))
        arrays[key] = np.clip(whole, -127, 127).astype(np.int8)
        arrays[f"{key}.step"] = step.astype(np.float32)
    Path(folder).mkdir(exist_ok=True)
    with replaced(_path(name, folder)) as partial:
        np.savez_compressed(partial, **arrays)


def _variables(model):
    """Weights and averages, with a key that a model keeps when it is saved and loaded, by layer."""
    for layer in model.layers:
        for variable in layer.weights:
            yield f"{layer.name}/{variable.name}", layer, variable


def _size(layer, weights):
    """Root mean square of the weights that lead to the same unit, or to those that share them."""
    own = isinstance(layer, LocallyConnected2D)
    axes = -2 if own else tuple(range(weights.ndim - 1))
    return np.sqrt(np.mean(weights**2, axis=axes, keepdims=True))


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
    path = _path(name, folder)
    if not path.exists():
        raise SoftLIFError(
            f"the weights of {name} are missing ({path}); train it with "
            f"python -m experiments.train {name} --data FOLDER"
        )
    plan = PLANS[name]
    model = plan.model()
    try:
        if not zipfile.is_zipfile(path):  # NumPy would take it for a pickle
            raise ValueError("it is no npz file, or not a whole one")
        with np.load(path, allow_pickle=False) as stored:
            history = json.loads(str(stored["history"]))
            made = json.loads(str(stored["made"]))
            for key, _, variable in _variables(model):
                variable.assign(_restored(stored, key))
    # damage surfaces as any error of the zip and NumPy readers
    except Exception as error:
        raise SoftLIFError(
            f"{path} is damaged or of another network ({type(error).__name__}: {error}); restore "
            f"it, or train it again with python -m experiments.train {name} --restart --data FOLDER"
        ) from error
    if changed := other_settings(made["plan"], plan):
        raise SoftLIFError(
            f"{path} is of a network with other settings ({', '.join(changed)}); restore it, or "
            f"train it again with python -m experiments.train {name} --restart --data FOLDER"
        )
    return model, {"plan": plan, "history": history}


def _path(name, folder):
    return Path(folder) / f"{name}.npz"


def other_settings(stored, plan):
    """Names of the settings in which a stored plan, read from JSON, differs from a plan.

    A setting that is younger than the stored plan was off.
    """
    wanted = json.loads(json.dumps(asdict(plan)))  # tuples become lists, as in the file
    defaults = {setting.name: setting.default for setting in fields(plan)}
    stored = defaults | _with_all_of_neurons(stored)
    return [key for key in wanted if stored[key] != wanted[key]]


def _with_all_of_neurons(stored):
    """Complete the neurons of a stored plan.

    Noise that does not tell whether it was antithetic was.
    """
    neurons = stored.get("neurons")
    if neurons is None:
        return stored
    neurons = asdict(Neurons()) | neurons
    noise = neurons["noise"]
    if noise is not None:
        noise = {"antithetic": True} | (noise if isinstance(noise, dict) else {"std": noise})
    return stored | {"neurons": neurons | {"noise": noise}}


def _restored(stored, key):
    weights = stored[key]
    return weights * stored[f"{key}.step"] if weights.dtype == np.int8 else weights
