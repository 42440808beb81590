"""Advice on learning rules for spikes."""

import nengo
import nengo_loihi
import numpy as np

import nengo_softlif as nsl
from nengo_softlif.learning_rules import STDP
from nengo_softlif.learning_rules.bp_stdp import BPSTDP
from nengo_softlif.networks import DiehlCook
from tests.hints.following import Advice, follow
from tests.learning_rules.networks import final_weights, relays, told


def runs(rules, *, kind=None, decoded=False, transform=None, n=(3, 2)):
    """Build and run a network with rules on a connection."""
    with nengo.Network(seed=0) as net:
        a, b = map(relays, n)
        if kind is not None:
            b.neuron_type = kind
        transform = np.full((2, 3), 0.5) if transform is None else transform
        for rule in rules:
            if decoded:
                solver = nengo.solvers.LstsqL2(weights=True)
                nengo.Connection(a, b, solver=solver, learning_rule_type=rule)
            else:
                nengo.Connection(a.neurons, b.neurons, transform=transform, learning_rule_type=rule)
    with nsl.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(2)
    return sim.n_steps == 2


def learns(rule):
    """Run a rule on neurons that fire all the time."""
    net = told(rule, np.ones((20, 3)), np.ones((20, 2)), np.full((2, 3), 0.5))
    with np.errstate(all="ignore"):
        return bool(np.isfinite(final_weights(net, 20)).all())


def drives(rule, on_chip=None):
    """Run neurons that drive others on the Loihi emulator."""
    with nengo.Network(seed=0) as net:
        a, b = (
            nengo.Ensemble(3, 1, neuron_type=nengo.LIF(), gain=np.ones(3), bias=np.full(3, bias))
            for bias in (3.0, 1.5)
        )
        nengo.Connection(a, nengo.Ensemble(10, 1))  # which the chip has
        nengo.Connection(
            a.neurons, b.neurons, transform=np.full((3, 3), 0.5), learning_rule_type=rule
        )
    if on_chip is not None:
        nengo_loihi.add_params(net)
        net.config[a].on_chip = net.config[b].on_chip = on_chip
    with nsl.loihi.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(10)
    return True


def goes_on(sizes):
    """Restore what a network of 4 inputs and 2 classes has learnt."""
    rule = BPSTDP((4, 2))
    other = BPSTDP(sizes)
    other.restore(rule.state())
    return np.array_equal(other.weights[0], rule.weights[0])


def test_matrices_and_states():
    for advice in [
        Advice(
            "; give it one, as in transform=np.full(",
            lambda: runs([STDP()], transform=0.2, n=(3, 3)),
            lambda: runs([STDP()], transform=np.full((3, 3), 0.1), n=(3, 3)),
        ),
        Advice(
            "; make the BPSTDP with the sizes that it had",
            lambda: goes_on((4, 3)),
            lambda: goes_on((4, 2)),
        ),
    ]:
        follow(advice)


def test_advice():
    two, one = [STDP(), STDP(depression=0.0)], [STDP()]
    large = np.full((2, 3), 1.5)
    huge = {"potentiation": 1e308, "depression": 1e308}
    infinite = (-np.inf, np.inf)
    for advice in [
        Advice(
            "; give each rule a connection of its own",
            lambda: runs([two]),
            lambda: runs(two),
        ),
        Advice(
            "; connect the neurons, as in nengo.Connection(a.neurons, b.neurons, "
            "transform=weights)",
            lambda: runs(one, decoded=True),
            lambda: runs(one),
        ),
        Advice(
            "; give the ensemble a spiking neuron_type, such as nengo.LIF()",
            lambda: runs(one, kind=nengo.LIFRate()),
            lambda: runs(one, kind=nengo.LIF()),
        ),
        Advice(
            " other bounds, or other weights",
            lambda: runs(one, transform=large),
            lambda: runs([STDP(bounds=(0, 2))], transform=large) and runs(one),
        ),
        Advice(
            ", or give it finite bounds",
            lambda: learns(STDP(**huge, bounds=infinite)),
            lambda: (
                learns(STDP(**huge, bounds=infinite, learning_rate=1e-308))
                and learns(STDP(**huge, bounds=(-1, 1)))
            ),
        ),
        Advice(
            " Train on another backend and connect with the weights that were learnt, without a "
            "learning rule, or put both ensembles on the host",
            lambda: drives(STDP()),
            lambda: drives(STDP(), on_chip=False) and drives(None),
        ),
        Advice(
            "; give two numbers, or weight_exponent=0",
            lambda: STDP(bounds=(0, np.inf), weight_exponent=1),
            lambda: runs([STDP(weight_exponent=1)]) and runs([STDP(bounds=(0, np.inf))]),
        ),
        Advice(
            "; give bounds such as (0, 1), or prune=False",
            lambda: STDP(bounds=(-1, 1), prune=True),
            lambda: runs([STDP(bounds=(0, 1), prune=True)]) and runs([STDP(bounds=(-1, 1))]),
        ),
    ]:
        follow(advice)


def shows(network_dt, simulator_dt):
    """Show a sample to a network of Diehl & Cook."""
    circuit = DiehlCook(4, 2, dt=network_dt, seed=0)
    with nsl.Simulator(circuit, dt=simulator_dt, progress_bar=False) as sim:
        circuit.present(sim, np.full(4, 100.0), presentation_time=0.01)
    return sim.n_steps == round(0.01 / network_dt)


def test_advice_on_networks():
    follow(
        Advice(
            ", or the network with dt=",
            lambda: shows(0.001, 0.0005),
            lambda: shows(0.001, 0.001) and shows(0.0005, 0.0005),
        )
    )
