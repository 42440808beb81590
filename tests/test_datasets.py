"""Labelled images: what comes back, where it is looked for, and what is refused."""

import pickle
import sys
import types
import zipfile

import numpy as np
import pytest

from nengo_softlif import datasets
from nengo_softlif.errors import DatasetError


def arrays(n_train=12, n_test=5, shape=(4, 4), n_classes=3, dtype=np.uint8):
    rng = np.random.default_rng(0)
    top = 256 if np.issubdtype(dtype, np.integer) else 1
    return {
        "x_train": (rng.random((n_train, *shape)) * top).astype(dtype),
        "y_train": np.arange(n_train) % n_classes,
        "x_test": (rng.random((n_test, *shape)) * top).astype(dtype),
        "y_test": np.arange(n_test) % n_classes,
    }


def written(folder, name="some.npz", **changes):
    path = folder / name
    content = {**arrays(), **changes}
    np.savez_compressed(path, **{k: v for k, v in content.items() if v is not None})
    return path


@pytest.fixture
def no_keras(monkeypatch):
    """Stand in for Keras without a network."""

    def load_data():
        raise Exception("URL fetch failure")

    for name in ("mnist", "cifar10"):
        module = types.ModuleType(f"keras.datasets.{name}")
        module.load_data = load_data
        monkeypatch.setitem(sys.modules, module.__name__, module)
    for package in ("keras", "keras.datasets"):
        monkeypatch.setitem(sys.modules, package, types.ModuleType(package))


@pytest.mark.parametrize(
    "name, n_train, n_test, shape",
    [("mnist_subset", 10_000, 2_000, (28, 28, 1)), ("digits", 1_437, 360, (8, 8, 1))],
)
def test_embedded(name, n_train, n_test, shape):
    data = datasets.load(name)
    assert data.x_train.shape == (n_train, *shape)
    assert data.x_test.shape == (n_test, *shape)
    assert data.input_shape == shape
    assert data.n_classes == 10
    for x in (data.x_train, data.x_test):
        assert x.dtype == np.float32
        assert x.min() == 0 and x.max() == 1
    for y in (data.y_train, data.y_test):
        assert y.dtype == np.int64
        assert set(y) == set(range(10))
    assert "embedded" in data.source
    assert len(repr(data)) < 200


def test_mnist_subset_is_the_start_of_mnist():
    data = datasets.load("mnist_subset")
    assert list(data.y_train[:10]) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert list(data.y_test[:10]) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    # sums of the grey values of the first images of MNIST
    assert round(float(data.x_train[0].sum() * 255)) == 27525
    assert round(float(data.x_test[0].sum() * 255)) == 18454


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.float32, np.float64])
def test_file_of_any_number_type(tmp_path, dtype):
    content = arrays(dtype=dtype)
    data = datasets.load(written(tmp_path, **content))
    scale = 255 if np.issubdtype(dtype, np.integer) else 1
    np.testing.assert_allclose(data.x_train[..., 0], content["x_train"] / scale, atol=1e-7)
    assert data.x_train.dtype == np.float32
    assert data.name == "some"
    assert data.n_classes == 3


def test_file_with_colours_and_column_of_labels(tmp_path):
    content = arrays(shape=(4, 5, 3))
    content["y_train"] = content["y_train"][:, np.newaxis]
    data = datasets.load(str(written(tmp_path, **content)))
    assert data.input_shape == (4, 5, 3)
    assert data.y_train.shape == (12,)


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_folder_comes_before_keras(tmp_path, monkeypatch, no_keras, name):
    path = written(tmp_path, f"{name}.npz")
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(tmp_path))
    data = datasets.load(name)
    assert data.name == name
    assert data.source == str(path)


def test_keras_downloads_what_the_folder_lacks(tmp_path, monkeypatch, no_keras):
    a = arrays()
    sys.modules["keras.datasets.mnist"].load_data = lambda: (
        (a["x_train"], a["y_train"]),
        (a["x_test"], a["y_test"]),
    )
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(tmp_path))
    data = datasets.load("mnist")
    assert "Keras" in data.source
    np.testing.assert_array_equal(data.y_test, a["y_test"])


def test_failed_download_says_what_to_do(tmp_path, monkeypatch, no_keras):
    monkeypatch.delenv(datasets.DATA_VARIABLE, raising=False)
    with pytest.raises(DatasetError, match=r"NENGO_SOFTLIF_DATA is not set.*URL fetch failure"):
        datasets.load("mnist")
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(tmp_path))
    with pytest.raises(DatasetError, match=r"holds no cifar10.npz.*Put a file cifar10.npz with"):
        datasets.load("cifar10")


def test_unknown_name():
    with pytest.raises(DatasetError, match=r"'fashion'.*mnist_subset, digits, mnist, cifar10"):
        datasets.load("fashion")
    with pytest.raises(DatasetError, match=r"name must be .* or a path \(got 3\)"):
        datasets.load(3)


def test_folder_is_not_a_file(tmp_path):
    with pytest.raises(DatasetError, match="nor a file"):
        datasets.load(tmp_path)


