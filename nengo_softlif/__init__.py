"""Train rate networks, run them as spikes on any Nengo simulator.

Names are looked up on first use, so that ``import nengo_softlif`` costs next to nothing.
"""

import importlib

from nengo_softlif import compat

__version__ = "0.1.0"

_HOMES = {
    "BernoulliSpikes": "nengo_softlif.functional.encoding",
    "ConstantCurrent": "nengo_softlif.functional.encoding",
    "FilteredSpikeNoise": "nengo_softlif.functional.noise",
    "GaussianRateNoise": "nengo_softlif.functional.noise",
    "LatencySpikes": "nengo_softlif.functional.encoding",
    "LinearResetLIFRate": "nengo_softlif.neurons",
    "PoissonSpikes": "nengo_softlif.functional.encoding",
    "PresentEncoded": "nengo_softlif.processes",
    "Presentation": "nengo_softlif.evaluation",
    "RegularSpikes": "nengo_softlif.functional.encoding",
    "Simulator": "nengo_softlif.simulator",
    "SoftLIFRate": "nengo_softlif.neurons",
    "SpikingLIF": "nengo_softlif.neurons",
    "SpikingLinearResetLIF": "nengo_softlif.neurons",
    "SpikingMaxPool": "nengo_softlif.processes",
    "SpikingNetwork": "nengo_softlif.conversion",
    "convert": "nengo_softlif.conversion",
    "evaluate": "nengo_softlif.evaluation",
    "predict": "nengo_softlif.evaluation",
    "wrap": "nengo_softlif.networks",
}
_SUBPACKAGES = (
    "analysis",
    "backends",
    "conversion",
    "datasets",
    "errors",
    "evaluation",
    "functional",
    "layers",
    "loihi",
    "networks",
    "neurons",
    "plots",
    "processes",
    "simulator",
)

__all__ = sorted({*_HOMES, *_SUBPACKAGES})


def __getattr__(name):
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in _SUBPACKAGES:
        return importlib.import_module(f"nengo_softlif.{name}")
    raise AttributeError(f"module 'nengo_softlif' has no attribute {name!r}")


def __dir__():
    return [*__all__, "__version__"]


compat.install(
    then={
        "keras": "nengo_softlif.layers",  # so that model files with our layers load
        "nengo_dl": "nengo_softlif.nengodl",
        "nengo_loihi": "nengo_softlif.loihi",
    }
)
