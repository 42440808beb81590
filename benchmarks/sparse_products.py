"""Matrix products of spikes that add up the rows of active inputs, beside dense ones.

A training step in spikes has two products with spikes in them: the forward pass, spikes times
weights, and the gradient of the weights, transposed spikes times errors.
"""

from __future__ import annotations

import os
import time

import numpy as np

from benchmarks.measure import in_process

SIZES = ((784, 300), (300, 300))
BATCHES = (64, 256)
ACTIVITIES = (0.05, 0.10, 0.13, 0.20)
PRODUCTS = ("forward", "weight gradient")


def run(workers, quick):
    """CPU time of each product, on one thread.

    Parameters
    ----------
    workers : Workers
        Not needed: all products run in one process, in turn.
    quick : bool
        One case, few rounds.
    """
    return in_process(_measure, quick)


def _measure(quick):
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
    from threadpoolctl import threadpool_limits

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    cases = []
    with threadpool_limits(1):
        for size in SIZES[1:] if quick else SIZES:
            for batch in BATCHES[:1] if quick else BATCHES:
                for activity in ACTIVITIES[1:2] if quick else ACTIVITIES:
                    case = _case(tf, size, batch, activity, n_rounds=3 if quick else 30)
                    cases.append(case)
                    print(f"  {case}", flush=True)
    return {"n_threads": 1, "cases": cases}


def _case(tf, size, batch, activity, n_rounds):
    """Best of some rounds in which all take turns, in microseconds."""
    rng = np.random.default_rng(0)
    n_in, n_out = size
    spikes = (rng.random((batch, n_in)) < activity).astype(np.float32)
    weights = rng.normal(size=size).astype(np.float32)
    errors = rng.normal(size=(batch, n_out)).astype(np.float32)
    forward, gradient = _sparse_products()
    s, w, e = (tf.constant(x) for x in (spikes, weights, errors))
    dense_forward = tf.function(tf.matmul)
    dense_gradient = tf.function(lambda a, b: tf.matmul(a, b, transpose_a=True))
    ways = {
        ("forward", "TensorFlow"): lambda: dense_forward(s, w),
        ("forward", "NumPy"): lambda: spikes @ weights,
        ("forward", "sparse"): lambda: forward(spikes, weights),
        ("weight gradient", "TensorFlow"): lambda: dense_gradient(s, e),
        ("weight gradient", "NumPy"): lambda: spikes.T @ errors,
        ("weight gradient", "sparse"): lambda: gradient(spikes, errors),
    }
    for product in PRODUCTS:
        results = [np.asarray(call()) for (which, _), call in ways.items() if which == product]
        for other in results[1:]:
            np.testing.assert_allclose(other, results[0], rtol=1e-3, atol=1e-3)
    best = dict.fromkeys(ways, np.inf)
    for _ in range(n_rounds):
        for way, call in ways.items():
            best[way] = min(best[way], _cpu_time(call))
    times = {p: {w: 1e6 * best[p, w] for q, w in ways if q == p} for p in PRODUCTS}
    return {"n_in": n_in, "n_out": n_out, "batch_size": batch, "activity": activity, **times}


def _cpu_time(call, repeats=10):
    start = time.process_time()
    for _ in range(repeats):
        call()
    return (time.process_time() - start) / repeats


def _sparse_products():
    """Products compiled by Numba, which look at each spike once."""
    import numba

    options = {"fastmath": True, "cache": True}

    @numba.njit(**options)
    def forward(spikes, weights):
        result = np.zeros((spikes.shape[0], weights.shape[1]), np.float32)
        for b in range(spikes.shape[0]):
            row = result[b]
            for i in range(spikes.shape[1]):
                if spikes[b, i] != 0:
                    source = weights[i]
                    for j in range(row.size):
                        row[j] += source[j]
        return result

    @numba.njit(**options)
    def gradient(spikes, errors):
        result = np.zeros((spikes.shape[1], errors.shape[1]), np.float32)
        for b in range(spikes.shape[0]):
            source = errors[b]
            for i in range(spikes.shape[1]):
                if spikes[b, i] != 0:
                    row = result[i]
                    for j in range(row.size):
                        row[j] += source[j]
        return result

    return forward, gradient
