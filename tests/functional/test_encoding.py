"""Values as spikes: counts, spacing, what is random, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError

RATE_CODES = [nsl.RegularSpikes, nsl.BernoulliSpikes, nsl.PoissonSpikes, nsl.ConstantCurrent]
RANDOM = [nsl.BernoulliSpikes, nsl.PoissonSpikes]

values = st.lists(st.floats(0, 1), min_size=1, max_size=5).map(lambda x: np.array([x]))
steps = st.sampled_from([0.0001, 0.001, 0.01])


@given(x=values, part=st.floats(0.001, 1), dt=steps, n_steps=st.integers(1, 300))
@settings(deadline=None)
def test_regular_spikes_count_and_spacing(x, part, dt, n_steps):
    max_rate = part / dt
    spikes = nsl.RegularSpikes(max_rate).encode(x, n_steps, dt=dt)
    assert spikes.shape == (1, n_steps, x.shape[1])
    assert spikes.max() <= 1
    # at any time, as many as rate times time, rounded
    expected = x[0] * max_rate * dt * np.arange(1, n_steps + 1)[:, np.newaxis]
    assert np.abs(spikes[0].cumsum(axis=0) - expected).max() <= 0.5 + 1e-6
    for train in spikes[0].T:
        # all intervals are the same, except for the rounding to steps
        assert np.ptp(np.diff(np.flatnonzero(train))) <= 1 if train.sum() > 1 else True


def test_whole_periods_are_all_the_same():
    """However rounding of the products turns out."""
    for period in range(1, 60):
        spikes = nsl.RegularSpikes(1000 / period).encode([[1.0]], 50 * period)
        assert set(np.diff(np.flatnonzero(spikes))) == {period}
        assert spikes.sum() == 50


def test_regular_spikes_go_on_as_they_began():
    spikes = nsl.RegularSpikes(300).encode([[0.2, 0.7]], 200)
    np.testing.assert_array_equal(nsl.RegularSpikes(300).encode([[0.2, 0.7]], 80), spikes[:, :80])


@pytest.mark.parametrize("encoding", RATE_CODES)
def test_rate_codes_have_the_value_for_a_mean(encoding):
    x = np.array([[0.0, 0.1, 0.5, 1.0], [0.3, 0.9, 0.7, 0.2]])
    coding, dt, n_steps = encoding(400.0), 0.001, 20000
    spikes = coding.encode(x, n_steps, dt=dt, seed=3)
    assert spikes.shape == (2, n_steps, 4)
    mean = spikes.mean(axis=1) * coding.amplitude / dt
    # five deviations of Poisson spikes, and half a spike
    tolerance = 5 * np.sqrt(x / (400 * n_steps * dt)) + 0.5 / (400 * n_steps * dt)
    assert np.all(np.abs(mean - x) <= tolerance)


@pytest.mark.parametrize("encoding", RANDOM)
def test_the_seed_decides_what_is_random(encoding):
    x = np.full((2, 3), 0.5)
    one, same, other = (encoding(400.0).encode(x, 100, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    assert (one[0] != one[1]).any()  # and samples are independent


def test_bernoulli_spikes_are_at_most_one_a_step_and_poisson_spikes_are_not():
    x = np.ones((1, 10))
    assert nsl.BernoulliSpikes(900.0).encode(x, 500).max() == 1
    assert nsl.PoissonSpikes(900.0).encode(x, 500).max() > 1


def test_poisson_spikes_have_the_variance_of_their_mean():
    counts = nsl.PoissonSpikes(300.0).encode(np.full((1, 500), 0.5), 200, seed=0).sum(axis=1)
    assert np.var(counts) / np.mean(counts) == pytest.approx(1, abs=5 * np.sqrt(2 / 500))


@given(x=values, n_steps=st.integers(2, 100))
@settings(deadline=None)
def test_latency_spikes_come_sooner_for_larger_values(x, n_steps):
    (spikes,) = nsl.LatencySpikes().encode(x, n_steps)
    np.testing.assert_array_equal(spikes.sum(axis=0), x[0] > 0)
    when = np.where(x[0] > 0, spikes.argmax(axis=0), n_steps)
    order = np.argsort(-x[0], kind="stable")
    assert np.all(np.diff(when[order]) >= 0)
    assert np.all(when[x[0] == 1] == 0)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.inf])
@pytest.mark.parametrize("make", [lambda: nsl.RegularSpikes(100), nsl.LatencySpikes])
def test_values_out_of_range_are_refused(make, wrong):
    with pytest.raises(ParameterError, match=r"must be from 0 to 1 .*\(got .*clip=True"):
        make().encode([[0.5, wrong]], 10)


@pytest.mark.parametrize("encoding", RATE_CODES)
def test_values_out_of_range_are_clipped_when_asked_for(encoding):
    clipped = encoding(400.0, clip=True).encode([[-3.0, 0.5, 2.0]], 50)
    np.testing.assert_array_equal(clipped, encoding(400.0).encode([[0.0, 0.5, 1.0]], 50))


@pytest.mark.parametrize(
    "wrong, message",
    [
        (
            [[0.5, np.nan]],
            r"values must be numbers \(got nan at index \(0, 1\) of shape \(1, 2\)\)",
        ),
        ([[0.5, None]], "values must be numbers .*got .*None"),
        ([[0.5, "1"]], "values must be numbers.*got "),
        ([[0.5, 1j]], "values must be numbers.*got "),
        ([[0.5], [0.5, 0.5]], "values must be numbers.*got "),
    ],
)
def test_what_is_no_number_is_named_whether_clipped_or_not(wrong, message):
    for clip in (False, True):
        with pytest.raises(ParameterError, match=message):
            nsl.RegularSpikes(100, clip=clip).encode(wrong, 10)


def test_binary_images_are_encoded_as_0_and_1():
    image = np.array([[True, False]])
    expected = nsl.RegularSpikes(100).encode([[1.0, 0.0]], 10)
    np.testing.assert_array_equal(nsl.RegularSpikes(100).encode(image, 10), expected)


def test_images_have_to_be_flat():
    with pytest.raises(ParameterError, match=r"\(n_samples, n\) \(got \(2, 4, 4\)\); flatten"):
        nsl.RegularSpikes(100).encode(np.zeros((2, 4, 4)), 10)


@pytest.mark.parametrize("encoding", [nsl.RegularSpikes, nsl.BernoulliSpikes])
def test_rates_beyond_one_spike_a_step_are_refused(encoding):
    encoding(1000.0).encode([[1.0]], 10, dt=0.001)
    with pytest.raises(ParameterError, match=r"at most one spike a step, 1000 Hz .*got max_rate"):
        encoding(1100.0).encode([[1.0]], 10, dt=0.001)


@pytest.mark.parametrize("max_rate", [0, -1, np.inf, "100", None, True])
def test_rates_that_are_none_are_refused(max_rate):
    with pytest.raises(
        ParameterError, match=r"PoissonSpikes\.max_rate must be a finite number .*, in Hz"
    ):
        nsl.PoissonSpikes(max_rate)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"n_steps": 0}, "n_steps must be an integer of 1 or more"),
        ({"n_steps": 1.5}, "n_steps must be"),
        ({"n_steps": True}, "n_steps must be an integer of 1 or more .got True"),
        ({"n_steps": 5, "dt": 0}, "dt must be a time"),
        ({"n_steps": 5, "seed": None}, r"seed must be an integer .*got None"),
        ({"n_steps": 5, "seed": -1}, r"seed must be an integer .*got -1"),
        ({"n_steps": 5, "seed": "a"}, r"seed must be an integer .*got 'a'"),
    ],
)
def test_options_that_are_out_of_range_are_named(options, message):
    with pytest.raises(ParameterError, match=message):
        nsl.RegularSpikes(10).encode([[1.0]], **options)


def test_encodings_are_equal_by_value():
    assert nsl.RegularSpikes(10) == nsl.RegularSpikes(10.0)
    assert nsl.RegularSpikes(10) != nsl.PoissonSpikes(10)
    assert nsl.RegularSpikes(10) != nsl.RegularSpikes(10, clip=True)