NAN = np.full((12, 4, 4), np.nan)
REFUSED = {
    "missing keys": (
        {"y_test": None, "x_test": None},
        r"lacks x_test, y_test .got x_train, y_train.",
    ),
    "flat images": ({"x_train": np.zeros((12, 16))}, r"x_train must have the shape .*\(12, 16\)"),
    "no images": ({"x_test": np.zeros((0, 4, 4))}, r"x_test is empty"),
    "empty images": ({"x_test": np.zeros((5, 0, 4))}, r"x_test is empty"),
    "text": ({"x_train": np.full((12, 4, 4), "a")}, r"x_train must hold real numbers \(got <U1"),
    "complex": ({"x_train": np.zeros((12, 4, 4), complex)}, r"real numbers \(got complex128"),
    "nan": ({"x_train": NAN}, r"x_train must be finite"),
    "infinity": ({"x_test": np.full((5, 4, 4), np.inf)}, r"x_test must be finite"),
    "not rescaled": ({"x_train": np.full((12, 4, 4), 255.0)}, r"between 0 and 1.*255.*rescale"),
    "negative": ({"x_train": np.full((12, 4, 4), -1)}, r"between 0 and 255.*got -1 to -1"),
    "other shape": ({"x_test": np.zeros((5, 4, 6))}, r"same shape.*\(4, 4, 1\) and \(4, 6, 1\)"),
    "fractional labels": ({"y_train": np.full(12, 0.5)}, r"y_train must hold integers \(got 0.5"),
    "one-hot labels": ({"y_train": np.eye(12, dtype=int)}, r"\(12, 12\)\); turn one-hot"),
    "negative labels": (
        {"y_train": np.full(12, -1)},
        r"y_train must hold labels of 0 or more \(got -1",
    ),
    "no labels": ({"y_test": np.zeros(0, int)}, r"y_test is empty"),
    "labels too long": ({"y_test": np.zeros(6, int)}, r"got 5 images and 6 labels"),
    "new label": ({"y_test": np.full(5, 3)}, r"among those in y_train, 0 to 2 \(got 3\)"),
    "huge label": ({"y_train": np.full(12, 10**12)}, r"without gaps.*1000000000000 for 12"),
}


@pytest.mark.parametrize("changes, message", REFUSED.values(), ids=REFUSED)
def test_refused(tmp_path, changes, message):
    with pytest.raises(DatasetError, match=message):
        datasets.load(written(tmp_path, **changes))


def test_object_arrays_execute_nothing(tmp_path):
    witness = tmp_path / "executed"

    class Hostile:
        def __reduce__(self):
            return (open, (str(witness), "w"))

    path = written(tmp_path, y_train=np.array([Hostile()] * 12, dtype=object))
    with pytest.raises(DatasetError, match="Python objects"):
        datasets.load(path)
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(DatasetError, match="can't be read"):
        datasets.load(tmp_path / "pickle.npz")
    assert not witness.exists()


@pytest.mark.parametrize("length", [0, 1, 10, 100, 500, -1, -30])
def test_truncated(tmp_path, length):
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DatasetError, match=r"some\.npz can't be read.*damaged"):
        datasets.load(path)


def test_any_damaged_byte_is_refused_or_harmless(tmp_path):
    whole = written(tmp_path).read_bytes()
    expected = datasets.load(tmp_path / "some.npz")
    for position in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[position] ^= 0xFF
        (tmp_path / "damaged.npz").write_bytes(damaged)
        try:
            data = datasets.load(tmp_path / "damaged.npz")
        except DatasetError:
            continue
        np.testing.assert_array_equal(data.x_train, expected.x_train)


def test_single_array(tmp_path):
    np.save(tmp_path / "one.npy", np.zeros(3))
    with pytest.raises(DatasetError, match="holds one array, not an npz archive"):
        datasets.load(tmp_path / "one.npy")


def test_claimed_size_is_not_believed(tmp_path):
    """An array header may claim more than any memory holds."""
    path = tmp_path / "huge.npz"
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000000000, 4, 4), }"
    header = header.ljust(118) + b"\n"
    with zipfile.ZipFile(path, "w") as archive:
        for key in arrays():
            content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
            archive.writestr(f"{key}.npy", content)
    with pytest.raises(DatasetError, match="can't be read"):
        datasets.load(path)


def test_the_test_part_alone_needs_no_training_part(tmp_path):
    path = written(tmp_path, x_train=None, y_train=None)
    data = datasets.load(path, test_only=True)
    assert data.x_train is None and data.y_train is None
    assert data.input_shape == (4, 4, 1) and data.n_classes == 3 and len(data.x_test) == 5
    with pytest.raises(DatasetError, match=r"must hold x_train, .*lacks x_train, y_train .got x_"):
        datasets.load(path)
    with pytest.raises(DatasetError, match="lacks y_test"):
        datasets.load(written(tmp_path, y_test=None), test_only=True)
    whole = datasets.load(written(tmp_path), test_only=True)
    assert whole.x_train is None
    np.testing.assert_array_equal(whole.x_test, data.x_test)
