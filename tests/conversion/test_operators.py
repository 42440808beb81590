"""Models written with operators and `keras.ops`."""

import keras
import numpy as np
import pytest
from keras import ops

import nengo_softlif as nsl
from nengo_softlif.errors import ConversionError
from tests.conversion.checking import check, randomize

L = keras.layers
PATTERN = np.arange(12.0).reshape(4, 3) / 12
# layers take arrays with a batch axis
CONSTANT = (PATTERN[np.newaxis] - 0.4).astype("float32")

# of g, a linear layer of shape (4, 3), and h, neurons of the same shape
OPERATIONS = {
    "g + h": lambda g, h: g + h,
    "h + h": lambda g, h: h + h,
    "g - h": lambda g, h: g - h,
    "g + 1": lambda g, h: g + 1.0,
    "1 - g": lambda g, h: 1.0 - g,
    "g - pattern": lambda g, h: g - PATTERN,
    "pattern + g": lambda g, h: ops.add(PATTERN[np.newaxis], g),
    "add a row": lambda g, h: ops.add(g, PATTERN[0]),
    "2 g": lambda g, h: 2.0 * g,
    "g * pattern": lambda g, h: g * PATTERN,
    "h * a row": lambda g, h: h * PATTERN[0],
    "g / 2": lambda g, h: g / 2.0,
    "-h": lambda g, h: -h,
    "abs": lambda g, h: abs(g),
    "clip": lambda g, h: ops.clip(g, 0.1, 0.4),
    "maximum": lambda g, h: ops.maximum(g, 0.3),
    "minimum": lambda g, h: ops.minimum(PATTERN, g),
    "maximum of results": lambda g, h: ops.maximum(g, h),
    "minimum of results": lambda g, h: ops.minimum(h, ops.mean(g, axis=1, keepdims=True)),
    "maximum of three results": lambda g, h: L.Maximum()([g, h, 0.5 * g + 0.2]),
    "minimum of three results": lambda g, h: L.Minimum()([g, h, 0.5 * g + 0.2]),
    "matmul": lambda g, h: ops.matmul(h, PATTERN[:3]),
    "matmul of vectors": lambda g, h: ops.matmul(L.Flatten()(h), np.ones((12, 2))),
    "matmul of a matrix before it": lambda g, h: ops.matmul(PATTERN.T, h),
    "cumulative sum": lambda g, h: ops.cumsum(h, axis=1),
    "differences": lambda g, h: ops.diff(h, axis=2),
    "diagonal": lambda g, h: ops.diagonal(h, axis1=1, axis2=2),
    "trace": lambda g, h: ops.expand_dims(ops.trace(h, axis1=1, axis2=2), 1),
    "lower triangle": lambda g, h: ops.tril(h),
    "weighted average": lambda g, h: ops.average(h, axis=1, weights=PATTERN[:, 0]),
    "einsum": lambda g, h: ops.einsum("bij,ik->bkj", h, PATTERN),
    "tensordot": lambda g, h: ops.tensordot(h, PATTERN, axes=[[1], [0]]),
    "mean": lambda g, h: ops.mean(h, axis=1),
    "mean keeping dims": lambda g, h: g - ops.mean(h, axis=-1, keepdims=True),
    "sum": lambda g, h: ops.sum(h, axis=(1, 2), keepdims=True),
    "add broadcast": lambda g, h: g + ops.mean(h, axis=1, keepdims=True),
    "reshape": lambda g, h: ops.reshape(h, (-1, 2, 6)),
    "transpose": lambda g, h: ops.transpose(h, (0, 2, 1)),
    "swapaxes": lambda g, h: ops.swapaxes(h, 1, 2),
    "slice": lambda g, h: h[:, 1:3, ::-1],
    "index": lambda g, h: h[:, 2],
    "flip": lambda g, h: ops.flip(h, axis=1),
    "roll": lambda g, h: ops.roll(h, 1, axis=2),
    "squeeze": lambda g, h: ops.squeeze(ops.expand_dims(h, 1), 1),
    "pad": lambda g, h: ops.pad(h, ((0, 0), (1, 2), (0, 1))),
    "tile": lambda g, h: ops.tile(h, (1, 2, 1)),
    "repeat": lambda g, h: ops.repeat(h, 2, axis=2),
    "take": lambda g, h: ops.take(h, [2, 0], axis=1),
    "concatenate": lambda g, h: ops.concatenate([g, h], axis=-1),
    "stack": lambda g, h: ops.stack([g, h, g], axis=1),
    "split": lambda g, h: ops.add(*ops.split(h, 2, axis=1)),
    "relu": lambda g, h: ops.relu(g),
    "Add a constant": lambda g, h: L.Add()([g, CONSTANT, h]),
    "Add by name": lambda g, h: L.Add()(inputs=[CONSTANT, h][::-1]),
    "Average with a constant": lambda g, h: L.Average()([g, CONSTANT, h]),
    "Subtract a constant": lambda g, h: L.Subtract()([g, CONSTANT]),
    "Multiply by constants": lambda g, h: L.Multiply()([g, CONSTANT, CONSTANT]),
    "Maximum with constants": lambda g, h: L.Maximum()([g, CONSTANT, -CONSTANT]),
    "Minimum with a constant": lambda g, h: L.Minimum()([g, CONSTANT]),
    "relu6": lambda g, h: ops.relu6(g),
    "relu with a bound": lambda g, h: keras.activations.relu(g, max_value=0.2),
    "relu from below 0 on": lambda g, h: keras.activations.relu(g, threshold=-0.2),
    "bounded relu from below 0 on": lambda g, h: keras.activations.relu(
        g, threshold=-0.2, max_value=0.4
    ),
    "leaky": lambda g, h: ops.leaky_relu(g, negative_slope=0.3),
    "elu": lambda g, h: ops.elu(g, alpha=0.4),
    "hard sigmoid": lambda g, h: ops.hard_sigmoid(g),
    "hard tanh": lambda g, h: ops.hard_tanh(g),
    "tanh": lambda g, h: ops.tanh(g),
    "silu": lambda g, h: ops.silu(g),
    "soft shrink": lambda g, h: ops.soft_shrink(g, 0.1),
    "sparse sigmoid": lambda g, h: ops.sparse_sigmoid(g),
}


