"""Advice on samples, labels, presentations, results and data files."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif import datasets
from nengo_softlif.errors import ParameterError
from nengo_softlif.networks.samples import checked_samples
from tests.hints.following import SHORT, Advice, evaluate, follow, sequential

L = keras.layers
RNG = np.random.default_rng(0)
X = RNG.uniform(0, 1, size=(4, 3))
Y = np.array([0, 1, 1, 0])
DT = 0.001


@pytest.fixture(scope="module")
def steps():
    """Samples that change over time, 50 steps."""
    return np.repeat(X[:, np.newaxis], 50, axis=1)


def predict(network, x=X, **options):
    return nsl.predict(network, x, **{**SHORT, **options})


def shown(**options):
    return {"presentation": nsl.Presentation(**options)}


def test_samples(net, two, steps):
    plain = predict(two).output

    def equal(x, **options):
        return np.array_equal(predict(two, x, **options).output, plain)

    with nengo.Network(seed=0) as chained:
        relay, out = nengo.Node(size_in=3), nengo.Node(size_in=3)
        nengo.Connection(relay, out, synapse=None)
    with chained:
        before = nengo.Node(np.zeros(3))
        nengo.Connection(before, relay, synapse=None)
    for advice in [
        Advice(
            "; put a single sample into a batch with x[np.newaxis]",
            lambda: predict(two, X[0]),
            lambda: np.array_equal(predict(two, X[0][np.newaxis]).output[0], plain[0]),
        ),
        Advice(
            "; reshape them with x.reshape(",
            lambda: predict(two, X[..., None]),
            lambda: equal(X.reshape(-1, 3)),
        ),
        Advice(
            "; take one step of them",
            lambda: checked_samples({"x": (3,)}, steps),
            lambda: len(checked_samples({"x": (3,)}, steps[:, 0])) == 4,
        ),
        Advice(
            "; put a nengo.Node(numpy.zeros(n)) before it",
            lambda: nsl.wrap(chained, input=relay, output=out),
            lambda: np.allclose(
                predict(nsl.wrap(chained, input=before, output=out)).output, X, rtol=1e-6
            ),
        ),
        Advice(
            "; make one with nengo_softlif.convert(model), or with nengo_softlif.wrap(net, ...)",
            lambda: predict(net),
            lambda: np.array_equal(
                predict(nsl.wrap(net, input=net.x, output=net.two)).output, plain
            ),
        ),
        Advice(
            "; pass the labels as y",
            lambda: evaluate(two, iter([X]), None),
            lambda: evaluate(two, iter([X]), Y).n_samples == 4,
        ),
        Advice(
            "; a generator can be read only once",
            lambda: predict(two, iter([])),
            lambda: equal(iter([X])),
        ),
    ]:
        follow(advice)


def test_presentations(two, steps):
    n_steps = 50 * DT
    for advice in [
        Advice(
            "s); leave it out",
            lambda: predict(two, steps, **shown(time=0.1)),
            lambda: predict(two, steps, **shown()).presentation.time == n_steps,
        ),
        Advice(
            "; choose an earlier time, or show the samples for longer with time=...",
            lambda: predict(two, **shown(classify_from=0.3)),
            lambda: (
                predict(two, **shown(classify_from=0.1)).classify_from == 0.1
                and predict(two, **shown(classify_from=0.3, time=0.4)).presentation.time == 0.4
            ),
        ),
        Advice(
            "; choose an earlier time, or show the samples for longer with time=...",
            lambda: nsl.Presentation(time=0.1, classify_from=0.1),
            lambda: nsl.Presentation(time=0.1, classify_from=0.05).start_step() == 50,
        ),
        Advice(
            " s); choose ",
            lambda: nsl.Presentation(time=0.0105),
            lambda: [nsl.Presentation(time=t).n_steps() for t in (0.01, 0.011)] == [10, 11],
        ),
        Advice(
            " s); choose ",
            lambda: nsl.Presentation(time=0.0105, dt=1 / 3000),
            lambda: nsl.Presentation(time=0.010333333, dt=1 / 3000).n_steps() == 31,
        ),
        Advice(
            "; encode constant samples, or pass their spikes",
            lambda: predict(two, steps, **shown(encoding=nsl.RegularSpikes(100))),
            lambda: spikes_are_encoded(two),
        ),
        Advice(
            "; make one with nengo_softlif.Presentation",
            lambda: predict(two, presentation=0.1),
            lambda: predict(two, presentation=nsl.Presentation(time=0.1)).presentation.time == 0.1,
        ),
        Advice(
            "take one of nengo_softlif, such as nengo_softlif.RegularSpikes(max_rate=200)",
            lambda: nsl.Presentation(encoding="regular"),
            lambda: nsl.Presentation(encoding=nsl.RegularSpikes(max_rate=200)).encoding,
        ),
    ]:
        follow(advice)


def spikes_are_encoded(network):
    """Whether spikes that are passed do what the encoding does with constant samples."""
    regular = nsl.RegularSpikes(100)
    encoded = predict(network, **shown(time=0.05, encoding=regular)).output
    trains = regular.encode(X, 50, dt=DT, seed=0) * regular.amplitude / DT
    return np.allclose(predict(network, trains, **shown()).output, encoded, rtol=1e-5)


def test_channels_of_samples():
    def image_network(order, shape):
        conv = L.Conv2D(2, 2, data_format=order)
        return nsl.convert(sequential(conv, L.ReLU(), L.Flatten(), shape=shape))

    last, first = (
        image_network("channels_last", (2, 4, 3)),
        image_network("channels_first", (3, 2, 4)),
    )
    of_last, of_first = RNG.uniform(size=(2, 2, 4, 3)), RNG.uniform(size=(2, 3, 2, 4))

    def equal(network, x, right):
        return np.array_equal(predict(network, x).output, predict(network, right).output)

    for advice in [
        Advice(
            "; put the channels last with np.moveaxis(x, 1, -1)",
            lambda: predict(last, np.moveaxis(of_last, -1, 1)),
            lambda: equal(last, np.moveaxis(np.moveaxis(of_last, -1, 1), 1, -1), of_last),
        ),
        Advice(
            "; put the channels first with np.moveaxis(x, -1, 1)",
            lambda: predict(first, np.moveaxis(of_first, 1, -1)),
            lambda: equal(first, np.moveaxis(np.moveaxis(of_first, 1, -1), -1, 1), of_first),
        ),
    ]:
        follow(advice)
    with pytest.raises(ParameterError, match=r"got \(4, 2, 3\)\)$"):  # no advice that mixes them up
        predict(last, RNG.uniform(size=(2, 4, 2, 3)))


def test_labels(one, two, both):
    names = np.array(["dog", "cat"])
    error = evaluate(two, X, Y).error
    ended = np.zeros((4, 5, 2))
    ended[:, 3:] = np.nan
    for advice in [
        Advice(
            "; list the names in the order of the network's outputs with classes=[...]",
            lambda: evaluate(two, X, names[Y]),
            lambda: evaluate(two, X, names[Y], classes=["dog", "cat"]).error == error,
        ),
        Advice(
            "; nengo_softlif.predict needs none",
            lambda: evaluate(two, X, None),
            lambda: predict(two).n_samples == 4,
        ),
        Advice(
            "; pass task='regression' if they are numbers that the output shall reach",
            lambda: evaluate(one, X, [3, 5, 2, 4]),
            lambda: (
                evaluate(one, X, [3, 5, 2, 4], task="regression").targets.ravel().tolist()
                == [3, 5, 2, 4]
            ),
        ),
        Advice(
            "; leave classes out, or pass task='classes'",
            lambda: evaluate(two, X, Y, classes=["a", "b"], task="regression"),
            lambda: (
                evaluate(two, X, X[:, :2], task="regression").rmse > 0
                and evaluate(
                    two, X, np.array(["a", "b"])[Y], classes=["a", "b"], task="classes"
                ).error
                == error
            ),
        ),
        Advice(
            ", and neither of them); leave it out",
            lambda: evaluate(two, X, Y, threshold=0.5),
            lambda: evaluate(two, X, Y).error == error,
        ),
        Advice(
            "; pass classes={output: [...]} for outputs with names as labels",
            lambda: evaluate(both, X, {"two": names[Y], "one": Y}, classes=["dog", "cat"]),
            lambda: (
                evaluate(both, X, {"two": names[Y], "one": Y}, classes={"two": ["dog", "cat"]})[
                    "two"
                ].error
                == error
            ),
        ),
        Advice(
            "; pass output=name, or labels as a dict by these names",
            lambda: evaluate(both, X, Y),
            lambda: (
                evaluate(both, X, Y, output="two").error == error
                and evaluate(both, X, {"two": Y})["two"].error == error
            ),
        ),
        Advice(
            "; turn one-hot labels into integers with ",
            lambda: nsl.analysis.error_by_window(np.zeros((4, 5, 2)), np.eye(2)[Y], [0], [5]),
            lambda: (
                nsl.analysis.error_by_window(
                    np.zeros((4, 5, 2)), np.eye(2)[Y].argmax(axis=1), [0], [5]
                )
                == 0.5
            ),
        ),
        Advice(
            "; turn the column into one axis with ",
            lambda: nsl.analysis.error_by_window(np.zeros((4, 5, 2)), Y[:, None], [0], [5]),
            lambda: (
                nsl.analysis.error_by_window(np.zeros((4, 5, 2)), Y[:, None][:, 0], [0], [5]) == 0.5
            ),
        ),
        Advice(
            "; choose ends within the shortest presentation",
            lambda: nsl.analysis.error_by_window(ended, Y, [0], [5]),
            lambda: nsl.analysis.error_by_window(ended, Y, [0], [3]) == 0.5,
        ),
    ]:
        follow(advice)


def test_results(two, both):
    plain = predict(both)
    several = evaluate(both, X, {"two": Y, "one": Y})
    kept = evaluate(two, X, Y, keep="outputs")
    for advice in [
        Advice(
            "; take one by its name, ",
            lambda: plain.output,
            lambda: plain.outputs["two"].shape == (4, 2),
        ),
        Advice(
            "; take result[name].output",
            lambda: several.output,
            lambda: np.array_equal(several["two"].output, plain.outputs["two"]),
        ),
        Advice(
            '; run with keep="outputs"',
            lambda: evaluate(two, X, Y).output_over_time,
            lambda: kept.output_over_time.shape == (4, 50, 2),
        ),
    ]:
        follow(advice)
    for times, words in [
        (("a", 0.04), "^classify_from must be a time"),
        ((0.01, "a"), "^end must be a time"),
        ((0.01, 0.0405), "^end must be an integer number of time steps"),
        ((0.03, 0.02), "^classify_from must be before end"),
        ((0.01, 0.06), "end at most the presentation time of 0.05 s"),
    ]:
        with pytest.raises(ParameterError, match=words):
            kept.error_between(*times)
    assert 0 <= kept.error_between(0.01, 0.05) <= 1


def test_encodings():
    regular = nsl.RegularSpikes(100)
    images = X.reshape(2, 2, 3)
    for advice in [
        Advice(
            "; flatten images with x.reshape(len(x), -1)",
            lambda: regular.encode(images, 10),
            lambda: regular.encode(images.reshape(len(images), -1), 10).shape == (2, 10, 6),
        ),
        Advice(
            "; scale them, or clip them with clip=True",
            lambda: regular.encode(3 * X, 50),
            lambda: (
                regular.encode(3 * X / (3 * X).max(), 50).any()
                and nsl.RegularSpikes(100, clip=True).encode(3 * X, 50).sum() > 4
            ),
        ),
        Advice(
            "; lower max_rate or dt",
            lambda: nsl.RegularSpikes(2000).encode(X, 10),
            lambda: (
                nsl.RegularSpikes(1000).encode(X, 10).any()
                and nsl.RegularSpikes(2000).encode(X, 10, dt=0.0005).any()
            ),
        ),
        Advice(
            "; put a single sample into a batch with x[np.newaxis]",
            lambda: nsl.PresentEncoded(X[0, 0], 0.1, regular),
            lambda: nsl.PresentEncoded(X[0][np.newaxis], 0.1, regular).default_size_out == 3,
        ),
    ]:
        follow(advice)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(tmp_path))
    monkeypatch.setattr(datasets.images.importlib, "import_module", no_download)
    return tmp_path


def no_download(name):
    raise OSError("no network")


def test_data_files(folder):
    arrays = {
        "x_train": RNG.integers(0, 256, size=(6, 4, 4)),
        "y_train": np.arange(6) % 2,
        "x_test": RNG.integers(0, 256, size=(4, 4, 4)),
        "y_test": Y,
    }
    path = folder / "own.npz"

    def load(name=path, **changes):
        np.savez(path, **{**arrays, **changes})
        return datasets.load(name)

    def put():
        np.savez(folder / "mnist.npz", **arrays)
        return len(datasets.load("mnist").x_test) == 4

    for advice in [
        Advice(
            ". Give one of these names, or the path of an npz file with ",
            lambda: datasets.load("fashion"),
            lambda: datasets.load("digits").n_classes == 10 and load().n_classes == 2,
        ),
        Advice(
            "; rescale it",
            lambda: load(x_test=arrays["x_test"] * 1.0),
            lambda: load(x_test=arrays["x_test"] / 255).x_test.max() <= 1,
        ),
        Advice(
            ", or use 'mnist_subset', which comes with nengo_softlif",
            lambda: datasets.load("mnist"),
            lambda: put() and datasets.load("mnist_subset", test_only=True).n_classes == 10,
        ),
    ]:
        follow(advice)
