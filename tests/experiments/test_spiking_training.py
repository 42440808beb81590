"""Training in spikes in the experiments: event data, and networks that begin with others."""

import keras
import numpy as np
import pytest

from experiments import data
from experiments.plans import PLANS
from experiments.spiking import data as events
from experiments.spiking.data import LOADERS, SequenceBatches, Sequences
from experiments.training import take_weights
from nengo_softlif import datasets
from nengo_softlif.datasets import EventRecordings, Framing
from nengo_softlif.errors import DatasetError

SPIKING = [name for name, plan in PLANS.items() if plan.neurons is None]


def counted(n=20):
    """Sequences whose only value is their number, and draws that add a random fraction."""
    x = np.arange(n, dtype="float32").reshape(-1, 1, 1)
    y = np.arange(n) % 4
    draw = lambda chosen, rng: x[chosen] + rng.random((len(chosen), 1, 1)) / 2  # noqa: E731
    return Sequences(draw, y, x, y, x, y)


def batches(epoch=0, **options):
    return SequenceBatches(counted(), batch_size=4, seed=0, epoch=epoch, smoothing=0.0, **options)


def test_an_epoch_has_every_sample_once_with_its_label():
    seen = [batches()[i] for i in range(5)]
    numbers = np.floor(np.concatenate([x for x, _ in seen])).ravel().astype(int)
    assert sorted(numbers) == list(range(20))
    np.testing.assert_array_equal(np.concatenate([y for _, y in seen]).argmax(axis=1), numbers % 4)


def test_a_minibatch_follows_from_seed_epoch_and_number():
    first = batches()
    first.on_epoch_end()
    assert not np.array_equal(first[1][0], batches()[1][0])
    np.testing.assert_array_equal(first[1][0], batches(epoch=1)[1][0])


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_made_up_data_fit_the_networks(name):
    split = data.load(name, quick=True)
    chosen = np.arange(3)
    assert split.draw(chosen, np.random.default_rng(0)).shape == (3, *split.x_test.shape[1:])
    plans = [plan for plan in PLANS.values() if plan.data == name]
    assert plans
    for plan in plans:
        model = plan.model()
        assert model.input_shape[1:] == split.x_test.shape[1:]
        assert model.output_shape[-1] == split.y_train.max() + 1


@pytest.mark.parametrize("name", ["nmnist", "speech", "braille_0"])
def test_missing_data_are_named(name, monkeypatch, tmp_path):
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(tmp_path))
    with pytest.raises(DatasetError, match=r"\.npz is missing; give its folder with --data"):
        data.load(name)


def test_samples_are_shifted_in_time_with_nothing_lost_in_the_middle():
    spikes = np.zeros((50, 9, 2), "float32")
    spikes[:, 4] = 1
    shifted = events._shifted_in_time(spikes, np.random.default_rng(0), 2)
    np.testing.assert_array_equal(shifted.sum(axis=1), spikes.sum(axis=1))
    assert set(shifted[..., 0].argmax(axis=1)) == {2, 3, 4, 5, 6}


def test_distorted_events_stay_on_the_sensor_in_their_order():
    rng = np.random.default_rng(0)
    events_ = np.column_stack(
        [*rng.integers(0, 34, (2, 500)), rng.integers(0, 2, 500), np.arange(500) * 100]
    )
    moved = events._distorted(events_, rng, (34, 34))
    frames = EventRecordings([moved], [0]).frames(Framing(step=0.01, n_steps=5))  # checks them
    assert 300 < frames.sum() == len(moved) <= 500


def test_speech_keeps_its_range():
    frames = np.random.default_rng(0).random((30, events.SPEECH_CHANNELS))
    for seed in range(5):
        again = events._spoken_again(frames, np.random.default_rng(seed))
        assert again.min() >= 0 and again.max() <= 1
        assert 24 <= len(again) <= 38 + 3


def test_weights_are_taken_by_the_names_of_layers():
    keras.utils.set_random_seed(0)
    source = PLANS["linear_convnet"].model()
    model = PLANS["convnet_in_spikes_t4"].model()
    take_weights(model, source)
    for layer in ("conv1_weights", "out"):
        inner = {getattr(x, "layer", x).name: getattr(x, "layer", x) for x in model.layers}[layer]
        np.testing.assert_array_equal(
            inner.get_weights()[0], source.get_layer(layer).get_weights()[0]
        )


def test_networks_that_begin_with_others_name_stored_ones():
    for name in SPIKING:
        assert PLANS[name].begins_with in {None, *PLANS}
