"""Sound as frames: tones are in their channels, time in its step, loudness does not matter."""

import numpy as np
import pytest

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.filter_bank import FilterBank

RATE = 8000
BANK = FilterBank(rate=RATE, n_channels=32)


def tone(frequency, seconds=0.5):
    return np.sin(2 * np.pi * frequency * np.arange(round(seconds * RATE)) / RATE)


@pytest.mark.parametrize("frequency", [100, 440, 1000, 2500, 3500])
@pytest.mark.parametrize("n_channels", [16, 64, 700])
def test_tones_are_in_the_channel_of_their_frequency(frequency, n_channels):
    bank = FilterBank(rate=RATE, n_channels=n_channels)
    frames = bank.frames(tone(frequency))
    loudest = bank.centers[frames.mean(axis=0).argmax()]
    # a line of the spectrum, a channel, and a quarter of the width of a filter
    spacing = np.gradient(bank.centers)[np.abs(bank.centers - frequency).argmin()]
    width = 24.7 * (4.37e-3 * frequency + 1)
    assert abs(loudest - frequency) <= spacing + width / 4 + RATE / 256
    assert frames.max() == 1 and frames.min() >= 0 and frames.dtype == np.float32


def test_channels_cover_the_spectrum_evenly():
    """White noise is about as loud in every channel, also with more channels than frequencies."""
    noise = np.random.default_rng(0).normal(size=4 * RATE)
    frames = FilterBank(rate=RATE, n_channels=700).frames(noise)
    assert frames.shape == (400, 700)
    assert np.ptp(frames.mean(axis=0)) < 0.1  # 6 of 60 dB


def test_loudness_does_not_matter_and_silence_is_silent():
    sound = tone(440) + 0.1 * tone(2000)
    np.testing.assert_allclose(BANK.frames(1000 * sound), BANK.frames(sound), atol=1e-5)
    assert not BANK.frames(np.zeros(1000)).any()


def test_sound_is_in_its_step():
    sound = np.zeros(RATE)
    sound[4000:4080] = tone(1000, 0.01)  # at 500 ms, for 10 ms
    heard = np.flatnonzero(BANK.frames(sound).max(axis=1) > 0.5)
    assert heard.min() >= 48 and heard.max() == 50  # windows take 25 ms


@pytest.mark.parametrize("n_samples", [1, 79, 80, 81, 1000])
def test_number_of_steps(n_samples):
    sound = np.random.default_rng(0).normal(size=n_samples)
    frames = BANK.frames(sound)
    assert len(frames) == -(-n_samples // 80)  # rounded up
    longer = BANK.frames(sound, n_steps=20)
    assert len(longer) == 20 and not longer[len(frames) :].any()
    np.testing.assert_array_equal(longer[: len(frames)], frames)
    assert len(BANK.frames(sound, n_steps=1)) == 1


@pytest.mark.parametrize(
    "parameters, words",
    [
        ({"rate": 0}, "rate must be an integer"),
        ({"rate": 8000.0}, "rate must be an integer"),
        ({"n_channels": 0}, "n_channels must be an integer of 1"),
        ({"step": 0}, "step must be a time"),
        ({"step": 0.00012}, "step must be an integer number"),
        ({"window": 0.005}, "window must be as long as a step of 0.01 s"),
        ({"lowest": 0}, "lowest must be .* greater than 0"),
        ({"lowest": 3700}, "highest must be .* greater than 3700"),
        ({"highest": 5000}, "highest must be .* at most 4000"),
        ({"dynamic_range": 0}, "dynamic_range must be"),
    ],
)
def test_bad_parameters_are_refused(parameters, words):
    with pytest.raises(ParameterError, match=words):
        FilterBank(**{"rate": RATE, **parameters})


@pytest.mark.parametrize("sound", [[], [[0.0]], [np.nan], ["a"], [np.inf], 1.0])
def test_bad_sounds_are_refused(sound):
    with pytest.raises(ParameterError, match="sound must"):
        BANK.frames(sound)
