"""Data that come piece by piece give what the same data give as arrays."""

import keras
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import DatasetError, EvaluationInterrupted
from nengo_softlif.networks.streams import blocks

OPTIONS = {"presentation": nsl.Presentation(time=0.02), "progress": False}


class Batches(keras.utils.PyDataset):
    def __init__(self, x, y, size=5):
        super().__init__()
        self.x, self.y, self.size = x, y, size

    def __len__(self):
        return -(-len(self.x) // self.size)

    def __getitem__(self, index):
        part = slice(index * self.size, (index + 1) * self.size)
        return self.x[part], self.y[part]


def tf_data(*arrays, batch=None):
    import tensorflow as tf

    dataset = tf.data.Dataset.from_tensor_slices(arrays if len(arrays) > 1 else arrays[0])
    return dataset if batch is None else dataset.batch(batch)


STREAMS = {
    "batches of pairs, tf.data": lambda x, y: (tf_data(x, y, batch=5), None),
    "single pairs, tf.data": lambda x, y: (tf_data(x, y), None),
    "samples, tf.data": lambda x, y: (tf_data(x), y),
    "PyDataset": lambda x, y: (Batches(x, y), None),
    "generator of samples": lambda x, y: ((one for one in x), y),
    "generator of pairs": lambda x, y: (zip(x, y, strict=True), None),
    "generator of batches": lambda x, y: (iter([x[:7], x[7:]]), y),
}


@pytest.fixture(scope="module")
def expected(spiking, data):
    return nsl.evaluate(spiking, *data, **OPTIONS)


@pytest.mark.parametrize("name", STREAMS)
def test_streams_are_the_same_as_arrays(name, spiking, data, expected):
    result = nsl.evaluate(spiking, *STREAMS[name](*data), **OPTIONS)
    np.testing.assert_array_equal(result.output, expected.output)
    np.testing.assert_array_equal(result.labels, expected.labels)
    np.testing.assert_allclose(result.accuracy_over_time, expected.accuracy_over_time)
    np.testing.assert_allclose(result.mean_rates["lif"], expected.mean_rates["lif"])
    assert result.n_samples == 12 and not result.interrupted


def test_predict_takes_streams_with_labels_or_without(spiking, data, expected):
    x, y = data
    for stream in ((one for one in x), zip(x, y, strict=True), Batches(x, y)):
        found = nsl.predict(spiking, stream, **OPTIONS)
        np.testing.assert_array_equal(found.output, expected.output)


def test_several_inputs_by_name():
    a, b = keras.Input((2,), name="a"), keras.Input((3,), name="b")
    model = keras.Model([a, b], keras.layers.Dense(2)(keras.layers.Concatenate()([a, b])))
    network = nsl.convert(model)
    rng = np.random.default_rng(0)
    xs = {"a": rng.normal(size=(6, 2)), "b": rng.normal(size=(6, 3))}
    y = rng.integers(0, 2, 6)
    expected = nsl.evaluate(network, xs, y, **OPTIONS)
    singles = (({name: x[i] for name, x in xs.items()}, y[i]) for i in range(6))
    batches = iter([(({"a": xs["a"][:4], "b": xs["b"][:4]}), y[:4]), (xs, y)])
    np.testing.assert_array_equal(
        nsl.evaluate(network, singles, None, **OPTIONS).output, expected.output
    )
    found = nsl.evaluate(network, batches, None, **OPTIONS)
    np.testing.assert_array_equal(found.output[4:], expected.output)


def test_encodings_draw_as_for_arrays(spiking, data):
    x, y = data
    shown = nsl.Presentation(time=0.02, encoding=nsl.PoissonSpikes(500))
    whole = nsl.evaluate(spiking, x, y, presentation=shown, progress=False)
    stream = iter([(x[:5], y[:5]), (x[5:], y[5:])])
    found = nsl.evaluate(spiking, stream, None, presentation=shown, progress=False)
    np.testing.assert_array_equal(found.output, whole.output)


def test_an_interrupt_of_the_stream_keeps_what_was_done(spiking, data):
    x, y = data

    def stream():
        yield x[:5], y[:5]
        raise KeyboardInterrupt

    with pytest.raises(EvaluationInterrupted) as interrupt:
        nsl.evaluate(spiking, stream(), None, **OPTIONS)
    assert interrupt.value.result.n_samples == 5
    assert str(interrupt.value) == "interrupted after 5 samples"


X, Y = np.ones((4, 2)), np.array([0, 1, 0, 1])


@pytest.mark.parametrize(
    "x, y, words",
    [
        (lambda: iter([]), Y, "the stream has no samples"),
        (lambda: iter([X, X]), Y, r"got 4 labels, and at least 8 samples"),
        (lambda: iter([X]), np.tile(Y, 2), r"got 8 labels, and 4 samples"),
        (lambda: iter([X]), None, r"must be pairs \(samples, labels\) \(got ndarray\); pass"),
        (lambda: iter([(X, Y, Y)]), None, "got three parts"),
        (lambda: iter([np.ones((4, 3))]), Y, r"samples must have shape \(2,\)"),
        (lambda: iter([X, np.ones((4, 7, 2))]), np.tile(Y, 2), "same inputs must change over time"),
    ],
)
def test_bad_streams_are_named(spiking, x, y, words):
    with pytest.raises(DatasetError, match=words):
        nsl.evaluate(spiking, x(), y, **OPTIONS)


def test_labels_by_output_come_with_a_stream_or_beside_it():
    x = keras.Input((2,), name="x")
    outputs = [keras.layers.Dense(n, name=name)(x) for name, n in (("kind", 2), ("size", 1))]
    network = nsl.convert(keras.Model(x, outputs))
    rng = np.random.default_rng(0)
    samples = rng.normal(size=(6, 2))
    y = {"kind": rng.integers(0, 2, 6), "size": rng.normal(size=6)}
    expected = nsl.evaluate(network, samples, y, **OPTIONS)
    parts = [slice(0, 4), slice(4, 6)]
    batches = ((samples[p], {name: labels[p] for name, labels in y.items()}) for p in parts)
    singles = ((samples[i], {name: labels[i] for name, labels in y.items()}) for i in range(6))
    for found in (
        nsl.evaluate(network, batches, None, **OPTIONS),
        nsl.evaluate(network, singles, None, **OPTIONS),
        nsl.evaluate(network, (samples[p] for p in parts), y, **OPTIONS),
    ):
        assert found["kind"].error == expected["kind"].error
        assert found["size"].mae == pytest.approx(expected["size"].mae)


def test_a_list_of_one_array_that_changes_over_time(spiking):
    x = np.random.default_rng(0).uniform(size=(3, 20, 2))
    found = nsl.predict(spiking, [x], progress=False)
    np.testing.assert_array_equal(found.output, nsl.predict(spiking, x, progress=False).output)


def test_all_blocks_of_a_stream_have_the_task_of_the_first():
    """A block in which each sample happens to have one label is no other task."""
    network = nsl.convert(keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]))
    x = np.random.default_rng(0).normal(size=(8, 2))
    y = np.array([[1, 1, 0]] * 4 + [[0, 1, 0]] * 4)
    expected = nsl.evaluate(network, x, y, **OPTIONS)
    found = nsl.evaluate(network, iter([(x[:4], y[:4]), (x[4:], y[4:])]), None, **OPTIONS)
    np.testing.assert_array_equal(found.labels, expected.labels)
    assert found.accuracy == expected.accuracy
    with pytest.raises(DatasetError, match="one-hot labels must have a single 1"):
        nsl.evaluate(network, iter([(x[4:], y[4:]), (x[:4], y[:4])]), None, **OPTIONS)
    options = OPTIONS | {"task": "multi-label"}
    found = nsl.evaluate(network, iter([(x[4:], y[4:]), (x[:4], y[:4])]), None, **options)
    assert found.accuracy == expected.accuracy


