"""Training of the papers' networks: batches, interrupts, stored weights, wrong files."""

import json
from dataclasses import asdict, replace

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from experiments import training
from experiments.augmentation import minibatches
from experiments.checkpoints import WEIGHTS, load_trained, other_settings, store
from experiments.data import MEAN, STD, grey_levels, load
from experiments.networks import Neurons
from experiments.plans import PLANS, Plan
from experiments.train import main
from experiments.training import train
from nengo_softlif.errors import DatasetError, SoftLIFError
from nengo_softlif.functional.noise import FilteredSpikeNoise, GaussianRateNoise
from nengo_softlif.layers import OverTime

TINY = Plan(
    "mnist_mlp", "mnist", Neurons(noise=GaussianRateNoise(5.0), rates=(20.0, 20.0)), epochs=2
)


def batches_of(images, n=5, epoch=0, **settings):
    """The first minibatches, of pixels from 0 to 255."""
    settings = {"batch_size": 4, "margin": 2, "smoothing": 0.0} | settings
    plan = replace(TINY, **settings)
    labels = np.arange(len(images)) % 10
    batches = minibatches(images, labels, plan, scale=1.0, epoch=epoch)
    return [(x.numpy(), y.numpy()) for x, y in batches.take(n)]


def noise(n=20, size=6):
    return np.random.RandomState(0).randint(256, size=(n, size, size, 1)).astype(np.uint8)


def test_a_minibatch_follows_from_seed_epoch_and_number():
    settings = {"mirror": True, "hole": 2, "mixup": 0.2}
    two_epochs = batches_of(noise(), n=10, **settings)
    again = batches_of(noise(), epoch=1, **settings)
    for wanted, got in zip(two_epochs[5:], again, strict=True):
        for part in range(2):
            np.testing.assert_array_equal(got[part], wanted[part])
    assert not np.array_equal(two_epochs[0][0], two_epochs[5][0])
    assert not np.array_equal(batches_of(noise(), seed=1, **settings)[0][0], two_epochs[0][0])


def test_an_epoch_has_every_image_once_with_its_label():
    images = np.zeros((20, 6, 6, 1), np.uint8)
    images[:, 2:4, 2:4] = 1 + np.arange(20).reshape(-1, 1, 1, 1)  # never shifted out of sight
    batches = batches_of(images, mirror=True)
    seen = np.concatenate([x.max(axis=(1, 2, 3)) for x, _ in batches])
    labels = np.concatenate([y.argmax(axis=1) for _, y in batches])
    assert sorted(seen) == list(range(1, 21))
    np.testing.assert_array_equal((seen - 1) % 10, labels)


def test_patches_are_cut_from_everywhere_and_mirrored():
    images = np.broadcast_to(np.arange(8)[None, None, :, None], (40, 8, 8, 1)).astype(np.uint8)
    ((x, _),) = batches_of(images, n=1, patch=4, batch_size=40, mirror=True)
    rows = {tuple(row) for row in x[:, 0, :, 0]}
    ascending = {tuple(range(i, i + 4)) for i in range(5)}
    assert rows == ascending | {row[::-1] for row in ascending}


def test_shifted_images_are_padded_with_black():
    images = np.full((40, 6, 6, 1), 255, np.uint8)
    ((x, _),) = batches_of(images, n=1, batch_size=40)
    # what is left of an image that is shifted by 0 to 2 pixels in each direction
    assert {int(part) for part in (x == 255).sum(axis=(1, 2, 3))} == {
        a * b for a in (4, 5, 6) for b in (4, 5, 6)
    }


def test_a_hole_is_a_grey_square():
    images = np.zeros((40, 8, 8, 1), np.uint8)
    images[:, 0] = 80  # their mean is 10
    ((x, _),) = batches_of(images, n=1, batch_size=40, margin=0, hole=4)
    sizes = (x == 10).sum(axis=(1, 2, 3))
    assert sizes.max() == 16
    assert sizes.min() >= 4  # a quarter of it, in a corner
    assert (sizes < 16).any()


def test_images_are_mixed_as_their_labels_are():
    images = np.broadcast_to(10 * np.arange(10)[:, None, None, None], (10, 4, 4, 1)).astype(
        np.uint8
    )
    for x, y in batches_of(images, n=3, batch_size=10, margin=0, mixup=0.4):
        np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-6)
        np.testing.assert_allclose(x[:, 0, 0, 0], y @ (10 * np.arange(10)), rtol=1e-5, atol=1e-4)
    assert 0 < y.max(axis=1).min() < 1


def test_grey_levels_are_the_bytes_of_the_images():
    levels = noise()
    for name, scale, offset in (
        ("mnist", 1 / 255, 0),
        ("mnist_256", 1 / 256, 0),
        ("cifar10", 1 / 255 / STD, -MEAN / STD),
    ):
        images = (levels * np.float32(scale) + np.float32(offset)).astype(np.float32)
        found, *line = grey_levels(name, images)
        np.testing.assert_array_equal(found, levels)
        assert line == pytest.approx([scale, offset])
    with pytest.raises(DatasetError, match="256 grey levels"):
        grey_levels("mnist", np.full((1, 2, 2, 1), 0.5, np.float32))


