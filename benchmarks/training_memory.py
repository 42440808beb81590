"""Peak memory of training in spikes against the number of steps, with segments and without."""

from __future__ import annotations

import os
from concurrent.futures.process import BrokenProcessPool

from benchmarks import machine
from benchmarks.measure import in_process

BATCH, N_INPUTS, N_UNITS, SEGMENT = 64, 40, 256, 50
N_STEPS = (200, 400, 800, 1600)
BACKENDS = {"TensorFlow": "tensorflow", "JAX": "jax"}
WAYS = {
    "all steps at once": None,
    f"segments of {SEGMENT} steps": False,
    "segments, truncated": True,
}


def run(workers, quick):
    """Peak resident memory of a training step, each in a fresh process.

    Parameters
    ----------
    workers : Workers
        Not needed: memory is that of a process which does nothing else.
    quick : bool
        Two short sequences.
    """
    entries = {}
    for backend, keras_name in BACKENDS.items():
        for way, truncate in WAYS.items():
            name = f"{backend}, {way}"
            entries[name] = []
            for n_steps in (50, 100) if quick else N_STEPS:
                try:
                    measured = in_process(_peak, keras_name, n_steps, truncate)
                except BrokenProcessPool:
                    # the system ends a process that takes more memory than there is
                    measured = {"built_mb": None, "peak_mb": None}
                entries[name].append({"n_steps": n_steps, **measured})
                print(f"  {name}, {n_steps} steps: {measured}", flush=True)
    return {
        "batch_size": BATCH,
        "n_inputs": N_INPUTS,
        "n_units": N_UNITS,
        "segment": SEGMENT,
        "entries": entries,
    }


def _peak(backend, n_steps, truncate):
    """Memory before and after training, by segments unless ``truncate`` is None."""
    os.environ["KERAS_BACKEND"] = backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import numpy as np

    from nengo_softlif.layers import BySegments, LeakyIntegrator, RecurrentLIF

    layers = [
        keras.layers.Dense(N_UNITS, use_bias=False),
        RecurrentLIF(0.95),
        keras.layers.Dense(N_UNITS, use_bias=False),
        RecurrentLIF(0.95),
        keras.layers.Dense(10),
    ]
    model = keras.Sequential(
        [
            keras.Input((n_steps, N_INPUTS)),
            *(layers if truncate is None else [BySegments(layers, SEGMENT, truncate)]),
            LeakyIntegrator(over_time="mean"),
        ]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    rng = np.random.default_rng(0)
    spikes = (rng.random((BATCH, n_steps, N_INPUTS)) < 0.1).astype(np.float32)
    labels = rng.integers(10, size=BATCH)
    built = machine.peak_memory()
    for _ in range(2):
        model.train_on_batch(spikes, labels)
    return {"built_mb": built, "peak_mb": machine.peak_memory()}
