"""Every neuron type does what it does in `nengo.Simulator`."""

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nengo_softlif as nsl
from nengo_softlif.functional import curves, lif_rate, soft_lif_rate
from nengo_softlif.functional.activations import ACTIVATIONS
from nengo_softlif.neurons import (
    ActivationRate,
    LinearResetLIFRate,
    SoftLIFRate,
    SpikingLIF,
    SpikingLinearResetLIF,
)
from nengo_softlif.simulator.kernels import curves as compiled_curves
from nengo_softlif.simulator.kernels import neurons as kernels
from nengo_softlif.simulator.memory import Memory, State
from nengo_softlif.simulator.program import Instruction, Program
from tests.simulator.comparing import assert_parity, in_python

COMPILED = [
    nengo.LIF(),
    nengo.LIF(tau_rc=0.003, tau_ref=0, min_voltage=-0.5, amplitude=0.01),
    nengo.LIF(tau_ref=0.0013),
    SpikingLIF(),
    SpikingLIF(tau_rc=0.05, amplitude=0.5),
    nengo.LIFRate(),
    nengo.LIFRate(amplitude=0.1, tau_ref=0.001),
    nengo.AdaptiveLIF(tau_n=0.05, inc_n=0.1),
    nengo.AdaptiveLIFRate(tau_n=0.05, inc_n=0.1),
    nengo.RectifiedLinear(amplitude=0.3),
    nengo.SpikingRectifiedLinear(amplitude=0.3),
    nengo.Sigmoid(),
    nengo.Tanh(tau_ref=0.001),
    nengo.Izhikevich(),
    nengo.Izhikevich(reset_recovery=2, coupling=0.25),
    nengo.RegularSpiking(nengo.LIFRate(), amplitude=0.2),
    nengo.RegularSpiking(nengo.Tanh()),
    nengo.PoissonSpiking(nengo.LIFRate()),
    nengo.PoissonSpiking(nengo.Tanh(), amplitude=0.5),
    nengo.StochasticSpiking(nengo.LIFRate()),
    nengo.StochasticSpiking(nengo.Tanh(), amplitude=0.5),
    SoftLIFRate(sigma=0.05),
    SpikingLinearResetLIF(),
    SpikingLinearResetLIF(leak=False, tau_rc=1.0, min_voltage=-2, amplitude=0.01),
    LinearResetLIFRate(),
    LinearResetLIFRate(leak=False, tau_rc=1.0),
]


def driven(neuron_type, n_neurons=70, seed=0, **options):
    """A population with currents on both sides of the threshold."""
    with nengo.Network(seed=seed) as net:
        stimulus = nengo.Node(lambda t: np.sin(60 * t))
        ens = nengo.Ensemble(n_neurons, 1, neuron_type=neuron_type, **options)
        nengo.Connection(stimulus, ens, synapse=None)
        nengo.Probe(ens.neurons)
        nengo.Probe(ens.neurons, "input")
        for state in ens.neurons.probeable[2:]:
            nengo.Probe(ens.neurons, state)
    return net


@pytest.mark.parametrize("neuron_type", COMPILED, ids=str)
def test_outputs_and_states_agree_in_every_step(neuron_type):
    sim = assert_parity(driven(neuron_type), steps=150)
    assert in_python(sim) == ["SimPyFunc"] or in_python(sim) == ["TimeUpdate", "SimPyFunc"]


@pytest.mark.parametrize("dt", [0.001, 0.0007])
@pytest.mark.parametrize("options", [{}, {"amplitude": 0.3}], ids=str)
@pytest.mark.parametrize("name", ["LoihiLIF", "LoihiSpikingRectifiedLinear"])
def test_neurons_as_on_loihi(name, options, dt):
    loihi_neurons = pytest.importorskip("nengo_loihi.neurons")
    net = driven(getattr(loihi_neurons, name)(**options))
    sim = assert_parity(net, steps=300, dt=dt)
    assert set(in_python(sim)) <= {"SimPyFunc", "TimeUpdate"}
    assert sim.data[net.probes[0]].any()


