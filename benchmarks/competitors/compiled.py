"""Ours: items on all cores, in single precision, spikes propagated one by one."""

from __future__ import annotations

import numpy as np

from benchmarks.networks import DT, spiking_network
from nengo_softlif import backends


def build(network, n_steps, batch_size):
    """Make a function that presents a batch; see `benchmarks.competitors`."""
    spiking = spiking_network(network)
    inputs = {"image": spiking.input}
    probed = {"output": spiking.output}
    layers = {layer.name: layer.neurons for layer in spiking.layers}

    def session(probed):
        return backends.get("compiled").open(
            backends.Setup(
                net=spiking.net,
                inputs=inputs,
                probed=probed,
                dt=DT,
                batch_size=batch_size,
                accumulated=set(probed),
            )
        )

    plain = session(probed)

    def present(images, count=False):
        used = session({**probed, **layers}) if count else plain
        (values,) = used.present({"image": images.reshape(len(images), -1)}, n_steps)
        outputs = values["output"][:, 0]
        if not count:
            return outputs, None
        return outputs, [
            np.rint(values[layer.name][:, 0] * (DT / layer.amplitude)).astype(np.int32)
            for layer in spiking.layers
        ]

    return present
