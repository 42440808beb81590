"""Pictures as files: each function writes one that can be read."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from nengo_softlif.plots import files as pictures

TIMES = np.arange(1, 51) * 0.001


@pytest.fixture
def result():
    """Stand in for what `evaluate` returns."""
    return SimpleNamespace(
        backend="nengo",
        n_samples=3,
        times=TIMES,
        classify_from=0.03,
        accuracy_over_time=np.linspace(0, 1, 50),
        mean_rates={"conv": np.arange(100.0), "dense": np.zeros(5)},
    )


def assert_is_picture(path, folder, name):
    assert path == folder / name
    with Image.open(path) as image:
        assert min(image.size) > 300
        assert len(image.getcolors(maxcolors=1_000_000)) > 10, "must not be blank"


def test_accuracy(tmp_path, result):
    folder = tmp_path / "made" / "on the way"
    path = pictures.draw_accuracy(folder, {"nengo": result, "loihi": result}, reference=0.9)
    assert_is_picture(path, folder, "accuracy_over_time.png")


def test_firing_rates(tmp_path, result):
    path = pictures.draw_firing_rates(tmp_path, result)
    assert_is_picture(path, tmp_path, "firing_rates.png")


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("silent", [False, True], ids=["spikes", "silence"])
def test_one_image(tmp_path, channels, silent):
    rng = np.random.default_rng(0)
    image = rng.random((8, 8, channels))
    spikes = {"conv": rng.random((50, 200)) < 0.05, "dense": np.zeros((50, 10), bool)}
    if silent:
        spikes["conv"][:] = False
    shown = SimpleNamespace(
        labels=np.array([2]),
        times=TIMES,
        output_over_time=rng.random((1, 50, 4)),
        spikes={name: layer[np.newaxis] for name, layer in spikes.items()},
    )
    path = pictures.draw_one_image(tmp_path, image, shown)
    assert_is_picture(path, tmp_path, "spikes_of_one_image.png")


def test_curves(tmp_path):
    path = pictures.draw_curves(tmp_path, sigma=0.1)
    assert_is_picture(path, tmp_path, "soft_lif_curve.png")