@pytest.mark.parametrize("sigma", [0.02, 1.0])
def test_soft_lif_of_nengo_dl(sigma):
    dl_neurons = pytest.importorskip("nengo_dl.neurons")
    type_ = dl_neurons.SoftLIFRate(sigma=sigma, tau_rc=0.03, tau_ref=0.001, amplitude=0.2)
    # far below the threshold NengoDL takes another approximation of the curve: 2e-9 of it
    sim = assert_parity(driven(type_), tolerance=1e-8)
    assert in_python(sim) == ["SimPyFunc"]


def test_a_lif_neuron_as_on_loihi_with_other_times():
    loihi_neurons = pytest.importorskip("nengo_loihi.neurons")
    options = {"tau_rc": 0.05, "tau_ref": 0.0034, "min_voltage": -0.7}
    rates = nengo.dists.Uniform(100, 250)
    sim = assert_parity(driven(loihi_neurons.LoihiLIF(**options), max_rates=rates), steps=300)
    assert set(in_python(sim)) <= {"SimPyFunc", "TimeUpdate"}


@pytest.mark.parametrize("dt", [0.0001, 0.005, 0.02])
@pytest.mark.parametrize(
    "neuron_type",
    [nengo.LIF(), SpikingLIF(), SpikingLinearResetLIF(), nengo.SpikingRectifiedLinear()],
    ids=str,
)
def test_at_other_steps(neuron_type, dt):
    assert_parity(driven(neuron_type), steps=60, dt=dt)


@settings(max_examples=12, deadline=None)
@given(n_neurons=st.integers(1, 200), seed=st.integers(0, 99))
def test_any_number_of_neurons(n_neurons, seed):
    assert_parity(driven(nengo.LIF(), n_neurons, seed), steps=40)


def test_rates_far_above_one_spike_a_step():
    options = {"gain": np.full(70, 3000.0), "bias": np.linspace(-5000, 9000, 70)}
    for neuron_type in (
        nengo.SpikingRectifiedLinear(),
        nengo.PoissonSpiking(nengo.RectifiedLinear()),
        nengo.StochasticSpiking(nengo.RectifiedLinear()),
    ):
        sim = assert_parity(driven(neuron_type, **options), steps=30)
        assert sim.data[sim.model.probes[0]].max() > 5000


def test_initial_values_of_states():
    net = driven(nengo.LIF(initial_state={"voltage": nengo.dists.Uniform(0, 1)}))
    assert_parity(net)


class Squared(nengo.RectifiedLinear):
    """A type that nobody knows: a subclass isn't taken for its parent."""

    def step(self, dt, J, output):
        output[...] = np.maximum(J, 0) ** 2


def test_a_type_without_a_kernel_runs_in_python():
    sim = assert_parity(driven(Squared()))
    assert "Squared" in in_python(sim)


def test_no_neuron_of_an_inactive_population_spikes():
    with nengo.Network(seed=0) as net:
        ens = nengo.Ensemble(65, 1, gain=np.zeros(65), bias=np.zeros(65))
        nengo.Probe(ens.neurons)
    sim = assert_parity(net)
    assert not sim.data[net.probes[0]].any()


def test_single_precision_spikes_at_the_same_rates(single_precision):
    net = driven(nengo.LIF())
    probe = net.probes[0]
    with nengo.Simulator(net, progress_bar=False) as reference:
        reference.run_steps(200)
    with nsl.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(200)
    assert sim.data[probe].dtype == np.float32
    counts, expected = (np.count_nonzero(s.data[probe], axis=0) for s in (sim, reference))
    assert np.abs(counts - expected).max() <= 1
    assert np.mean(counts == expected) >= 0.95


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("spiking_type", [nengo.PoissonSpiking, nengo.StochasticSpiking])
def test_random_spikes_of_a_constant_input_are_new_in_every_step(spiking_type, optimize):
    with nengo.Network(seed=0) as net:
        ens = nengo.Ensemble(30, 1, neuron_type=spiking_type(nengo.LIFRate()))
        nengo.Connection(nengo.Node([0.5]), ens, synapse=None)
        nengo.Probe(ens.neurons)
    assert_parity(net, optimize=optimize)


