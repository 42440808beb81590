"""Nengo's neuron types, synapses and distributions as JSON, and back.

Classes are stored by their names, from a fixed list; never code.
"""

from __future__ import annotations

import math
from dataclasses import asdict

import nengo
import numpy as np

from nengo_softlif.conversion.neuron_choice import parameters_of
from nengo_softlif.errors import FileError
from nengo_softlif.functional.encoding import (
    BernoulliSpikes,
    ConstantCurrent,
    LatencySpikes,
    PoissonSpikes,
    RegularSpikes,
)
from nengo_softlif.functional.noise import FilteredSpikeNoise, GaussianRateNoise
from nengo_softlif.neurons import (
    ActivationRate,
    LinearResetLIFRate,
    SoftLIFRate,
    SpikingDiscreteLIF,
    SpikingLIF,
    SpikingLinearResetLIF,
)

__all__ = ["from_json", "to_json"]

_CLASSES = {
    "nengo_softlif": (
        ActivationRate,
        FilteredSpikeNoise,
        GaussianRateNoise,
        BernoulliSpikes,
        ConstantCurrent,
        LatencySpikes,
        PoissonSpikes,
        RegularSpikes,
        SpikingDiscreteLIF,
        SpikingLIF,
        SpikingLinearResetLIF,
        LinearResetLIFRate,
        SoftLIFRate,
    ),
    "nengo": (
        nengo.AdaptiveLIF,
        nengo.AdaptiveLIFRate,
        nengo.Alpha,
        nengo.Izhikevich,
        nengo.LIF,
        nengo.LIFRate,
        nengo.LinearFilter,
        nengo.Lowpass,
        nengo.PoissonSpiking,
        nengo.RectifiedLinear,
        nengo.RegularSpiking,
        nengo.Sigmoid,
        nengo.SpikingRectifiedLinear,
        nengo.StochasticSpiking,
        nengo.Tanh,
        nengo.Triangle,
    ),
    # of which neurons draw their initial states
    "nengo.dists": (
        nengo.dists.Choice,
        nengo.dists.CosineSimilarity,
        nengo.dists.Exponential,
        nengo.dists.Gaussian,
        nengo.dists.PDF,
        nengo.dists.QuasirandomSequence,
        nengo.dists.Samples,
        nengo.dists.ScatteredHypersphere,
        nengo.dists.SqrtBeta,
        nengo.dists.SubvectorLength,
        nengo.dists.Uniform,
        nengo.dists.UniformHypersphere,
    ),
}
_BY_NAME = {f"{home}.{cls.__name__}": cls for home, group in _CLASSES.items() for cls in group}
_NAMES = {cls: name for name, cls in _BY_NAME.items()}


def to_json(obj):
    """Write an object as values that JSON knows.

    Parameters
    ----------
    obj : neuron type, synapse, distribution, noise, number, str, bool, None, or an array, list or \
dict of those

    Returns
    -------
    data : JSON-ready

    Raises
    ------
    FileError
        If it is of a class that can't be stored.
    """
    if isinstance(obj, np.generic):
        obj = obj.item()
    if obj is None or isinstance(obj, (bool, str, int)):
        return obj
    if isinstance(obj, float):
        return obj if math.isfinite(obj) else {"float": repr(obj)}
    if isinstance(obj, np.ndarray):
        return {"array": to_json(obj.tolist())}
    if isinstance(obj, (list, tuple)):
        return [to_json(value) for value in obj]
    if isinstance(obj, dict):
        return {"dict": {str(name): to_json(value) for name, value in obj.items()}}
    if type(obj) not in _NAMES:
        raise FileError(
            f"{type(obj).__name__} can't be stored; use one of {', '.join(sorted(_BY_NAME))}"
        )
    if isinstance(obj, (FilteredSpikeNoise, GaussianRateNoise)):
        parameters = asdict(obj)
    else:
        parameters = parameters_of(obj)
    return {
        "class": _NAMES[type(obj)],
        "parameters": {name: to_json(value) for name, value in parameters.items()},
    }


def from_json(data):
    """Make the object that `to_json` wrote.

    Raises
    ------
    FileError
        If the data name an unknown class or have wrong parameters.
    """
    if data is None or isinstance(data, (bool, str, int, float)):
        return data
    if isinstance(data, list):
        return [from_json(value) for value in data]
    if not isinstance(data, dict):
        raise FileError(f"expected an object of a network file, got {data!r:.80}")
    if "float" in data:
        if data["float"] not in ("inf", "-inf", "nan"):
            raise FileError(f"unknown number {data['float']!r:.80}")
        return float(data["float"])
    if "array" in data:
        return np.asarray(from_json(data["array"]))
    if "dict" in data:
        return {name: from_json(value) for name, value in data["dict"].items()}
    cls = _BY_NAME.get(data.get("class"))
    if cls is None:
        raise FileError(f"unknown class {data.get('class')!r:.80}")
    try:
        return cls(**{name: from_json(value) for name, value in data["parameters"].items()})
    except FileError:
        raise
    except Exception as err:
        raise FileError(f"wrong parameters of {data['class']}: {err}") from err
