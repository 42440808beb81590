"""What NengoLoihi lacks for our networks.

Imported by itself right after `nengo_loihi`. On the emulator there are `SpikingLinearResetLIF` and
`SpikingDiscreteLIF` neurons, populations split into the fewest cores that hold them, passthrough
nodes between convolutions, convolutions with groups or in one dimension, and sparse or
convolutional connections from the chip to the host. All of that applies to networks with our neuron
types, to converted networks, and to those that NengoLoihi could not build; `extensions.split`
decides. Others are built by a `nengo_loihi.Simulator` as without this package.

`check` says whether a network fits the chip, and `reset` presents one input after another to a
simulator that is built once. `Simulator` is NengoLoihi's with the emulator compiled.
"""

from nengo_softlif import compat

with compat.tested_with_this_nengo():
    import nengo_loihi  # noqa: F401  (what follows extends it)

from nengo_softlif.loihi.emulator.reset import reset
from nengo_softlif.loihi.extensions import (
    block_shapes,
    connections,
    discrete_lif,
    fast_split,
    fixed_point,
    learning,
    linear_reset,
    neurons,
    probes,
    split,
    synapses,
)
from nengo_softlif.loihi.fit.check import check

__all__ = ["Simulator", "check", "reset"]

neurons.register()
discrete_lif.register()
compat.apply("host-chip-split", split.install)
compat.apply("block-shapes", block_shapes.install)
compat.apply("fast-split", fast_split.install)
compat.apply("connections", connections.install)
compat.apply("learning-on-the-host", learning.install)
compat.apply("probes", probes.install)
compat.apply("empty-synapses", synapses.install)
compat.apply("reset-by-subtraction", linear_reset.install)
compat.apply("fixed-point", fixed_point.install)


def __getattr__(name):
    if name == "Simulator":  # Numba is imported when it is needed
        from nengo_softlif.loihi.emulator.simulator import Simulator

        return Simulator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
