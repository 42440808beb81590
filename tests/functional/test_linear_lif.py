"""Linear-reset LIF neurons as ReLUs: the mapping, two views of a neuron, what does not map."""

import nengo
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import nengo_softlif as nsl
from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.circuits import (
    LinearLIF,
    linear_lif_from_nengo,
    linear_reset_parameters,
    run_linear_lif,
)
from nengo_softlif.functional.linear_lif import (
    linear_lif_from_relu,
    lowest_firing_rates,
    relu_from_linear_lif,
)

DT = 0.001
TIE = 1e-9  # so close to the threshold, rounding decides whether a neuron spikes

numbers = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def circuit(rng, *, n_units=2, n_inputs=3, leak=True, current=True):
    """Neurons of any parameters that let them spike now and then."""

    def between(low, high, shape=n_units):
        return np.exp(rng.uniform(np.log(low), np.log(high), shape))

    capacitance, threshold = between(1e-3, 1e3), between(0.01, 100)
    charge = capacitance * threshold
    weights = rng.uniform(-0.3, 0.8, (n_units, n_inputs)) * charge[:, np.newaxis]
    time_constant = between(0.003, 1.0) if leak else np.full(n_units, np.inf)
    return LinearLIF(
        weights=weights,
        resistance=time_constant / capacitance,
        capacitance=capacitance,
        threshold=threshold,
        current=rng.uniform(-50, 100, n_units) * charge * current,
    )


def regular(rate, n_steps):
    """Spikes of a regular train, as (1, n_steps, 1)."""
    counts = np.floor(rate * DT * np.arange(n_steps + 1) + 0.5)
    return np.diff(counts)[np.newaxis, :, np.newaxis]


def run_in_nengo(neurons, spikes):
    """Spikes of Nengo's neurons, (n_steps, n_units), for spikes (n_steps, n_inputs)."""
    parameters = linear_reset_parameters(neurons, dt=DT)
    with nengo.Network() as net:
        source = nengo.Node(lambda t: spikes[round(t / DT) - 1] / DT)
        probes = []
        for j, weights in enumerate(neurons.weights):
            unit = nengo.Ensemble(
                1,
                1,
                neuron_type=nsl.SpikingLinearResetLIF(
                    tau_rc=parameters.tau_rc[j],
                    leak=bool(parameters.leak[j]),
                    initial_state={"voltage": nengo.dists.Choice([0])},
                ),
                gain=parameters.gain[[j]],
                bias=parameters.bias[[j]],
            )
            nengo.Connection(source, unit.neurons, transform=weights[np.newaxis], synapse=None)
            probes.append(nengo.Probe(unit.neurons))
    with nengo.Simulator(net, dt=DT, progress_bar=False) as sim:
        sim.run_steps(len(spikes))
    return np.concatenate([sim.data[probe] for probe in probes], axis=1) > 0


@given(rng=numbers, leak=st.booleans())
@settings(max_examples=30, deadline=None)
def test_circuits_and_nengo_spike_in_the_same_steps(rng, leak):
    neurons = circuit(rng, leak=leak)
    spikes = rng.binomial(2, 0.3, (1, 150, 3))
    expected, voltages = run_linear_lif(neurons, spikes, dt=DT)
    before = voltages / neurons.threshold + expected
    assume(np.abs(before - 1).min() > TIE)
    np.testing.assert_array_equal(run_in_nengo(neurons, spikes[0]), expected[0])


@given(rng=numbers, leak=st.booleans())
@settings(deadline=None)
def test_from_circuits_to_nengo_and_back(rng, leak):
    neurons = circuit(rng, leak=leak)
    parameters = linear_reset_parameters(neurons, dt=DT)
    back = linear_lif_from_nengo(neurons.weights, parameters, dt=DT, threshold=neurons.threshold)
    for name in ("resistance", "capacitance", "threshold", "current"):
        np.testing.assert_allclose(getattr(back, name), getattr(neurons, name), rtol=1e-9)


def test_the_gain_tends_to_the_resistance():
    neurons = circuit(np.random.default_rng(0))
    parameters = linear_reset_parameters(neurons, dt=1e-7)
    expected = neurons.resistance / neurons.threshold
    np.testing.assert_allclose(parameters.gain, expected, rtol=1e-3)


@given(
    rng=numbers,
    slope=st.floats(0.1, 10),
    threshold=st.floats(0.01, 100),
    max_rate=st.floats(1, 1000),
)
@settings(deadline=None)
def test_from_relus_and_back(rng, slope, threshold, max_rate):
    weights = rng.uniform(0.01, 0.24, (5, 4)) / slope
    bias = np.append(-rng.uniform(0.01, 1.0, 4), 0.0)
    neurons = linear_lif_from_relu(weights, bias, slope, max_rate=max_rate, threshold=threshold)
    assert np.all(neurons.resistance > 0)
    assert np.isinf(neurons.resistance[-1])
    relu = relu_from_linear_lif(neurons, max_rate=max_rate)
    np.testing.assert_array_equal(relu.weights, weights)
    np.testing.assert_allclose(relu.bias, bias, rtol=1e-9)
    np.testing.assert_allclose(relu.slope, slope, rtol=1e-12)


