"""Filtered spike trains: the closed form against spikes that are really filtered, and limits."""

import nengo
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional import filtered_spikes, lif_rate, spike_train_statistics

PHASES = (np.arange(4000) + 0.5) / 4000


@pytest.mark.parametrize("tau_s, tau_rc", [(0.005, None), (0.005, 0.02), (0.03, 0.02), (0, 0.02)])
@pytest.mark.parametrize("period", [4, 20, 130])
def test_equals_a_spike_train_that_is_filtered(tau_s, tau_rc, period):
    """Steps of 0.1 ms, with a spike every ``period`` ms, until the filters have settled."""
    dt, n = 1e-4, period * 10
    spikes = np.zeros(n * int(np.ceil(6000 / n)))
    spikes[::n] = 1 / dt
    for synapse in (tau_s and nengo.Alpha(tau_s), tau_rc and nengo.Lowpass(tau_rc)):
        if synapse:
            # one column, as Nengo 4.1 does not filter a vector on NumPy 2.4
            spikes = synapse.filt(spikes[:, None], dt=dt, y0=0)[:, 0]
    last = spikes[-n:]
    values = filtered_spikes(np.arange(n) / n, 1000 / period, tau_s=tau_s, tau_rc=tau_rc)
    # one step of the steepest slope
    slope = np.abs(np.diff(np.append(values, values[0]))).max() if tau_s else values[0] * dt / 0.02
    shifts = [np.abs(np.roll(last, -shift) - values).max() for shift in range(3)]
    assert min(shifts) < 1.5 * slope


@given(st.floats(0.2, 900), st.floats(1e-4, 0.1), st.one_of(st.none(), st.floats(1e-3, 0.1)))
def test_the_mean_is_the_rate_and_no_value_is_negative(rate, tau_s, tau_rc):
    if tau_rc is not None and abs(tau_s - tau_rc) < 0.1 * tau_rc:
        return
    values = filtered_spikes(PHASES, rate, tau_s=tau_s, tau_rc=tau_rc)
    assert values.min() > -1e-9 * rate
    # one of 4000 points is a time that a short synapse may jump over
    assert values.mean() == pytest.approx(rate, rel=1e-3 + (1 / (4000 * rate * tau_s)) ** 2)


def test_single_precision_is_enough():
    rates = np.logspace(-1, 3, 60, dtype=np.float32)[:, np.newaxis]
    phases = PHASES[::100].astype(np.float32)
    for tau_s, tau_rc in [(0.005, None), (0.005, 0.02), (0.018, 0.02), (0, 0.02)]:
        single = filtered_spikes(phases, rates, tau_s=tau_s, tau_rc=tau_rc)
        double = filtered_spikes(
            phases.astype(float), rates.astype(float), tau_s=tau_s, tau_rc=tau_rc
        )
        assert single.dtype == np.float32
        np.testing.assert_allclose(single, double, rtol=1e-3, atol=0.1)


def test_statistics_of_the_paper():
    """Figure 2: quartiles around the mean, skewed upwards near threshold; 10 Hz on average."""
    rates = lif_rate(np.linspace(1, 10, 500), tau_ref=0.002)
    found = spike_train_statistics(rates)
    np.testing.assert_allclose(found.mean, rates, rtol=1e-4)
    low, first, median, third, high = found.quantiles.values()
    assert (low <= first).all() and (first <= median).all() and (third <= high).all()
    assert median[1] < found.mean[1]  # just above threshold
    assert (median > found.mean)[rates > 150].all()
    assert found.std.mean() == pytest.approx(10, abs=1)
    assert found.mean[0] == found.std[0] == 0  # silent


def test_a_membrane_calms_the_current():
    rates = np.linspace(20, 400, 50)
    current = spike_train_statistics(rates).std
    felt = spike_train_statistics(rates, tau_rc=0.02).std
    assert (felt < current).all() and (np.diff(felt) < 0).all()


@pytest.mark.parametrize(
    "options, words",
    [
        ({"rates": [-1.0]}, "rates must be finite numbers of 0 or more, in Hz"),
        ({"tau_s": -0.1}, r"tau_s must be a time in seconds of 0 or more \(got -0.1\)"),
        ({"tau_s": 0}, "tau_rc must be a time in seconds if there is no synapse"),
        ({"tau_rc": 0.005}, "differ from tau_s by 10 % .* 0.00425 comes close"),
    ],
)
def test_bad_input(options, words):
    with pytest.raises(ParameterError, match=words):
        spike_train_statistics(**({"rates": [10.0]} | options))