def test_a_setting_that_a_stored_plan_does_not_know_was_off():
    stored = json.loads(json.dumps(asdict(TINY)))
    del stored["hole"], stored["mixup"]
    assert other_settings(stored, TINY) == []
    assert other_settings(stored, replace(TINY, mixup=0.2)) == ["mixup"]


def test_an_interrupted_training_goes_on_as_if_it_had_not_been(tmp_path, monkeypatch):
    whole, wanted = train("a", TINY, tmp_path, quick=True)

    def save_and_stop(self, model, history, save=training._Checkpoint.save):
        save(self, model, history)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(training._Checkpoint, "save", save_and_stop)
        train("b", TINY, tmp_path, quick=True)
    assert len(json.loads((tmp_path / "b" / "training.json").read_text())["history"]) == 1
    continued, history = train("b", TINY, tmp_path, quick=True)
    assert len(history) == 2
    for key in ("loss", "accuracy", "val_loss"):
        assert history[1][key] == pytest.approx(wanted[1][key], rel=1e-3)
    for one, other in zip(whole.get_weights(), continued.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)


def test_averages_of_normalisation_are_those_of_the_averaged_weights():
    inputs = keras.Input((3,))
    hidden = keras.layers.BatchNormalization(momentum=0.9)(keras.layers.Dense(4)(inputs))
    hidden = keras.layers.Add()([keras.layers.Dropout(0.5)(hidden), keras.layers.Dense(4)(inputs)])
    steps = OverTime(keras.layers.BatchNormalization(momentum=0.9))(hidden[:, None])
    model = keras.Model(inputs, steps[:, 0])
    x = np.random.RandomState(0).normal(2, 3, size=(500, 3)).astype("float32")
    training._settle(model, [(x, None)] * 100)
    # what training would make of this batch, except for dropout, is what the averages do
    outputs = np.asarray(model(x))
    np.testing.assert_allclose(outputs.mean(axis=0), 0, atol=0.01)
    np.testing.assert_allclose(outputs.std(axis=0), 1, atol=0.01)