@given(rng=numbers, max_rate=st.floats(1, 1000))
@settings(deadline=None)
def test_from_relus_and_back_by_currents(rng, max_rate):
    weights, bias = rng.normal(size=(5, 4)), rng.normal(size=5)
    neurons = linear_lif_from_relu(weights, bias, max_rate=max_rate, bias_as="current")
    np.testing.assert_allclose(relu_from_linear_lif(neurons, max_rate=max_rate).bias, bias)


@pytest.mark.parametrize("total", [0.1, 0.4, 0.8])
@pytest.mark.parametrize("lowest", [20, 50, 125])
def test_neurons_begin_to_fire_where_the_relu_begins(total, lowest):
    max_rate = 200
    bias = -total * lowest / max_rate
    neurons = linear_lif_from_relu([[total]], bias, max_rate=max_rate)
    np.testing.assert_allclose(lowest_firing_rates(neurons), lowest)
    # rates whose periods are whole steps, just below and above
    period = round(1 / (lowest * DT))
    below, above = (1 / ((period + change) * DT) for change in (1, -1))
    silent, _ = run_linear_lif(neurons, regular(below, 4000), dt=DT)
    firing, _ = run_linear_lif(neurons, regular(above, 4000), dt=DT)
    assert not silent.any()
    assert firing.any()


@pytest.mark.parametrize("current", [-30.0, 30.0])
def test_the_lowest_rate_with_a_leak_and_a_current(current):
    neurons = LinearLIF(np.array([[0.3]]), *(np.array([v]) for v in (0.02, 1.0, 1.0, current)))
    (lowest,) = lowest_firing_rates(neurons)
    for rate in (250, 125, 100, 50, 40, 25, 20):
        fires = run_linear_lif(neurons, regular(rate, 2000), dt=DT)[0].any()
        assert fires == (rate > lowest)


def test_a_current_that_suffices_needs_no_input():
    neurons = LinearLIF(np.array([[0.3]]), *(np.array([v]) for v in (0.02, 1.0, 1.0, 60.0)))
    np.testing.assert_array_equal(lowest_firing_rates(neurons), [0])


@given(rng=numbers, slope=st.floats(0.2, 2), threshold=st.floats(0.1, 10))
@settings(max_examples=20, deadline=None)
def test_without_leak_spikes_count_what_the_relu_computes(rng, slope, threshold):
    """Exactly: the charge that came in, in thresholds, rounded down; it never goes back."""
    max_rate, n_steps = 200, 500
    weights = rng.uniform(0, 0.5, (4, 3)) / slope
    bias = rng.uniform(0, 0.2, 4) / slope
    neurons = linear_lif_from_relu(
        weights, bias, slope, max_rate=max_rate, threshold=threshold, bias_as="current"
    )
    x = rng.uniform(0, 1, 3)
    spikes = np.concatenate([regular(max_rate * value, n_steps) for value in x], axis=2)
    output, voltages = run_linear_lif(neurons, spikes, dt=DT)
    expected = neurons.current * n_steps * DT + spikes[0].sum(axis=0) @ neurons.weights.T
    expected = expected / (neurons.capacitance * threshold)
    left = voltages[0, -1] / threshold
    np.testing.assert_allclose(output[0].sum(axis=0) + left, expected, rtol=1e-9)
    relu = relu_from_linear_lif(neurons, max_rate=max_rate)
    rates = output[0].sum(axis=0) / (n_steps * DT)
    # a spike more or less, and as much as an input spike more or less brings
    tolerance = (1 + slope * weights.sum(axis=1)) / (n_steps * DT)
    assert np.all(np.abs(rates - max_rate * relu(x)) <= tolerance)


def test_reset_to_zero_loses_what_is_above_the_threshold():
    neurons = linear_lif_from_relu([[0.75]], max_rate=100)
    spikes = np.ones((1, 400, 1))
    kept, _ = run_linear_lif(neurons, spikes)
    lost, _ = run_linear_lif(neurons, spikes, reset_to_zero=True)
    assert kept.sum() == 300
    assert lost.sum() == 200


def test_units_without_resistance_are_named():
    weights = [[0.2, 0.2], [0.2, 0.2], [0.2, -0.4], [0.9, 0.4]]
    with pytest.raises(ParameterError) as err:
        linear_lif_from_relu(weights, [-0.1, 0.3, -0.1, -0.1], max_rate=100)
    text = str(err.value)
    assert "3 units have no resistance" in text
    assert "unit 0" not in text
    assert "unit 1: its bias is 0.3" in text
    assert "unit 2: its weights sum to -0.2" in text
    assert "unit 3: slope times the sum of its weights is 1.3" in text
    assert 'bias_as="current"' in text


