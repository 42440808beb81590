"""Advice on samples and labels that are no arrays, and on backends that yield none."""

import nengo
import numpy as np
import pytest
import scipy.sparse

import nengo_softlif as nsl
from nengo_softlif import backends
from nengo_softlif.backends.reference import NengoSession
from nengo_softlif.errors import BackendError, DatasetError, ParameterError
from tests.hints.following import Advice, L, evaluate, follow, sequential

RNG = np.random.default_rng(0)
X = RNG.uniform(0, 1, size=(4, 3))
Y = np.array([0, 1, 1, 0])
MASKED = np.ma.masked_array(X, mask=np.eye(4, 3))
SPARSE = scipy.sparse.csr_array(X)


@pytest.fixture
def right(two):
    """Whether samples and labels give the result of arrays."""
    expected = evaluate(two, X, Y)

    def right(x, y=Y):
        result = evaluate(two, x, y)
        same = np.array_equal(result.output, expected.output)
        return same and np.array_equal(result.labels, expected.labels)

    return right


def test_samples(two, right, tmp_path):
    np.save(tmp_path / "x.npy", X)
    pairs = list(zip(X, Y, strict=True))
    text = X.astype(str)
    times = np.datetime64("2020-01-01") + np.arange(12).reshape(4, 3).astype("m8[s]")
    half = X.copy().astype(object)
    half[1, 2] = None
    late = [X[0], None, X[1]]
    for advice in [
        Advice("; pass an array of them", lambda: evaluate(two, None, Y), lambda: right(X)),
        Advice(
            "; make one with ",
            lambda: evaluate(two, {"input": (x for x in X)}, Y),
            lambda: right(np.stack(list(X))),
        ),
        Advice(
            ", which has no order); pass a list",
            lambda: evaluate(two, {1.0, 2.0}, Y),
            lambda: right(X.tolist()),
        ),
        Advice(
            "; read the file that it names, as with numpy.load",
            lambda: evaluate(two, str(tmp_path / "x.npy"), Y),
            lambda: right(np.load(tmp_path / "x.npy")),
        ),
        Advice(
            "; make it dense with its method toarray()",
            lambda: evaluate(two, SPARSE, Y),
            lambda: right(SPARSE.toarray()),
        ),
        Advice(
            "fill them with its method filled(0), for instance",
            lambda: evaluate(two, MASKED, Y),
            lambda: evaluate(two, MASKED.filled(0), Y).n_samples == 4,
        ),
        Advice(
            ", which is callable); pass what it returns",
            lambda: evaluate(two, lambda: X, Y),
            lambda: right((lambda: X)()),
        ),
        Advice(
            "such values by numbers",
            lambda: evaluate(two, half, Y),
            lambda: evaluate(two, np.where(half == None, 0, half), Y).n_samples == 4,  # noqa: E711
        ),
        Advice(
            "; turn text into numbers with numpy.asarray(x, dtype=float)",
            lambda: evaluate(two, text, Y),
            lambda: right(np.asarray(text, dtype=float)),
        ),
        Advice(
            "; give real and imaginary parts as two values, or take their magnitude",
            lambda: evaluate(two, X * 1j, Y),
            lambda: right(np.abs(X * 1j)),
        ),
        Advice(
            "; turn times into seconds with (x - start) / numpy.timedelta64(1, 's')",
            lambda: evaluate(two, times, Y),
            lambda: evaluate(two, (times - times[0, 0]) / np.timedelta64(1, "s"), Y).n_samples == 4,
        ),
        Advice(
            "; turn times into seconds with x / numpy.timedelta64(1, 's')",
            lambda: evaluate(two, times - times[0, 0], Y),
            lambda: evaluate(two, (times - times[0, 0]) / np.timedelta64(1, "s"), Y).n_samples == 4,
        ),
        Advice(
            "; take them apart with x, y = zip(*pairs)",
            lambda: evaluate(two, pairs, None),
            lambda: right(*zip(*pairs, strict=True)),
        ),
        Advice(
            "pass the two as x and y", lambda: evaluate(two, (X, Y), None), lambda: right(*(X, Y))
        ),
        Advice(
            "); leave them out",
            lambda: evaluate(two, late, Y[:3]),
            lambda: evaluate(two, [x for x in late if x is not None], Y[:2]).n_samples == 2,
        ),
        Advice(
            "; give samples of different lengths as batches, each a list of arrays",
            lambda: evaluate(two, ((x, 0) for x in (X[0], X[0][:2])), None),
            lambda: (
                evaluate(
                    two, iter([([X, X[:2]], Y[:2]), ([X[:1], X], Y[:2])]), None, presentation=None
                ).n_samples
                == 4
            ),
        ),
    ]:
        follow(advice)


def test_labels(two, right):
    known = [0, None, 1, 0]
    some = [i for i, label in enumerate(known) if label is not None]
    masked = np.ma.masked_array(Y, mask=[0, 1, 0, 0])
    for advice in [
        Advice(
            "leave these samples out",
            lambda: evaluate(two, X, masked),
            lambda: evaluate(two, X[~masked.mask], masked[~masked.mask]).n_samples == 3,
        ),
        Advice(
            "samples (got None or NaN); leave ",
            lambda: evaluate(two, X, known),
            lambda: evaluate(two, X[some], [known[i] for i in some]).n_samples == 3,
        ),
        Advice(
            "; make one with ", lambda: evaluate(two, X, (y for y in Y)), lambda: right(X, list(Y))
        ),
    ]:
        follow(advice)


class Lists(NengoSession):
    """Yields lists."""

    def present(self, samples, n_steps):
        for values in super().present(samples, n_steps):
            yield {name: value.tolist() for name, value in values.items()}


