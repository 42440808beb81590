"""A loop over the segments of a sequence whose backward pass computes each of them anew.

Between the passes only the inputs and the state at the start of each segment are kept. Segments
are steps of a loop on every backend. Unrolled, a compiler is free to compute all of them anew at
once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

__all__ = ["over_segments"]


def over_segments(
    run: Callable, x: Any, n_steps: int, weights: tuple, state: tuple, others: tuple
) -> tuple[Any, tuple, tuple]:
    """Run a function over the segments of a sequence.

    Parameters
    ----------
    run : callable
        Of a segment (batch, n_steps, ...), ``weights``, ``state`` and ``others``; returns outputs
        (batch, n_steps, ...), the next state and the next others. It may depend on no other tensor,
        and run twice it must give the same.
    x : (batch, steps, ...) tensor
    n_steps : int
        Of a segment; the last one may be shorter.
    weights : tuple of tensor
        Constants with a gradient.
    state : tuple of tensor
        Handed from segment to segment, with a gradient.
    others : tuple of tensor
        Handed from segment to segment, without a gradient, such as seeds.

    Returns
    -------
    outputs : (batch, steps, ...) tensor
    state, others : tuple of tensor
        At the end.

    Examples
    --------
    >>> x = ops.convert_to_tensor([[1.0, 2.0, 3.0]])
    >>> def sums(x, weights, state, others):
    ...     total = state[0] + ops.cumsum(x, axis=1)
    ...     return total, (total[:, -1:],), others
    >>> outputs, _, _ = over_segments(sums, x, 2, (), (ops.zeros((1, 1)),), ())
    >>> ops.convert_to_numpy(outputs)
    array([[1., 3., 6.]], dtype=float32)
    """
    loops: dict[str, Callable] = {"tensorflow": _on_tensorflow, "jax": _on_jax}
    loop = loops.get(keras.backend.backend(), _one_by_one)
    n_segments, rest = divmod(x.shape[1], n_steps)
    outputs = []
    for n, length, start in ((n_segments, n_steps, 0), (1, rest, n_segments * n_steps)):
        if n * length:
            part = x[:, start : start + n * length]
            part = ops.reshape(part, (-1, n, length, *x.shape[2:]))
            made, state, others = loop(run, part, weights, state, others)
            outputs.append(ops.reshape(made, (-1, n * length, *made.shape[3:])))
    return (outputs[0] if len(outputs) == 1 else ops.concatenate(outputs, axis=1)), state, others


def _on_tensorflow(run, x, weights, state, others):
    """Segments (batch, segments, n_steps, ...) in a while loop, with a gradient of its own."""
    import tensorflow as tf

    n_segments, n_weights, n_state = x.shape[1], len(weights), len(state)
    dtypes = [tensor.dtype for tensor in (*state, *others)]

    def looped(body, *carry):
        def counted(k, carry):
            following = body(k, *carry)
            tf.nest.map_structure(keep_shape, carry, following)
            return k + 1, following

        _, carry = tf.while_loop(
            lambda k, _: k < n_segments,
            counted,
            (tf.constant(0), carry),
            parallel_iterations=1,
            maximum_iterations=n_segments,
        )
        return carry

    def keep_shape(before, after):
        # a function that was compiled for batches of any size does not tell the size of this one
        if tf.is_tensor(before):
            after.set_shape(before.shape)

    def array(dtype):
        return tf.TensorArray(dtype, n_segments)

    def batch_first(array):
        parts = array.stack()
        return tf.transpose(parts, (1, 0, *range(2, parts.shape.rank)))

    @tf.custom_gradient
    def run_all(x, *flat):
        # cut off, so that a tape outside does not keep what the loop computes
        x, flat = tf.stop_gradient(x), [tf.stop_gradient(tensor) for tensor in flat]
        weights, carried = flat[:n_weights], tuple(flat[n_weights:])

        def forward(k, carried, starts, outputs):
            starts = tuple(a.write(k, s) for a, s in zip(starts, carried, strict=True))
            made, state, others = run(x[:, k], weights, carried[:n_state], carried[n_state:])
            return (*state, *others), starts, outputs.write(k, made)

        starts = tuple(array(dtype) for dtype in dtypes)
        carried, starts, outputs = looped(forward, carried, starts, array(x.dtype))
        starts = [a.stack() for a in starts]

        def gradient(of_outputs, *of_carried):
            def backward(k, later, sums, of_inputs):
                k = n_segments - 1 - k
                segment, begun = x[:, k], [s[k] for s in starts]
                state, others = begun[:n_state], begun[n_state:]
                given = [segment, *weights, *state]
                with tf.GradientTape(watch_accessed_variables=False) as tape:
                    tape.watch(given)
                    made, after, _ = run(segment, weights, tuple(state), tuple(others))
                of_segment, *found = tape.gradient(
                    [made, *after],
                    given,
                    output_gradients=[of_outputs[:, k], *later],
                    unconnected_gradients=tf.UnconnectedGradients.ZERO,
                )
                sums = tuple(a + b for a, b in zip(sums, found[:n_weights], strict=True))
                return tuple(found[n_weights:]), sums, of_inputs.write(k, of_segment)

            zeros = tuple(tf.zeros_like(w) for w in weights)
            later, sums, of_inputs = looped(
                backward, tuple(of_carried[:n_state]), zeros, array(x.dtype)
            )
            return batch_first(of_inputs), *sums, *later, *(None for _ in others)

        return (batch_first(outputs), *carried), gradient

    outputs, *carried = run_all(x, *weights, *state, *others)
    return outputs, tuple(carried[:n_state]), tuple(carried[n_state:])


def _on_jax(run, x, weights, state, others):
    """Segments (batch, segments, n_steps, ...) in a scan of rematerialised steps."""
    import jax

    def step(carry, segment):
        made, *carry = run(segment, weights, *carry)
        return tuple(carry), made

    # a scan can't merge the two computations of a step, so that nothing has to forbid it
    step = jax.checkpoint(step, prevent_cse=False)
    carry, made = jax.lax.scan(step, (state, others), ops.swapaxes(x, 0, 1))
    return ops.swapaxes(made, 0, 1), *carry


def _one_by_one(run, x, weights, state, others):
    """Segments (batch, segments, n_steps, ...) in a loop in Python."""
    outputs = []
    for k in range(x.shape[1]):
        made, state, others = keras.remat(run)(x[:, k], weights, state, others)
        outputs.append(made)
    return ops.stack(outputs, axis=1), state, others