def test_labels_that_are_cut_or_come_twice_are_refused():
    with pytest.raises(DatasetError, match=r"different numbers of labels: {'a': 3, 'b': 2}"):
        list(blocks({"x": (2,)}, iter([np.ones((3, 2))]), {"a": [0, 1, 1], "b": [0, 1]}))
    pairs = ((np.ones((3, 2)), np.zeros(3)) for _ in range(2))
    with pytest.raises(DatasetError, match=r"got both\); leave y out"):
        list(blocks({"x": (2,)}, pairs, np.zeros(6)))


def test_sample_weights_are_refused_with_what_to_do():
    triples = [(np.ones((3, 2)), np.zeros(3), np.ones(3))]
    with pytest.raises(DatasetError, match=r"stream.map\(lambda x, y, weights: \(x, y\)\)"):
        list(blocks({"x": (2,)}, iter(triples)))
    ((_, labels),) = blocks({"x": (2,)}, ((x, y) for x, y, _ in triples))
    assert labels.tolist() == [0, 0, 0]
    ((x, labels),) = blocks({"x": (2,)}, iter(triples), has_labels=False)  # predict
    assert x.shape == (3, 2)


class Loader:
    """What loaders of PyTorch have: a length and an iterator."""

    def __init__(self, parts):
        self.parts = parts

    def __len__(self):
        return len(self.parts)

    def __iter__(self):
        return iter(self.parts)


