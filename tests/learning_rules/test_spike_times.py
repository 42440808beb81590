"""Rules that learn spike times: their equations, where they rest, and that they reach targets."""

import numpy as np
import pytest

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional import ResponseKernels, van_rossum
from nengo_softlif.learning_rules.spike_times import (
    SPAN,
    ChronotronE,
    ChronotronI,
    MultiSpikeProp,
    ReSuMe,
    SpikeProp,
    SpikeResponseLayer,
)

DURATION = 0.2
ONE_LAYER = (ReSuMe(), SPAN(), ChronotronE(), ChronotronI(), MultiSpikeProp())
names = [type(rule).__name__ for rule in ONE_LAYER]
each_rule = pytest.mark.parametrize("rule", ONE_LAYER, ids=names)


def poisson_like(seed=0, n_samples=1, n_inputs=200, n_spikes=2):
    return np.random.default_rng(seed).uniform(0, DURATION, size=(n_samples, n_inputs, n_spikes))


def fresh_layer(seed=0, n_inputs=200, n_neurons=1):
    weights = np.random.default_rng(seed).uniform(0, 0.06, size=(n_inputs, n_neurons))
    return SpikeResponseLayer(weights)


@each_rule
def test_targets_are_reached(rule):
    """From far away to a mean distance below that of one spike that is 1 ms off."""
    inputs, layer = poisson_like(), fresh_layer()
    targets = [[[0.06, 0.11, 0.16]]]
    training = rule.fit(layer, inputs, targets, duration=DURATION, epochs=500, until=0.4)
    assert training.converged and training.distances[0] > 1
    reached = layer.spike_times(inputs, duration=DURATION)[0, 0]
    last = van_rossum(reached[np.isfinite(reached)], targets[0][0], tau=0.01)
    assert last == pytest.approx(training.distances[-1])


@each_rule
def test_outputs_that_are_the_targets_change_nothing(rule):
    inputs, layer = poisson_like(n_samples=2), fresh_layer(1, n_neurons=2)
    before, targets = layer.weights, layer.spike_times(inputs, duration=DURATION)
    training = rule.fit(layer, inputs, targets, duration=DURATION, epochs=1, until=0.0)
    assert training.distances[0] == 0 and training.converged
    assert np.isfinite(targets).any()
    rule.fit(layer, inputs, np.minimum(targets + 1e-9, np.inf), duration=DURATION, epochs=1)
    np.testing.assert_allclose(layer.weights, before, rtol=0, atol=1e-6)


def change_by(rule, *, output=None, target=None, weight=0.5):
    """Change of a weight by one input spike at 20 ms."""
    layer = SpikeResponseLayer([[weight]])

    def train(time):
        return np.full((1, 1, 1), np.inf if time is None else time)

    return float(rule.change(layer, train(0.02), train(output), train(target))[0, 0, 0])


def test_windows_of_the_rules():
    """One input spike and one target, or one output spike: the equations of the papers."""
    resume = ReSuMe(0.1, tau=0.005, non_hebbian=0.2)
    assert change_by(resume, target=0.025) == pytest.approx(0.1 * (0.2 + np.exp(-1)))
    assert change_by(resume, target=0.015) == pytest.approx(0.1 * 0.2)
    assert change_by(resume, output=0.03) == pytest.approx(-0.1 * (0.2 + np.exp(-2)))
    span = SPAN(0.1, tau=0.005)
    for time in (0.015, 0.025):
        expected = 0.1 * (np.e / 2) ** 2 * 2 * np.exp(-1)
        assert change_by(span, target=time) == pytest.approx(expected)
        assert change_by(span, output=time) == pytest.approx(-expected)
    i_learning = ChronotronI(0.1, tau_s=0.005)
    assert change_by(i_learning, target=0.025) == pytest.approx(0.1 * 0.5 * np.exp(-1))
    # stronger inhibition is a weight that moves away from 0
    assert change_by(i_learning, target=0.025, weight=-0.5) == pytest.approx(0.05 * np.exp(-1))
    e_learning = ChronotronE(0.1, tau_q=0.01, moving=3.0)
    response = ResponseKernels().response
    assert change_by(e_learning, target=0.027) == pytest.approx(0.1 * response(0.007))
    assert change_by(e_learning, output=0.03) == pytest.approx(-0.1 * response(0.01))
    assert change_by(e_learning, output=0.03, target=0.028) == pytest.approx(
        0.1 * 3 * 0.2 * response(0.01)
    )
    # too far from each other: the output spike is removed, the target inserted
    assert change_by(e_learning, output=0.03, target=0.06) == pytest.approx(
        0.1 * (response(0.04) - response(0.01))
    )


