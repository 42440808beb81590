"""Kernels of learning rules: the change ``delta`` of weights, or of encoders, in a step."""

from nengo_softlif.compiled.compiler import kernel
from nengo_softlif.compiled.simd import array, number

__all__ = ["bcm", "oja", "pes", "rls", "voja"]


@kernel(operands="pre error delta n_pre n_error", reals="alpha")
def pes(at, real):
    """Prescribed error sensitivity."""
    n_pre, n_error = at.n_pre, at.n_error
    pre, error = array(at.pre, n_pre, real), array(at.error, n_error, real)
    delta = array(at.delta, n_pre * n_error, real)
    for i in range(n_error):
        factor = real.alpha * error[i]
        for j in range(n_pre):
            delta[i * n_pre + j] = factor * pre[j]


@kernel(operands="pre post theta delta n_pre n_post", reals="alpha")
def bcm(at, real):
    """Bienenstock-Cooper-Munro."""
    n_pre, n_post = at.n_pre, at.n_post
    pre, post = array(at.pre, n_pre, real), array(at.post, n_post, real)
    theta, delta = array(at.theta, n_post, real), array(at.delta, n_pre * n_post, real)
    for i in range(n_post):
        factor = real.alpha * post[i] * (post[i] - theta[i])
        for j in range(n_pre):
            delta[i * n_pre + j] = factor * pre[j]


@kernel(operands="pre post weights delta n_pre n_post", reals="alpha beta")
def oja(at, real):
    """Oja's rule."""
    n_pre, n_post = at.n_pre, at.n_post
    pre, post = array(at.pre, n_pre, real), array(at.post, n_post, real)
    weights = array(at.weights, n_pre * n_post, real)
    delta = array(at.delta, n_pre * n_post, real)
    for i in range(n_post):
        gain = real.alpha * post[i]
        squared = gain * post[i]
        for j in range(n_pre):
            k = i * n_pre + j
            delta[k] = -real.beta * weights[k] * squared + gain * pre[j]


@kernel(operands="pre post encoders learning_signal delta scale n_pre n_post", reals="alpha")
def voja(at, real):
    """Vector Oja, on encoders of neurons with a scale each."""
    n_pre, n_post = at.n_pre, at.n_post
    pre, post = array(at.pre, n_pre, real), array(at.post, n_post, real)
    encoders = array(at.encoders, n_pre * n_post, real)
    delta, scale = array(at.delta, n_pre * n_post, real), array(at.scale, n_post, real)
    rate = real.alpha * array(at.learning_signal, 1, real)[0]
    for i in range(n_post):
        for j in range(n_pre):
            k = i * n_pre + j
            delta[k] = rate * (scale[i] * (post[i] * pre[j]) - post[i] * encoders[k])


@kernel(operands="pre error inverse product delta n_pre n_error")
def rls(at, real):
    """Recursive least squares.

    ``inverse`` is the inverse of the correlations of the inputs, a symmetric matrix; ``product``
    is room for its product with the input.
    """
    n_pre, n_error = at.n_pre, at.n_error
    pre, error = array(at.pre, n_pre, real), array(at.error, n_error, real)
    inverse = array(at.inverse, n_pre * n_pre, real)
    product, delta = array(at.product, n_pre, real), array(at.delta, n_pre * n_error, real)
    for j in range(n_pre):
        product[j] = 0
    # since it is symmetric, by rows, and only those of inputs that are active
    for i in range(n_pre):
        active = pre[i]
        if active != 0:
            for j in range(n_pre):
                product[j] += active * inverse[i * n_pre + j]
    one = number(1, real)
    total = one
    for i in range(n_pre):
        total += pre[i] * product[i]
    share = one / total
    for i in range(n_pre):
        factor = product[i]
        for j in range(n_pre):
            inverse[i * n_pre + j] -= factor * (product[j] * share)
    for i in range(n_error):
        for j in range(n_pre):
            delta[i * n_pre + j] = error[i] * (-share * product[j])