class Numbered(keras.utils.PyDataset):
    """A data set that says how many batches it has, as Keras documents."""

    def __init__(self, parts, n):
        super().__init__()
        self.parts, self.n = parts, n

    @property
    def num_batches(self):
        return self.n

    def __getitem__(self, index):
        return self.parts[index]


def test_loaders_and_numbered_data_sets(spiking, data, expected):
    x, y = data
    parts = [(x[:7], y[:7]), (x[7:], y[7:])]
    for stream in (Loader(parts), Numbered(parts, 2)):
        result = nsl.evaluate(spiking, stream, **OPTIONS)
        np.testing.assert_array_equal(result.output, expected.output)

    class Unending(Numbered):
        num_batches = keras.utils.PyDataset.num_batches

        def __len__(self):
            return None

    for endless in (Numbered(parts, None), Unending(parts, None)):
        with pytest.raises(DatasetError, match="return it from num_batches"):
            nsl.evaluate(spiking, endless, **OPTIONS)


A, B = (np.arange(4.0 * n).reshape(4, n) for n in (2, 3))
TWO = {"a": (2,), "b": (3,)}


@pytest.mark.parametrize(
    "stream",
    [
        lambda: tf_data((A, B), batch=2),
        lambda: ((batch,) for batch in tf_data((A, B), batch=2).as_numpy_iterator()),
        lambda: (([a, b],) for a, b in zip(A, B, strict=True)),
        lambda: ({"a": a, "b": b} for a, b in zip(A, B, strict=True)),
    ],
)
def test_several_inputs_without_labels(stream):
    found = [part for part, _ in blocks(TWO, stream(), has_labels=False)]
    found = [list(part.values()) if isinstance(part, dict) else part for part in found]
    for whole, parts in zip((A, B), zip(*found, strict=True), strict=True):
        np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize(
    "last, words",
    [
        ((A[3], B[3]), "a dict of a, b for sample 0, and a list of 2 for sample 3"),
        ({"a": A[3]}, "and a dict of a for sample 3"),
        (A[3], "and one array for sample 3"),
    ],
)
def test_samples_of_another_form_are_named(last, words):
    samples = [{"a": a, "b": b} for a, b in zip(A[:3], B[:3], strict=True)]
    with pytest.raises(DatasetError, match=words):
        list(blocks(TWO, iter([*samples, last]), has_labels=False))


def test_names_of_other_inputs_are_named_though_batches_differ_in_size(spiking, data):
    batches = ({"other": part} for part in (data[0][:7], data[0][7:]))
    with pytest.raises(DatasetError, match="data came for other"):
        nsl.predict(spiking, batches, **OPTIONS)
