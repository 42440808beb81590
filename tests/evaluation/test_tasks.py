"""Regression, two classes by one output, several labels at once, several outputs in one run."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import DatasetError, ParameterError, UnknownNameError
from nengo_softlif.evaluation import (
    Evaluation,
    Evaluations,
    MultiLabelEvaluation,
    RegressionEvaluation,
)

L = keras.layers
SHORT = nsl.Presentation(time=0.02, classify_from=0)
OPTIONS = {"presentation": SHORT, "progress": False}


def passing(n, n_outputs=None):
    """A network whose outputs are its inputs, or some of them by name."""
    with nengo.Network() as net:
        x = nengo.Node(np.zeros(n))
        if n_outputs is None:
            outputs = nengo.Node(size_in=n)
            nengo.Connection(x, outputs, synapse=None)
        else:
            outputs, start = {}, 0
            for name, size in n_outputs.items():
                outputs[name] = nengo.Node(size_in=size)
                nengo.Connection(x[start : start + size], outputs[name], synapse=None)
                start += size
    return nsl.wrap(net, input=x, output=outputs)


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32).astype(float)


def test_regression_has_the_errors_of_its_definitions(x):
    targets = x + np.random.default_rng(1).normal(scale=0.3, size=x.shape)
    result = nsl.evaluate(passing(3), x, targets, **OPTIONS)
    assert isinstance(result, RegressionEvaluation)
    np.testing.assert_allclose(result.output, x, rtol=1e-6)
    difference = x - targets
    assert result.mse == pytest.approx(np.mean(difference**2))
    assert result.rmse == pytest.approx(np.sqrt(np.mean(difference**2)))
    assert result.mae == pytest.approx(np.mean(np.abs(difference)))
    assert result.r2 == pytest.approx(np.mean(1 - (difference**2).mean(0) / targets.var(0)))
    assert result.correlation == pytest.approx(np.corrcoef(x.ravel(), targets.ravel())[0, 1])
    np.testing.assert_allclose(result.mse_over_time, result.mse, rtol=1e-5)
    assert "RMSE" in str(result) and "R2" in repr(result)


@pytest.mark.parametrize("targets", [np.ones((40, 1)) * 0.5, np.ones((40, 3, 1, 1), int)])
def test_targets_of_a_wrong_shape_are_not_taken_for_labels(x, targets):
    with pytest.raises(DatasetError, match=r"targets must have the shape \(40, 3\) of the outputs"):
        nsl.evaluate(passing(3), x, targets, **OPTIONS)


def test_regression_without_variance_has_no_r2(x):
    result = nsl.evaluate(passing(3), x, np.ones((40, 3)) * 0.5, **OPTIONS)
    assert np.isnan(result.r2) and np.isnan(result.correlation) and result.mae > 0


def test_a_trained_regression_network():
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).uniform(-1, 1, (600, 2)).astype("float32")
    y = np.sin(2 * x[:, :1]) - x[:, 1:]
    model = keras.Sequential([keras.Input((2,)), L.Dense(64, "relu"), L.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.fit(x, y, epochs=30, verbose=0)
    expected = model.predict(x[:40], verbose=0)
    spiking = nsl.convert(model, synapse=0.01)
    shown = nsl.Presentation(time=0.6, classify_from=0.2)
    result = spiking.evaluate(x[:40], y[:40], presentation=shown, progress=False)
    assert result.r2 > 0.98
    assert np.abs(result.output - expected).max() < 0.03 * np.ptp(expected)
    flat = spiking.evaluate(x[:40], y[:40, 0], presentation=shown, progress=False)
    assert flat.mse == result.mse  # targets without the axis of one output


def test_images_as_targets():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4, 4, 1)), L.Conv2D(2, 3, padding="same")])
    x = np.random.default_rng(0).uniform(size=(5, 4, 4, 1))
    images = model.predict(x, verbose=0)
    result = nsl.evaluate(nsl.convert(model), x, images, **OPTIONS)
    assert isinstance(result, RegressionEvaluation) and result.targets.shape == images.shape
    assert result.mae < 1e-5


@pytest.mark.parametrize("labels", ["integers", "bools", "column", "names"])
def test_two_classes_by_one_output(x, labels):
    y = x[:, 0] > 0.2
    forms = {"integers": y.astype(int), "bools": y, "column": y.astype(int)[:, np.newaxis]}
    forms["names"] = np.where(y, "yes", "no")
    options = {**OPTIONS, "classes": ["no", "yes"]} if labels == "names" else OPTIONS
    result = nsl.evaluate(passing(1), x[:, :1], forms[labels], keep="outputs", **options)
    assert isinstance(result, Evaluation) and result.threshold == 0
    np.testing.assert_array_equal(result.predictions, x[:, 0] > 0)
    assert result.accuracy == pytest.approx(np.mean((x[:, 0] > 0) == y))
    np.testing.assert_allclose(result.accuracy_over_time, result.accuracy)
    assert result.error_between(0, 0.02) == pytest.approx(result.error)
    exact = nsl.evaluate(passing(1), x[:, :1], forms[labels], threshold=0.2, **options)
    assert exact.accuracy == 1


def test_several_labels_at_once(x):
    y = x > 0.1
    y[0] = True  # more than one label
    result = nsl.evaluate(passing(3), x, y.astype(int), **OPTIONS)
    assert isinstance(result, MultiLabelEvaluation)
    right = (x > 0) == y
    assert result.accuracy == pytest.approx(right.mean())
    assert result.exact_matches == pytest.approx(right.all(axis=1).mean())
    np.testing.assert_allclose(result.accuracy_over_time, result.accuracy)
    assert "of labels" in str(result)
    one_each = np.eye(3)[x.argmax(axis=1)]
    assert nsl.evaluate(passing(3), x, one_each, **OPTIONS).accuracy == 1  # classes
    named = nsl.evaluate(passing(3), x, one_each, task="multi-label", **OPTIONS)
    assert isinstance(named, MultiLabelEvaluation) and named.accuracy < 1


def test_several_outputs_in_one_run(x):
    network = passing(3, {"kind": 2, "size": 1})
    y = {"kind": x[:, :2].argmax(axis=1), "size": x[:, 2] + 0.5}
    result = nsl.evaluate(network, x, y, keep="outputs", **OPTIONS)
    assert isinstance(result, Evaluations) and list(result) == ["kind", "size"]
    assert result["kind"].accuracy == 1
    assert result["size"].mae == pytest.approx(0.5)
    assert result["size"].output_over_time.shape == (40, 20, 1)
    assert "kind: error" in str(result) and "size: RMSE" in repr(result)
    with pytest.raises(UnknownNameError, match="output 'shape' is unknown; choose one of kind"):
        result["shape"]
    only = nsl.evaluate(network, x, {"size": y["size"]}, **OPTIONS)
    assert list(only) == ["size"] and list(only.outputs) == ["size"]


@pytest.mark.parametrize(
    "y, options, error, words",
    [
        (None, {}, DatasetError, r"got None\); nengo_softlif.predict needs none"),
        (np.ones((40, 2)), {"task": "regression"}, DatasetError, r"\(40, 3\) .* \(got \(40, 2\)\)"),
        (np.full((40, 3), np.nan), {"task": "regression"}, DatasetError, "in 40 samples"),
        (np.ones((40, 3)) * 2, {"task": "multi-label"}, DatasetError, "0 or 1 for each output"),
        (np.ones(40, int), {"task": "clustering"}, ParameterError, "'classes', 'multi-label' or"),
        (np.ones(40, int), {"threshold": "high"}, ParameterError, "threshold must be a finite"),
        ({}, {}, ParameterError, "at least one output"),
        ({"out": np.ones(40, int)}, {}, UnknownNameError, "output 'out' is unknown"),
        ({"output": np.ones(40, int)}, {"output": "output"}, ParameterError, "must be left out"),
    ],
)
def test_bad_targets_are_named(x, y, options, error, words):
    with pytest.raises(error, match=words):
        nsl.evaluate(passing(3), x, y, **OPTIONS, **options)


def test_names_of_classes_by_output(x):
    network = passing(3, {"kind": 2, "size": 1})
    names = np.array(["cat", "dog"])
    y = {"kind": names[x[:, :2].argmax(axis=1)], "size": x[:, 2]}
    result = nsl.evaluate(network, x, y, classes={"kind": list(names)}, **OPTIONS)
    assert result["kind"].accuracy == 1 and result["kind"].classes == ("cat", "dog")
    assert result["size"].mae < 1e-6
    with pytest.raises(ParameterError, match=r"pass classes=\{output"):
        nsl.evaluate(network, x, y, classes=list(names), **OPTIONS)
    with pytest.raises(UnknownNameError, match="output 'sort' is unknown; choose one of kind"):
        nsl.evaluate(network, x, y, classes={"sort": list(names)}, **OPTIONS)
    with pytest.raises(ParameterError, match="classes must be a list of names"):
        nsl.evaluate(network, x, {"kind": y["kind"]}, classes="ab", **OPTIONS)