def test_the_window_of_span_is_the_integral_of_filtered_trains():
    tau, dt = 0.005, 1e-6
    t = np.arange(-0.02, 0.12, dt)

    def filtered(time):
        s = np.maximum(t - time, 0) / tau
        return np.e * s * np.exp(-s)

    integral = np.sum(filtered(0.02) * filtered(0.027)) * dt / tau
    assert change_by(SPAN(1.0, tau=tau), target=0.027) == pytest.approx(integral, rel=1e-4)


def hidden_network(seed=0):
    """Two layers with several terminals, an inhibitory neuron in between."""
    rng = np.random.default_rng(seed)
    kernels, delays = ResponseKernels(tau=0.007), np.arange(1, 17, 3) / 1000
    hidden = rng.uniform(0, 0.25, size=(3, 6, 4))
    output = rng.uniform(0, 0.2, size=(4, 6, 2))
    output[3] *= -1
    return [
        SpikeResponseLayer(hidden, delays, kernels),
        SpikeResponseLayer(output, delays, kernels),
    ]


INPUTS = np.array([[[0.0, 0.02], [0.006, 0.03], [0.003, 0.025]], [[0.004, 0.01]] * 3])


@pytest.mark.parametrize("rule", (SpikeProp(1.0), MultiSpikeProp(1.0)), ids=("first", "all"))
def test_a_step_is_the_gradient_of_the_loss(rule):
    """Of weights and delays of both layers, by differences, with targets next to the spikes."""
    rule.least_slope, rule.delay_rate = 0.0, 1.0
    tau = hidden_network()[0].kernels.tau
    *_, outputs = rule.run(hidden_network(), INPUTS, DURATION)
    assert np.isfinite(outputs).sum() >= (2 if isinstance(rule, SpikeProp) else 5)
    shift = np.random.default_rng(0).uniform(-4e-5, 4e-5, outputs.shape)
    targets = outputs + shift  # in the same order

    def loss(layers):
        *_, now = rule.run(layers, INPUTS, DURATION)
        there = np.isfinite(now)
        return 0.5 * np.sum((now[there] - targets[there]) ** 2) / tau**2

    learnt = hidden_network()
    rule.fit(learnt, INPUTS, targets, duration=DURATION, epochs=1)
    for number, index in [(0, (0, 2, 1)), (0, (2, 4, 3)), (1, (3, 1, 0)), (1, (1, 5, 1))]:
        for name, size, unit in (("weights", 1e-6, 1.0), ("delays", 1e-9, tau**2)):
            losses = []
            for sign in (1, -1):
                layers = hidden_network()
                values = getattr(layers[number], name)
                if name == "delays":
                    values = np.broadcast_to(values[:, np.newaxis], layers[number].weights.shape)
                values = values.copy()
                values[index] += sign * size
                setattr(layers[number], name, values)
                losses.append(loss(layers))
            gradient = unit * (losses[0] - losses[1]) / (2 * size)
            before = getattr(hidden_network()[number], name)
            before = before[index] if before.ndim == 3 else before[index[1]]
            step = before - getattr(learnt[number], name)[index]
            assert step == pytest.approx(gradient, rel=1e-3, abs=1e-9)


def test_delays_alone_can_move_a_spike():
    layer = SpikeResponseLayer([[0.8], [0.8]], delays=[0.002])
    rule = SpikeProp(0.0, delay_rate=0.3)
    inputs = [[[0.0], [0.001]]]
    training = rule.fit(layer, inputs, [[[0.012]]], duration=0.05, epochs=200, until=0.01)
    assert training.converged and layer.delays.shape == (2, 1, 1)
    np.testing.assert_array_equal(layer.weights.ravel(), 0.8)


