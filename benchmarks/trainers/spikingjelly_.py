"""SpikingJelly: `LIFNode` in multi-step mode."""

from __future__ import annotations

from spikingjelly.activation_based import neuron, surrogate

from benchmarks.trainers.networks import DECAY, STEEPNESS
from benchmarks.trainers.torch_layers import Model, trainer


def build(network, batches):
    """See `benchmarks.trainers`."""
    return trainer(Model(network, _neurons), batches)


def _neurons(threshold):
    node = neuron.LIFNode(
        tau=1 / (1 - DECAY),
        decay_input=False,
        v_threshold=threshold,
        v_reset=0.0,
        detach_reset=True,
        # its slope is k / 2 times that of the others, 1 with k = 2
        surrogate_function=surrogate.SoftSign(alpha=STEEPNESS),
        step_mode="m",
    )

    def spikes(currents):
        node.reset()
        return node(currents)

    return spikes