def test_few_of_many_units_are_named():
    with pytest.raises(ParameterError, match=r"9 units have .*\n(.*\n){5}  - and 4 more"):
        linear_lif_from_relu(np.ones((9, 1)), 1.0, max_rate=100)


def test_circuits_without_counterpart_are_named():
    neurons = LinearLIF(
        np.array([[0.3], [-0.3]]), *(np.full(2, v) for v in (0.02, 1.0, 1.0)), np.array([5.0, 0])
    )
    with pytest.raises(ParameterError, match=r"(?s)unit 0: .*a current of 5 A.*unit 1: .*-0.3"):
        relu_from_linear_lif(neurons, max_rate=100)


def test_circuits_that_fire_at_any_rate_are_named():
    neurons = LinearLIF(np.array([[1.5]]), *np.array([[0.02], [1.0], [1.0], [0.0]]))
    with pytest.raises(ParameterError, match="unit 0: one spike of all inputs reaches"):
        relu_from_linear_lif(neurons, max_rate=100)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"resistance": -0.05}, "resistance must be numbers greater than 0, in ohm"),
        ({"resistance": 0.0}, "resistance must be numbers greater than 0, in ohm"),
        ({"capacitance": 0.0}, "capacitance must be finite numbers greater than 0, in F"),
        ({"threshold": np.nan}, "threshold must be finite numbers"),
        ({"current": np.inf}, "current must be finite numbers"),
    ],
)
def test_impossible_circuits_are_refused(change, message):
    values = {"resistance": 0.02, "capacitance": 1.0, "threshold": 1.0, "current": 0.0, **change}
    with pytest.raises(ParameterError, match=message):
        LinearLIF(np.array([[0.5]]), **{name: np.array([v]) for name, v in values.items()})


@pytest.mark.parametrize(
    "change, message",
    [
        ({"slope": 0}, "slope must be finite numbers greater than 0"),
        ({"threshold": -1}, "threshold must be"),
        ({"max_rate": np.inf}, "max_rate must be"),
        ({"max_rate": None}, "max_rate must be"),
        ({"slope": "steep"}, "slope must be a finite number"),
        ({"weights": [[1, 2], [3]]}, "weights must be finite numbers, in rows of one length"),
        ({"bias": [1, 2]}, "bias must be a number, or one for each of the 1 units"),
        ({"weights": [1, 2]}, r"weights must .* \(n_units, n_inputs\)"),
        ({"bias_as": "magic"}, "bias_as must be 'leak' or 'current'"),
    ],
)
def test_wrong_parameters_are_named(change, message):
    options = {"weights": [[0.1, 0.1]], "bias": 0.0, "slope": 1.0, "max_rate": 100, **change}
    with pytest.raises(ParameterError, match=message):
        linear_lif_from_relu(**options)


def test_circuits_may_be_given_as_lists_and_numbers():
    listed = LinearLIF([[0.2, 0.2], [0.25, 0.25]], [0.05, np.inf], 1.0, [1.0, 2.0], 0.0)
    assert listed.weights.shape == (2, 2) and listed.capacitance.tolist() == [1, 1]
    spikes = np.ones((1, 10, 2))
    output, _ = run_linear_lif(listed, spikes)
    assert output.sum(axis=1).tolist() == [[3, 2]]
    assert linear_reset_parameters(listed).leak.tolist() == [True, False]


@pytest.mark.parametrize(
    "function",
    [
        linear_reset_parameters,
        lowest_firing_rates,
        lambda neurons: relu_from_linear_lif(neurons, max_rate=100),
        lambda neurons: run_linear_lif(neurons, np.ones((1, 10, 1))),
    ],
)
def test_what_is_no_circuit_is_named(function):
    relu = relu_from_linear_lif(linear_lif_from_relu([[0.1]], max_rate=100), max_rate=100)
    with pytest.raises(
        ParameterError, match=r"neurons must be a LinearLIF \(got ReLU.* of type ReLU\); make"
    ):
        function(relu)


def test_spikes_that_do_not_fit_are_named():
    with pytest.raises(ParameterError, match=r"n_steps, 1\) \(got \(4, 1\)\)"):
        run_linear_lif(linear_lif_from_relu([[0.1]], max_rate=100), np.ones((4, 1)))
    with pytest.raises(ParameterError, match=r"initial_voltage must be .* each of the 1 units"):
        run_linear_lif(
            linear_lif_from_relu([[0.1]], max_rate=100), np.ones((1, 4, 1)), initial_voltage=[0, 0]
        )