class Flat(NengoSession):
    """Yields arrays without the axis of samples."""

    def present(self, samples, n_steps):
        for values in super().present(samples, n_steps):
            yield {name: value[0] for name, value in values.items()}


class Nothing(NengoSession):
    """Yields None."""

    def present(self, samples, n_steps):
        yield None


@pytest.mark.parametrize("session", [Lists, Flat, Nothing])
def test_sessions_of_other_packages(two, session, monkeypatch):
    monkeypatch.setattr(backends.registry, "_REGISTERED", {})
    backends.register(
        backends.Backend(
            name="other",
            session=f"{__name__}:{session.__name__}",
            package="other",
            modules=("nengo",),
            install="pip install other",
        )
    )
    follow(
        Advice(
            "method present do so",
            lambda: evaluate(two, X, Y, backend="other"),
            lambda: evaluate(two, X, Y, backend="nengo").n_samples == 4,
        ),
        BackendError,
    )


def test_networks_that_overflow():
    model = sequential(L.Dense(5, "relu"), L.Dense(3))
    usual = model.get_weights()

    def scaled(factor):
        model.set_weights([np.full_like(w, factor) for w in usual])
        return evaluate(nsl.convert(model), np.ones((2, 4)), [0, 1]).n_samples == 2

    follow(
        Advice("; scale samples and weights down", lambda: scaled(3e38), lambda: scaled(0.3)),
        BackendError,
    )


def test_calibration_by_a_data_set():
    tensorflow = pytest.importorskip("tensorflow")
    model = sequential(L.Dense(5, "relu"), L.Dense(3))
    x = RNG.uniform(size=(6, 4))
    dataset = tensorflow.data.Dataset.from_tensor_slices(x).batch(2)
    some = np.stack(list(dataset.unbatch().take(200).as_numpy_iterator()))
    follow(
        Advice(
            "; take some of them, as in ",
            lambda: nsl.convert(model, target_rates=50, calibration=dataset),
            lambda: len(nsl.convert(model, target_rates=50, calibration=some).layers) == 1,
        )
    )


def test_batches_of_the_simulator():
    with nengo.Network() as net:
        node, out = nengo.Node([0.0] * 3), nengo.Node(size_in=3)
        nengo.Connection(node, out, synapse=None)
        probe = nengo.Probe(out)
    with nsl.Simulator(net, progress_bar=False) as sim:
        for given, words in [
            (MASKED, "without masked values"),
            (SPARSE, "toarray"),
            ((x for x in X), "numpy.stack"),
            (None, "missing"),
            ("abc", "the text"),
            (X * 1j, "real and imaginary"),
        ]:
            with pytest.raises(DatasetError, match=words):
                sim.run_batch({node: given}, 3)
        values = sim.run_batch({node: X.astype(object)}, 3)[probe]
    np.testing.assert_array_equal(values[:, -1], X)


@pytest.mark.parametrize("dt", [1.0, 0.15, 0.0003])
def test_a_default_time_that_is_no_number_of_steps_is_refused(two, dt):
    with pytest.raises(ParameterError, match="the default time must be an integer number of") as e:
        evaluate(two, X, Y, presentation=nsl.Presentation(dt=dt))
    time = float(str(e.value).split()[-1])
    shown = nsl.Presentation(time=time, dt=dt)
    assert evaluate(two, X, Y, presentation=shown).durations[0] == pytest.approx(time)
    # samples over time have their own
    samples = np.repeat(X[:, np.newaxis], 5, axis=1)
    assert evaluate(two, samples, Y, presentation=nsl.Presentation(dt=dt)).n_steps[0] == 5


@pytest.mark.parametrize("classes", [np.eye(2), [["a"], ["b"]], [{}, {}]])
def test_classes_that_are_no_names(two, classes):
    with pytest.raises(ParameterError, match="must be names or numbers, one for each class"):
        evaluate(two, X, Y, classes=classes)


def test_labels_that_are_infinite(two):
    with pytest.raises(DatasetError, match=r"integers \(got inf among them"):
        evaluate(two, X, [0, 1, np.inf, 0])


def test_errors_in_a_stream_count_samples_from_its_start(two):
    bad = X.copy()
    bad[1] = np.nan
    for stream, words in [
        (iter([(X, Y), (bad, Y)]), "the first is sample 5"),
        (iter([(X, Y), ([X, X[:, :2]], Y[:2])]), "for sample 5"),
        (iter([(X, Y), *zip(X, Y, strict=True), (X[0][:2], 0)]), "for sample 8"),
    ]:
        with pytest.raises(DatasetError, match=words):
            evaluate(two, stream, None)
    with pytest.raises(DatasetError, match="from 0 to 1") as error:
        evaluate(two, iter([(X, Y), (X, Y + 1)]), None)
    assert error.value.__notes__ == ["in the part of the stream that begins with sample 4"]


def test_objects_that_are_numbers_are_taken(two, right):
    assert right(X.astype(object), Y.astype(object))
    assert right(np.ma.masked_array(X))


def test_ragged_samples_name_the_one_that_is_wrong(two):
    with pytest.raises(DatasetError, match=r"got \(2,\) for sample 1"):
        evaluate(two, [[1, 2, 3], [1, 2]], [0, 1])
    with pytest.raises(DatasetError, match=r"got \(1, 2\) for sample 1"):
        evaluate(two, [[[1, 2, 3]], [[1, 2]]], [0, 1])
    with nengo.Network() as net:
        number, out = nengo.Node([0.0]), nengo.Node(size_in=1)
        nengo.Connection(number, out, synapse=None)
    network = nsl.wrap(net, input=number, output=out)
    with pytest.raises(DatasetError, match="labels must form one array"):
        evaluate(network, np.ones((2, 1)), [[0], [0, 1]])