def kernel_output(kernel, current, dtype, **reals):
    """What a kernel makes of currents, in double precision."""
    memory = Memory(dtype)
    x, y = memory.state(current), memory.state(len(current))
    instruction = Instruction(kernel, current=x, output=y, n=len(current), **reals)
    program = Program([instruction], memory)
    state = State(memory)
    state.reset()
    program.bind(state).run(1)
    return state.view(y, len(current)).astype(float)


# both signs, from far below what single precision holds to close to its end
EXTREMES = np.concatenate([-np.logspace(38, -45, 300), np.logspace(-45, 38, 300)])
EXTREMES = np.concatenate([[-np.inf], EXTREMES, 1 + EXTREMES, [np.inf, np.nan]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sigma", [1e-4, 0.02, 0.5, 10.0])
@pytest.mark.parametrize("tau_ref", [0.0, 0.002])
def test_soft_lif_rates_are_the_formula_of_all_at_any_current(dtype, sigma, tau_ref):
    # around the cut-off, x = -36, too
    current = np.concatenate([EXTREMES, 1 + sigma * np.linspace(-80, 80, 321)]).astype(dtype)
    reals = {"tau_rc": 0.02, "tau_ref": tau_ref, "amplitude": 0.5, "sigma": sigma}
    reals = {name: float(dtype(value)) for name, value in reals.items()}
    with np.errstate(all="ignore"):
        expected = soft_lif_rate(current, **reals).astype(dtype)
        output = kernel_output(kernels.soft_lif_rate, current, dtype, **reals)
    # the kernel computes in double precision, then rounds; NumPy's logarithms differ in last bits
    tiny = np.finfo(dtype).tiny
    np.testing.assert_allclose(output, expected, rtol=4 * np.finfo(dtype).eps, atol=tiny)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("tau_ref", [0.0, 0.002])
def test_lif_rates_are_the_formula_of_all_at_any_current(dtype, tau_ref):
    current = EXTREMES[~np.isnan(EXTREMES)].astype(dtype)
    reals = {"tau_rc": 0.02, "tau_ref": tau_ref, "amplitude": 0.5}
    reals = {name: float(dtype(value)) for name, value in reals.items()}
    with np.errstate(all="ignore"):
        expected = lif_rate(current, **reals).astype(dtype)
        output = kernel_output(kernels.lif_rate, current, dtype, **reals)
    np.testing.assert_allclose(output, expected, rtol=4 * np.finfo(dtype).eps)
    assert not output[current <= 1].any()


def test_kernels_compile_the_formulas_and_have_none_of_their_own():
    assert compiled_curves._soft_lif_terms.py_func is curves.soft_lif_terms
    assert compiled_curves._lif_interval.py_func is curves.lif_interval


@pytest.mark.parametrize("alpha", [0.3, 1.0])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_curves_of_keras_activations(name, alpha):
    J = np.concatenate([-np.logspace(2, -3, 60), [-alpha, 0.0, alpha], np.logspace(-3, 2, 60)])
    kind = ActivationRate(name, alpha=alpha, rate=50)
    sim = assert_parity(driven(kind, len(J), gain=np.ones(len(J)), bias=J), steps=20)
    assert in_python(sim) == ["SimPyFunc"]  # the stimulus


def test_regular_spikes_of_a_curve_run_in_kernels():
    kind = nengo.RegularSpiking(ActivationRate("gelu", rate=100), amplitude=0.01)
    sim = assert_parity(driven(kind, 30, gain=np.ones(30), bias=np.linspace(-3, 3, 30)))
    assert in_python(sim) == ["SimPyFunc"]
