"""The demo from end to end, small: few images, few steps."""

import dataclasses

import pytest

from nengo_softlif import backends, datasets, demo
from nengo_softlif.backends import registry
from nengo_softlif.conversion import SpikingNetwork
from nengo_softlif.demo import training

TINY = demo.Settings(
    train_seconds=5,
    backends={"nengo": 2, "loihi": 1},
    n_verified=2,
    presentation_time=0.02,
)


@pytest.fixture
def few_images(monkeypatch):
    whole = datasets.load("mnist_subset")
    few = dataclasses.replace(
        whole,
        x_train=whole.x_train[:128],
        y_train=whole.y_train[:128],
        x_test=whole.x_test[:10],
        y_test=whole.y_test[:10],
    )
    monkeypatch.setattr(datasets, "load", lambda name: few)
    real = training.train
    monkeypatch.setattr(training, "train", lambda *a, **kw: real(*a, **{**kw, "epochs": 1}))


def test_demo(few_images, tmp_path, capsys):
    done = demo.run(tmp_path / "out", settings=TINY)
    assert {path.name for path in done.files} == {
        "accuracy_over_time.png",
        "firing_rates.png",
        "model.keras",
        "network.zip",
        "soft_lif_curve.png",
        "spikes_of_one_image.png",
    }
    assert all(path.stat().st_size > 1000 for path in done.files)
    assert [c.result.n_samples for c in done.comparisons] == [2, 1]
    assert all(c.reference_error is not None for c in done.comparisons)
    assert 0 <= done.rate_error <= 1
    assert SpikingNetwork.load(tmp_path / "out" / "network.zip").n_neurons > 0
    text = capsys.readouterr().out
    for part in ("1. Train", "2. Convert", "3. Run", "loihi", "network.zip"):
        assert part in text


def test_missing_backend_is_reported(few_images, tmp_path, capsys, monkeypatch):
    absent = dataclasses.replace(
        backends.get("loihi"), modules=("no_such_module",), install="pip install x"
    )
    monkeypatch.setattr(registry, "_REGISTERED", {"loihi": absent})
    done = demo.run(tmp_path, settings=TINY)
    assert [c.result is None for c in done.comparisons] == [False, True]
    text = " ".join(capsys.readouterr().out.split())
    assert "not run" in text and "pip install x" in text


def test_settings_meet_what_the_demo_promises():
    assert demo.FULL.train_seconds <= 60
    assert demo.FULL.backends == {"compiled": 2000, "loihi": 2000, "nengo_dl": 500, "nengo": 100}
    assert set(demo.QUICK.backends) == set(demo.FULL.backends)
