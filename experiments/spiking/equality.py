"""Spikes of trained networks on several simulators, beside those of Keras."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.runs import images, trained
from experiments.spiking.sequential import LSNN, parted
from nengo_softlif import backends
from nengo_softlif.backends.compiled import CompiledSession
from nengo_softlif.conversion import compare_spikes

TITLE = "The same spikes on every simulator"
NETWORKS = {  # test samples
    "bondarev_bptt_seed0": 1000,
    "mnist_loihi_convnet": 1000,
    "braille_loihi_fold0": 270,
    "nmnist_convnet": 100,
    "speech_recurrent": 300,
    LSNN: 1000,
    "sequential_mnist_lif": 1000,
    "convnet_in_spikes_t8": 1000,
    "vgg16_in_spikes_t8": 20,  # 1,000 on the compiled simulator: `experiments.spiking.fine_tuned`
}
DOUBLE = "compiled in double precision"
BACKENDS = ("nengo", "compiled", DOUBLE, "nengo_dl")


class DoubleSession(CompiledSession):
    """The compiled simulator in double precision."""

    _dtype = np.dtype(np.float64)


def run(quick):
    """Compare spikes.

    Returns
    -------
    result : dict
        By network and backend: number of samples, spikes compared, differing, and samples in which
        any differs.
    """
    if DOUBLE not in backends.names():
        session = f"{__name__}:{DoubleSession.__name__}"
        compiled = backends.get("compiled")
        backends.register(replace(compiled, name=DOUBLE, session=session))
    return {
        "networks": {
            name: {backend: _compare(name, backend, quick) for backend in BACKENDS}
            for name in list(NETWORKS)[: 1 if quick else None]
        }
    }


def _compare(name, backend, quick):
    model, _ = trained(name)
    x, _ = images(name, "test", quick)
    x = x[: NETWORKS[name]]
    if name.startswith("sequential"):
        crossings, model = parted(model)
        x = keras.ops.convert_to_numpy(crossings(x))
    layers = compare_spikes(model, nsl.convert(model), x, backend=backend)
    return {
        "n_items": len(x),
        "compared": sum(layer.n_compared for layer in layers),
        "differing": layers.n_differing,
        "samples": sum(layer.n_origins for layer in layers),
    }


def describe(result):
    """List differing spikes."""
    networks = result["networks"]
    rows = [
        (
            name,
            f"{next(iter(runs.values()))['n_items']:,}",
            f"{next(iter(runs.values()))['compared']:,}",
            *(f"{runs[b]['differing']:,} ({runs[b]['samples']:,})" for b in BACKENDS),
        )
        for name, runs in networks.items()
    ]
    return "\n\n".join(
        [
            "Every spike of every neuron in every step, beside the Keras forward pass in single "
            "precision, on test samples: how many differ, and in parentheses in how many samples. "
            "Sums in another order round otherwise, so that a voltage just at the threshold may "
            "fall on its other side; all later differences of a sample follow from its first.",
            table(("network", "samples", "compared", *BACKENDS), rows),
        ]
    )