def branches():
    x = keras.Input((4, 5))
    h = L.Dense(3, activation="relu", name="h")(x)
    return x, L.Dense(3, name="g")(h), h


def signed(model):
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 0.7, size=w.shape) for w in model.get_weights()])
    return model


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_as_output_and_before_neurons(name):
    x, g, h = branches()
    result = OPERATIONS[name](g, h)
    check(signed(keras.Model(x, result)))
    behind = L.Dense(2)(L.ReLU()(L.Flatten()(result) if len(result.shape) > 2 else result))
    check(signed(keras.Model(x, behind)))


def test_softmax_and_sigmoid_of_ops_are_dropped():
    for last in (ops.softmax, ops.sigmoid, lambda y: ops.squeeze(ops.softmax(y), 1)):
        x = keras.Input((1, 4))
        model = keras.Model(x, last(L.Dense(3, name="out")(L.ReLU()(x))))
        graph = check(randomize(model)).graph
        assert graph.logits == graph.outputs


@pytest.mark.parametrize(
    "operate, words",
    [
        (lambda g, h: g * h, "multiplies two results of layers"),
        (lambda g, h: g / h, "divides by the result of a layer"),
        (lambda g, h: 1.0 / h, "divides by the result of a layer"),
        (lambda g, h: ops.matmul(g, ops.transpose(h, (0, 2, 1))), "only one of its operands"),
        (lambda g, h: ops.reshape(h, (-1, 3)), "from one sample of a batch to another"),
        (lambda g, h: ops.flip(h, axis=0), "from one sample of a batch to another"),
        (lambda g, h: ops.pad(h, ((0, 0), (1, 1), (0, 0)), constant_values=1), "pad with zeros"),
        (lambda g, h: ops.mean(h), "adds up the samples of a batch"),
        (lambda g, h: ops.cumsum(h, axis=0), "mixes the samples of a batch"),
        (lambda g, h: ops.diff(h, axis=0), "mixes the samples of a batch"),
        (lambda g, h: ops.exp(h), "is unsupported"),
        (lambda g, h: ops.clip(h, 0.5, PATTERN), "lower bound is above its upper one"),
        (lambda g, h: L.Multiply()([g, h, CONSTANT]), "multiplies two results of layers"),
        (lambda g, h: L.Maximum()([g, h, CONSTANT]), "takes constants besides results"),
        (lambda g, h: L.Dot(2)([h, np.ones((3, 2, 3), "float32")]), "takes constants besides"),
        (lambda g, h: L.Concatenate(1)([h, np.ones((3, 2, 3), "float32")]), "puts constants"),
        (lambda g, h: ops.concatenate([h, np.ones((3, 2, 3), "float32")], 1), "puts constants"),
        (lambda g, h: ops.stack([h, np.ones((3, 4, 3), "float32")], 1), "puts constants"),
    ],
)
def test_what_is_not_linear_or_mixes_samples_is_refused(operate, words):
    x, g, h = branches()
    with pytest.raises(ConversionError, match=words):
        nsl.convert(keras.Model(x, operate(g, h)))


def test_constants_of_a_batch_are_refused():
    x = keras.Input((3,), batch_size=2)
    with pytest.raises(ConversionError, match="differs between the samples of a batch"):
        nsl.convert(keras.Model(x, L.Dense(2)(x) + np.ones((2, 2))))
