"""One network with several ensembles of every neuron type, shared by the tests of this folder."""

from types import SimpleNamespace

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl

N = 12  # neurons in each ensemble


def neuron_types():
    """Two or more of everything, all different, so that a mix-up of parameters shows."""
    return {
        "SoftLIFRate": [
            nsl.SoftLIFRate(),
            nsl.SoftLIFRate(tau_rc=0.05, tau_ref=0.004, amplitude=0.5, sigma=0.2),
            nsl.SoftLIFRate(sigma=0.05, noise=nsl.GaussianRateNoise(10.0)),
            nsl.SoftLIFRate(amplitude=0.1, noise=nsl.GaussianRateNoise(40.0)),
            nsl.SoftLIFRate(amplitude=0.2, noise=nsl.FilteredSpikeNoise()),
        ],
        "SpikingLIF": [
            nsl.SpikingLIF(),
            nsl.SpikingLIF(tau_rc=0.05, tau_ref=0.004, amplitude=0.5, sigma=0.2),
            nsl.SpikingLIF(min_voltage=-0.5, noise=nsl.GaussianRateNoise(10.0)),
            nsl.SpikingLIF(tau_ref=0.0025, amplitude=0.1, noise=nsl.GaussianRateNoise(40.0)),
            nsl.SpikingLIF(tau_ref=0.004, amplitude=0.1, noise=nsl.FilteredSpikeNoise(0.003, None)),
            nsl.SpikingLIF(noise=nsl.FilteredSpikeNoise(0, 0.02)),
        ],
        "LinearResetLIFRate": [
            nsl.LinearResetLIFRate(),
            nsl.LinearResetLIFRate(tau_rc=0.05, amplitude=0.5, sigma=0.2),
            nsl.LinearResetLIFRate(tau_rc=0.01, leak=False, noise=nsl.GaussianRateNoise(10.0)),
            nsl.LinearResetLIFRate(leak=False, amplitude=0.1),
        ],
        "SpikingLinearResetLIF": [
            nsl.SpikingLinearResetLIF(),
            nsl.SpikingLinearResetLIF(tau_rc=0.05, amplitude=0.5, sigma=0.2, min_voltage=-0.3),
            nsl.SpikingLinearResetLIF(tau_rc=0.01, leak=False, noise=nsl.GaussianRateNoise(10.0)),
            nsl.SpikingLinearResetLIF(leak=False, min_voltage=0, amplitude=0.1),
        ],
    }


def build_zoo(**settings):
    """Build the network of all `neuron_types`; every ensemble gets the same currents.

    Returns a namespace with ``net``, ``J`` (N,) and ``probes`` {type name: list of probes}.
    """
    nengo_dl = pytest.importorskip("nengo_dl")
    # no current at a threshold, where the last bit decides
    J = np.concatenate([[-3.0, 0.13, 0.71], np.linspace(1.07, 4.3, N - 3)])
    probes = {}
    with nengo.Network(seed=1) as net:
        nengo_dl.configure_settings(**settings)
        node = nengo.Node(J)
        for name, types in neuron_types().items():
            probes[name] = []
            for neuron_type in types:
                ens = nengo.Ensemble(
                    N, 1, gain=np.ones(N), bias=np.zeros(N), neuron_type=neuron_type
                )
                nengo.Connection(node, ens.neurons, synapse=None)
                probes[name].append(nengo.Probe(ens.neurons))
    return SimpleNamespace(net=net, J=J, probes=probes)


def run_zoo(zoo, simulator, n_steps, **kwargs):
    """Run the network, return {type name: list of (n_steps, N) arrays} in Hz by amplitude."""
    with simulator(zoo.net, progress_bar=False, **kwargs) as sim:
        sim.run_steps(n_steps)
        return {
            name: [np.array(sim.data[probe]).reshape(n_steps, N) for probe in probes]
            for name, probes in zoo.probes.items()
        }


@pytest.fixture(scope="session")
def reference():
    """What `nengo.Simulator` makes of the network in 200 steps."""
    return run_zoo(build_zoo(), nengo.Simulator, 200)