def test_a_silent_network_begins_to_spike():
    layers = hidden_network()
    layers[1].weights = 0.1 * layers[1].weights
    _, hidden, output = SpikeProp().run(layers, INPUTS, DURATION)
    assert hidden.size and not output.size
    targets = np.full((2, 2, 1), 0.03)
    training = SpikeProp(0.05).fit(
        layers, INPUTS, targets, duration=DURATION, epochs=500, until=0.3
    )
    assert training.converged


def test_several_terminals_are_several_inputs():
    """With a delay, a terminal is an input that spikes later."""
    inputs = poisson_like(n_inputs=20)
    weights = np.random.default_rng(3).uniform(0, 0.5, size=(20, 2, 3))
    layer = SpikeResponseLayer(weights, delays=[0.0, 0.004])
    later = np.concatenate([inputs, inputs + 0.004], axis=1)
    same = SpikeResponseLayer(np.concatenate([weights[:, 0], weights[:, 1]]))
    np.testing.assert_allclose(
        layer.spike_times(inputs, duration=1.0), same.spike_times(later, duration=1.0), rtol=1e-12
    )


def test_a_potential_falls_by_the_reset_at_a_spike():
    layer = SpikeResponseLayer([[2.0]])
    inputs = np.array([[[0.01]]])
    times = layer.spike_times(inputs, duration=0.1)
    before, after = times[0, 0, 0] + np.array([-1e-9, 1e-9])
    u = layer.potentials([before, after], inputs, times)[0, 0]
    assert u == pytest.approx([1.0, 0.0], abs=1e-5)
    assert "1 inputs, 1 terminals each, 1 neurons" in repr(layer)


def two_inputs():
    return SpikeResponseLayer(np.ones((2, 1)))


SPIKES = [[[0.01], [0.02]]]


def fitted(rule=None, layer=None, inputs=SPIKES, targets=(((0.03,),),), **options):
    options = {"duration": 0.1, "epochs": 2, **options}
    layer = two_inputs() if layer is None else layer
    return (rule or ReSuMe()).fit(layer, inputs, targets, **options)


@pytest.mark.parametrize(
    "call, match",
    [
        (lambda: fitted(targets=[[[0.2]]]), r"targets must be spike times in the run.*got 0.2 s"),
        (lambda: fitted(targets=[[[-0.01]]]), r"targets must be spike times in the run"),
        (lambda: fitted(SpikeProp(), targets=[[[0.2]]]), "targets must be spike times in the run"),
        (lambda: fitted(inputs=[[[0.01]]]), r"inputs must have the shape \(n_samples, 2, n_spikes"),
        (lambda: fitted(targets=[[[0.01]]] * 2), r"targets must have the shape \(1, 1, n_spikes"),
        (lambda: fitted(layer=3), "layers"),
        (lambda: fitted(MultiSpikeProp(), layer=[]), "at least one SpikeResponseLayer"),
        (
            lambda: fitted(SpikeProp(), layer=[two_inputs()] * 2),
            r"layers\[1\] must have as many inputs",
        ),
        (lambda: fitted(ReSuMe(1e300), epochs=9), "weights must be so small"),
        (
            lambda: fitted(SpikeProp(1e308), targets=[[[0.015]]], epochs=9),
            "weights finite; those of layer 0",
        ),
        (lambda: fitted(duration=-1), "duration must be a time"),
        (lambda: ReSuMe(tau=-0.01), "tau must be a time in seconds greater than 0"),
        (lambda: SPAN(tau=0), "tau must be a time in seconds greater than 0"),
        (lambda: ChronotronE(tau_q=-1), "tau_q must be a time in seconds greater than 0"),
        (lambda: ChronotronI(tau_s=-1), "tau_s must be a time in seconds greater than 0"),
        (lambda: SpikeProp(-0.1), "learning_rate must be a finite number of 0 or more"),
        (lambda: SpikeResponseLayer([[1.0]], delays=[-0.001]), "delays must be finite"),
        (lambda: SpikeResponseLayer([[1.0]], delays=[0, 0.001]), "delays must have the shape"),
        (lambda: SpikeResponseLayer([[1.0]], kernels=0.007), "kernels"),
    ],
)
def test_bad_arguments(call, match):
    with pytest.raises(ParameterError, match=match), np.errstate(over="ignore", invalid="ignore"):
        call()
