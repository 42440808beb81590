"""Where our time goes, beside what the machine can do."""

from __future__ import annotations

from benchmarks import machine, networks
from nengo_softlif import backends

NETWORKS = ("convnet", "convnet_lif", "convnet_10hz", "large")


def run(workers, quick):
    """The machine's limits, and the shares of propagation, neurons, synapses and the rest.

    Parameters
    ----------
    workers : Workers
    quick : bool
    """
    n_steps = 100 if quick else 1000
    return {
        "limits": machine.limits(),
        "networks": {name: _shares(networks.load(name), n_steps) for name in NETWORKS},
    }


def _shares(network, n_steps):
    """Time of a step on one thread by kind of work, with all spikes counted."""
    spiking = networks.spiking_network(network)
    layers = {layer.name: layer.neurons for layer in spiking.layers}
    probed = {"output": spiking.output, **layers}
    image = networks.images(1, network.input_shape)[0].reshape(-1)
    setup = backends.Setup(
        net=spiking.net,
        inputs={"image": spiking.input},
        probed=probed,
        dt=networks.DT,
        accumulated=set(layers),
    )
    with backends.get("compiled").open(setup) as session:
        shares = session.sim.presenter.profile({"image": image}, n_steps)
    kinds = {}
    for share in shares:
        kinds[share.kind] = kinds.get(share.kind, 0.0) + share.seconds
    return {
        "microseconds_per_step": sum(kinds.values()) * 1e6,
        "shares": {kind: seconds / sum(kinds.values()) for kind, seconds in kinds.items()},
        "kernels": {
            share.kernel: {"calls": share.calls, "microseconds": share.seconds * 1e6}
            for share in shares
        },
    }
