"""A function of one time step, run over all steps in a compiled loop."""

from __future__ import annotations

from collections.abc import Callable

import keras
from keras import ops

__all__ = ["over_steps"]


def over_steps(
    step: Callable, state: tuple, inputs: tuple, *, reverse: bool = False
) -> tuple[tuple, tuple]:
    """Run a function over the steps of tensors.

    `keras.ops.scan` can't do this on TensorFlow, where outputs must be shaped as the state.

    Parameters
    ----------
    step : callable
        Of the state and a tuple with the (batch, ...) inputs of a step; returns the next state and
        a tuple of (batch, ...) outputs.
    state : tuple of tensor
    inputs : tuple of (batch, steps, ...) tensor
    reverse : bool
        Whether to go from the last step to the first.

    Returns
    -------
    state : tuple of tensor
        At the end.
    outputs : tuple of (batch, steps, ...) tensor
        In the order of the inputs.

    Examples
    --------
    >>> x = ops.convert_to_tensor([[1.0, 2.0, 3.0]])
    >>> state, (sums,) = over_steps(
    ...     lambda s, x: ((s[0] + x[0],), (s[0] + x[0],)), (ops.zeros(1),), (x,)
    ... )
    >>> ops.convert_to_numpy(sums)
    array([[1., 3., 6.]], dtype=float32)
    """
    inputs = tuple(ops.convert_to_tensor(x) for x in inputs)  # a step's number may be a tensor
    n_steps = inputs[0].shape[1]
    order = range(n_steps)[::-1] if reverse else range(n_steps)
    if not _in_compiled_code():
        made = {}
        for k in order:
            state, made[k] = step(state, _at(inputs, k))
        columns = zip(*(made[k] for k in range(n_steps)), strict=True)
        return state, tuple(ops.stack(column, axis=1) for column in columns)

    # the first step outside of the loop tells the shapes of the outputs
    state, first = step(state, _at(inputs, order[0]))
    outputs = tuple(
        _put(
            ops.zeros((x.shape[0] or ops.shape(x)[0], n_steps, *x.shape[1:]), x.dtype), order[0], x
        )
        for x in first
    )

    def body(i, state, outputs):
        k = n_steps - 1 - i if reverse else i
        state, made = step(state, _at(inputs, k))
        return i + 1, state, tuple(_put(all_, k, x) for all_, x in zip(outputs, made, strict=True))

    start = ops.convert_to_tensor(1, "int32")
    _, state, outputs = ops.while_loop(
        lambda i, state, outputs: i < n_steps, body, (start, tuple(state), outputs)
    )
    return state, outputs


def _at(tensors, k):
    return tuple(x[:, k] for x in tensors)


def _put(all_, k, x):
    start = [0, k, *(0 for _ in x.shape[1:])]
    start = ops.stack([ops.cast(i, "int32") for i in start])
    return ops.slice_update(all_, start, ops.expand_dims(x, 1))


def _in_compiled_code():
    """Whether a loop gets compiled; run one by one, its updates would copy everything each time."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.inside_function()
    return backend == "jax"
