"""How fast a soft LIF network for CIFAR-10 trains: Keras's backends, precisions and compilers.

Each row has a process of its own, which ``python -m benchmarks.rate_training BACKEND WAY STEPS``
starts too; the interpreter of a row with PyTorch can be another one. The processes take turns, and
the best round counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
BATCH = 64
N_STEPS, N_ROUNDS = 20, 3
# Multiplications and additions of a training step for an image: three times those of inference
FLOPS = 3 * 2 * (2_764_800 + 14_745_600 + 1_327_104 + 663_552 + 11_520)
ROWS = {
    "TensorFlow": ("tensorflow", "float32"),
    "TensorFlow, convolutions in bfloat16": ("tensorflow", "bfloat16"),
    "TensorFlow, XLA": ("tensorflow", "XLA"),
    "JAX": ("jax", "float32"),
    "JAX, convolutions in bfloat16": ("jax", "bfloat16"),
    "PyTorch": ("torch", "float32"),
    "PyTorch, torch.compile": ("torch", "torch.compile"),
}


def run(workers, quick):
    """Time training steps on every backend.

    Parameters
    ----------
    workers : Workers
        Of which only ``pythons`` counts; that of "PyTorch" is for its rows.
    quick : bool
        One round of two steps on TensorFlow.

    Returns
    -------
    result : dict
    """
    names = list(ROWS)[:1] if quick else list(ROWS)
    n_steps, n_rounds = (2, 1) if quick else (N_STEPS, N_ROUNDS)
    entries = {name: {"rounds": []} for name in names}
    for _ in range(n_rounds):
        for name in names:
            python = sys.executable
            if "PyTorch" in name:
                python = workers.pythons.get("PyTorch", python)
            answer = _measured(python, *ROWS[name], n_steps)
            entries[name]["rounds"].append(answer)
            print(f"  {name}: {answer}", flush=True)
    for entry in entries.values():
        rounds = [one for one in entry["rounds"] if "images_per_second" in one]
        if rounds:
            entry["images_per_second"] = max(one["images_per_second"] for one in rounds)
            entry["matrix_gflops"] = max(one["matrix_gflops"] for one in rounds)
    return {"batch_size": BATCH, "flops": FLOPS, "n_steps": n_steps, "entries": entries}


def _measured(python, backend, way, n_steps):
    found = subprocess.run(
        [python, "-m", "benchmarks.rate_training", backend, way, str(n_steps)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    lines = found.stdout.strip().splitlines()
    if found.returncode or not lines:
        why = (found.stderr.strip().splitlines() or ["no output"])[-1]
        return {"failed": why[:200]}
    return json.loads(lines[-1])


def measure(way, n_steps):
    """Images a second, and the rate of matrix products, in this process.

    Parameters
    ----------
    way : {"float32", "bfloat16", "XLA", "torch.compile"}
    n_steps : int

    Returns
    -------
    result : dict
    """
    import keras

    model = cifar_network()
    for layer in model.layers:
        if way == "bfloat16" and isinstance(layer, keras.layers.Conv2D):
            layer.dtype_policy = "mixed_bfloat16"
    model.compile(
        keras.optimizers.AdamW(1e-3),
        keras.losses.CategoricalCrossentropy(from_logits=True),
        # JAX always compiles
        jit_compile=way in ("XLA", "torch.compile") or keras.backend.backend() == "jax",
    )
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(BATCH, 24, 24, 3)).astype(np.float32)
    y = np.eye(10, dtype=np.float32)[rng.integers(10, size=BATCH)]
    for _ in range(3):  # compiles
        model.train_on_batch(x, y)
    seconds = []
    for _ in range(n_steps):
        start = time.perf_counter()
        model.train_on_batch(x, y)
        seconds.append(time.perf_counter() - start)
    return {
        "images_per_second": BATCH / float(np.median(seconds)),
        "matrix_gflops": _matrix_gflops(keras),
        "keras": keras.__version__,
    }


def cifar_network():
    """The network of Hunsberger & Eliasmith (2016) for CIFAR-10, normalised by batches."""
    import keras

    import nengo_softlif as nsl
    from nengo_softlif.layers import LocallyConnected2D, SoftLIF

    layers = keras.layers

    def soft_lif():
        noise = nsl.FilteredSpikeNoise(tau_s=0.002, antithetic=True)
        return SoftLIF(tau_ref=0.004, amplitude=0.01, sigma=0.005, noise=noise)

    model = keras.Sequential([keras.Input((24, 24, 3))])
    for _ in range(2):
        model.add(layers.Conv2D(64, 5, padding="same", use_bias=False))
        model.add(layers.BatchNormalization(scale=False))
        model.add(soft_lif())
        model.add(layers.AveragePooling2D(3, 2, padding="same"))
    for n_filters in (64, 32):
        model.add(layers.ZeroPadding2D(1))
        model.add(LocallyConnected2D(n_filters, 3, bias_initializer="ones"))
        model.add(soft_lif())
    model.add(layers.Flatten())
    model.add(layers.Dense(10))
    return model


def _matrix_gflops(keras):
    n = 2048
    a = keras.ops.ones((n, n))
    rates = []
    for _ in range(5):
        start = time.perf_counter()
        np.asarray(keras.ops.matmul(a, a)[0, 0])
        rates.append(2 * n**3 / (time.perf_counter() - start) / 1e9)
    return max(rates)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[2], int(sys.argv[3]))))
