"""How samples are shown: times, the readout window, and bad values."""

import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError, SoftLIFError


def test_defaults():
    shown = nsl.Presentation()
    assert shown.n_steps() == 200 and shown.start_step() == 120
    assert shown.steps_of(2, np.array([30, 7])).tolist() == [30, 7] and shown.start_step(30) == 18


def test_times_are_integer_numbers_of_steps():
    shown = nsl.Presentation(time=0.03, dt=0.001, classify_from=0.01)
    assert shown.n_steps() == 30 and shown.start_step() == 10
    shown = nsl.Presentation(time=np.float32(0.1), dt=np.float32(0.001))
    assert shown.n_steps() == 100
    assert nsl.Presentation(time=0.1, dt=0.01, classify_from=0).start_step() == 0


@pytest.mark.parametrize(
    "options, words",
    [
        ({"dt": 0}, "dt must be a time"),
        ({"time": -1}, "time must be a time in seconds greater than 0"),
        ({"time": "1"}, "time must be a time"),
        ({"time": True}, "time must be a time"),
        ({"time": 0.0004}, "of time steps of dt = 0.001 s .got 0.0004 s.; choose 0.001"),
        ({"time": 0.0105}, "of time steps of dt = 0.001 s .got 0.0105 s.; choose 0.01 or 0.011"),
        ({"time": [0.2, 0.0105]}, "got 0.0105 s.; choose 0.01 or 0.011"),
        ({"classify_from": 0.0096}, "got 0.0096 s.; choose 0.009 or 0.01"),
        ({"time": [0.2, -1]}, r"time must be finite numbers .* seconds \(got -1.0 at index \(1,\)"),
        (
            {"time": [[0.2]]},
            r"time must be a number or have the shape \(n_samples,\) \(got \(1, 1\)",
        ),
        ({"time": []}, r"\(got \(0,\)\)"),
        ({"time": [0.3, 0.2], "classify_from": 0.2}, "before the end of the presentation at 0.2 s"),
        ({"time": 0.2, "classify_from": 0.2}, "before the end of the presentation at 0.2 s"),
        ({"classify_from": -0.1}, "classify_from must be a time"),
        ({"classify_from": float("nan")}, "classify_from must be a time"),
        ({"encoding": "regular"}, r"encoding must be an Encoding .*RegularSpikes\(max_rate=200\)"),
    ],
)
def test_bad_values_are_named(options, words):
    with pytest.raises(ParameterError, match=words) as error:
        nsl.Presentation(**options)
    assert isinstance(error.value, ValueError) and isinstance(error.value, SoftLIFError)


def test_a_window_that_only_the_samples_make_empty():
    with pytest.raises(ParameterError, match=r"at 0.03 s \(got 0.05 s\)"):
        nsl.Presentation(classify_from=0.05).start_step(30)
