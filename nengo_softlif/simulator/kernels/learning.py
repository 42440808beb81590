"""Kernels of learning rules: the change of weights in a step."""

from nengo_softlif.compiled.compiler import kernel
from nengo_softlif.compiled.simd import array

__all__ = ["bcm", "oja", "pes", "voja"]


@kernel
def pes(at, real):
    """Prescribed error sensitivity; at: pre, error, delta, n_pre, n_error; real: alpha."""
    n_pre, n_error = at[3], at[4]
    pre, error = array(at[0], n_pre, real), array(at[1], n_error, real)
    delta = array(at[2], n_pre * n_error, real)
    for i in range(n_error):
        factor = real[0] * error[i]
        for j in range(n_pre):
            delta[i * n_pre + j] = factor * pre[j]


@kernel
def bcm(at, real):
    """Bienenstock-Cooper-Munro; at: pre, post, theta, delta, n_pre, n_post; real: alpha."""
    n_pre, n_post = at[4], at[5]
    pre, post = array(at[0], n_pre, real), array(at[1], n_post, real)
    theta, delta = array(at[2], n_post, real), array(at[3], n_pre * n_post, real)
    for i in range(n_post):
        factor = real[0] * post[i] * (post[i] - theta[i])
        for j in range(n_pre):
            delta[i * n_pre + j] = factor * pre[j]


@kernel
def oja(at, real):
    """Oja's rule; at: pre, post, weights, delta, n_pre, n_post; real: alpha, beta."""
    n_pre, n_post = at[4], at[5]
    pre, post = array(at[0], n_pre, real), array(at[1], n_post, real)
    weights = array(at[2], n_pre * n_post, real)
    delta = array(at[3], n_pre * n_post, real)
    for i in range(n_post):
        gain = real[0] * post[i]
        forgetting = -real[1] * (gain * post[i])
        for j in range(n_pre):
            k = i * n_pre + j
            delta[k] = forgetting * weights[k] + gain * pre[j]


@kernel
def voja(at, real):
    """Vector Oja.

    at: pre, post, encoders, learning signal, delta, n_pre, n_post, scale; real: alpha.
    """
    n_pre, n_post = at[5], at[6]
    pre, post = array(at[0], n_pre, real), array(at[1], n_post, real)
    encoders = array(at[2], n_pre * n_post, real)
    delta, scale = array(at[4], n_pre * n_post, real), array(at[7], n_post, real)
    rate = real[0] * array(at[3], 1, real)[0]
    for i in range(n_post):
        for j in range(n_pre):
            k = i * n_pre + j
            delta[k] = rate * (scale[i] * (post[i] * pre[j]) - post[i] * encoders[k])
