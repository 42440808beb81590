"""The rule of max pooling."""

from nengo_softlif.processes import SpikingMaxPool
from nengo_softlif.simulator.kernels import pooling as kernels
from nengo_softlif.simulator.lowering.registry import rule
from nengo_softlif.simulator.program import Instruction

__all__ = []


@rule(SpikingMaxPool)
def spiking_max_pool(operator, layout):
    """Spikes of the unit that leads its window."""
    if operator.mode == "inc":
        return None
    state = operator.state
    places = layout.addresses(operator.input, operator.output, state["sums"], state["largest"])
    if places is None:
        return None
    process = operator.process
    channels, windows = process.input_shape[-1], process.windows()
    x, y, sums, largest = places
    n_windows, n_taps = windows.shape
    pool = Instruction(
        kernels.spiking_max_pool,
        x=x,
        y=y,
        sums=sums,
        largest=largest,
        now=layout.room(channels),
        windows=layout.memory.indices(windows),
        n_in=operator.input.size,
        channels=channels,
        n_windows=n_windows,
        n_taps=n_taps,
    )
    return [pool]