class TestUnusableCheckpoints:
    @pytest.fixture(scope="class")
    def folder(self, tmp_path_factory):
        folder = tmp_path_factory.mktemp("checkpoints")
        train("a", replace(TINY, batch_size=400), folder, quick=True)
        return folder

    def attempt(self, folder, match, **changes):
        plan = replace(TINY, batch_size=400, **changes)
        with pytest.raises(SoftLIFError, match=match):
            train("a", plan, folder, quick=True)

    def test_other_settings_are_named(self, folder):
        self.attempt(folder, r"other settings \(seed\).*--restart", seed=1)

    def test_a_damaged_text_is_named(self, folder):
        text = folder / "a" / "training.json"
        content = text.read_text()
        text.write_text(content[: len(content) // 2])
        self.attempt(folder, r"training.json can't be read.*--restart")
        text.write_text(content)

    def test_a_missing_text_is_named(self, folder):
        text = folder / "a" / "training.json"
        content = text.read_text()
        text.unlink()
        self.attempt(folder, r"training.json is missing.*--restart")
        _, history = train("a", replace(TINY, batch_size=400), folder, quick=True, restart=True)
        assert len(history) == 2
        text.write_text(content)

    def test_a_missing_or_damaged_state_is_named_and_restart_begins_again(self, folder):
        (state,) = (folder / "a").glob("*.keras")
        state.write_bytes(state.read_bytes()[:1000])
        self.attempt(folder, r"epoch2.keras is missing or damaged.*--restart")
        state.unlink()
        self.attempt(folder, r"epoch2.keras is missing or damaged.*--restart")
        _, history = train("a", replace(TINY, batch_size=400), folder, quick=True, restart=True)
        assert len(history) == 2


class TestStoredWeights:
    @pytest.fixture(scope="class")
    def model(self):
        return PLANS["mnist_mlp_seed0"].model()

    def test_come_back_rounded(self, model, tmp_path):
        store("mnist_mlp_seed0", model, [{"loss": 1.0}], tmp_path)
        loaded, info = load_trained("mnist_mlp_seed0", tmp_path)
        assert info["history"] == [{"loss": 1.0}]
        for wanted, got in zip(model.trainable_variables, loaded.trainable_variables, strict=True):
            wanted, got = np.asarray(wanted), np.asarray(got)
            if wanted.ndim == 1:
                np.testing.assert_array_equal(got, wanted)
            else:
                size = np.sqrt(np.mean(wanted**2, axis=0))
                assert np.all(abs(got - wanted) <= size / 7.9)

    def test_of_a_model_that_was_saved_in_between(self, model, tmp_path):
        model.save(tmp_path / "model.keras")
        store("mnist_mlp_seed0", keras.saving.load_model(tmp_path / "model.keras"), [], tmp_path)
        loaded, _ = load_trained("mnist_mlp_seed0", tmp_path)
        assert np.abs(loaded.get_weights()[0] - model.get_weights()[0]).max() < 0.05

    def test_take_less_than_a_byte_each(self, model, tmp_path):
        store("mnist_mlp_seed0", model, [], tmp_path)
        size = (tmp_path / "mnist_mlp_seed0.npz").stat().st_size
        assert size < 0.8 * model.count_params()

    def test_of_other_settings_are_named(self, model, tmp_path, monkeypatch):
        store("mnist_mlp_seed0", model, [], tmp_path)
        changed = replace(PLANS["mnist_mlp_seed0"], epochs=7, seed=3)
        monkeypatch.setitem(PLANS, "mnist_mlp_seed0", changed)
        with pytest.raises(SoftLIFError, match=r"other settings \(epochs, seed\).*--restart"):
            load_trained("mnist_mlp_seed0", tmp_path)

    def test_stored_ones_were_trained_by_todays_plans(self):
        for path in WEIGHTS.glob("*.npz"):
            with np.load(path) as stored:
                plan = json.loads(str(stored["made"]))["plan"]
            assert other_settings(plan, PLANS[path.stem]) == [], path.stem

    @pytest.mark.parametrize("noise", [5.0, {"std": 5.0}, {"std": 5.0, "antithetic": True}])
    def test_noise_of_stored_plans_was_antithetic_unless_they_say_otherwise(self, noise):
        stored = json.loads(json.dumps(asdict(TINY)))
        stored["neurons"]["noise"] = noise
        for antithetic, changed in ((True, []), (False, ["neurons"])):
            kind = GaussianRateNoise(5.0, antithetic=antithetic)
            plan = replace(TINY, neurons=replace(TINY.neurons, noise=kind))
            assert other_settings(stored, plan) == changed
        plan = replace(TINY, neurons=replace(TINY.neurons, noise=FilteredSpikeNoise()))
        assert other_settings(stored, plan) == ["neurons"]

    def test_those_of_the_headline_networks_stay_below_30_mb(self):
        sizes = {path.stem: path.stat().st_size for path in WEIGHTS.glob("*.npz")}
        headline = ("mnist", "cifar50k")
        assert sum(size for name, size in sizes.items() if name.startswith(headline)) < 30e6
        # 50e6 when the networks for CIFAR-10, and what follows from them, are final
        assert sum(sizes.values()) < 56e6

    def test_averages_of_normalisation_come_back(self, tmp_path):
        model = PLANS["linear_vgg16"].model()
        averages = model.get_layer("conv1_1_norm").moving_variance
        averages.assign(np.arange(1.0, 33.0))
        store("linear_vgg16", model, [], tmp_path)
        loaded, _ = load_trained("linear_vgg16", tmp_path)
        found = loaded.get_layer("conv1_1_norm").moving_variance
        np.testing.assert_array_equal(np.asarray(found), np.arange(1.0, 33.0))

    def test_missing_ones_are_named(self, tmp_path):
        with pytest.raises(SoftLIFError, match=r"weights of mnist_mlp_seed0 are missing.*train"):
            load_trained("mnist_mlp_seed0", tmp_path)

    @pytest.mark.parametrize("damage", ["cut", "other network", "no archive"])
    def test_unusable_ones_are_named(self, model, damage, tmp_path):
        path = tmp_path / "mnist_mlp_seed0.npz"
        if damage == "cut":
            store("mnist_mlp_seed0", model, [], tmp_path)
            path.write_bytes(path.read_bytes()[:5000])
        elif damage == "other network":
            np.savez(path, history=np.array("[]"), wrong=np.zeros(3))
        else:
            path.write_text("weights")
        with pytest.raises(SoftLIFError, match=r"damaged or of another network.*--restart"):
            load_trained("mnist_mlp_seed0", tmp_path)

    def test_unknown_networks_are_named(self):
        with pytest.raises(SoftLIFError, match="'resnet' is unknown; there are mnist27k"):
            load_trained("resnet")


def test_a_network_that_has_been_trained_is_trained_again_only_with_restart(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "train", lambda *args, **options: 1 / 0)
    options = ["mnist_mlp_seed0", "--checkpoints", str(tmp_path)]
    result = CliRunner().invoke(main, options)
    assert result.exit_code == 0
    assert "has been trained; --restart trains it again" in result.output
    for begin in (["--restart"], []):  # what was begun goes on
        assert isinstance(CliRunner().invoke(main, options + begin).exception, ZeroDivisionError)
        (tmp_path / "mnist_mlp_seed0").mkdir(exist_ok=True)


def test_missing_data_are_named_with_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("NENGO_SOFTLIF_DATA", str(tmp_path))
    monkeypatch.setattr("keras.datasets.cifar10.load_data", lambda: 1 / 0)
    with pytest.raises(DatasetError, match=r"need all of cifar10.*--data.*--quick"):
        load("cifar10")


def test_few_images_stand_in_for_all():
    for name, whole, seen in (("mnist", 28, 28), ("cifar10", 32, 24)):
        data = load(name, quick=True)
        assert data.x_train.shape[1:3] == (whole, whole)
        assert data.x_test.shape[1:3] == data.x_validation.shape[1:3] == (seen, seen)
        kept = load(name, quick=True, hold_out=False)
        assert len(kept.x_train) == len(data.x_train) + len(data.x_validation)
