"""The rule of convolutions whose shared weights change at spikes."""

from nengo_softlif.functional.padding import zeros_before
from nengo_softlif.processes import STDPConvolution
from nengo_softlif.simulator.kernels import stdp_convolution as kernels
from nengo_softlif.simulator.lowering.registry import rule
from nengo_softlif.simulator.program import Instruction

__all__ = []

_STATE = ("weights", "seen", "sums", "silenced", "learnt_places", "learnt_maps")


@rule(STDPConvolution)
def stdp_convolution(operator, layout):
    """Neurons with shared weights, which winners change."""
    if operator.mode == "inc":
        return None
    state = [operator.state[name] for name in _STATE]
    places = layout.addresses(operator.input, operator.output, *state)
    if places is None:
        return None
    x, y, weights, seen, sums, silenced, learnt_places, learnt_maps = places
    process = operator.process
    height, width, channels = process.input_shape
    rows, columns, n_maps = process.neurons_shape
    pool = process.pool_size
    neurons = Instruction(
        kernels.stdp_convolution,
        x=x,
        y=y,
        weights=weights,
        seen=seen,
        sums=sums,
        silenced=silenced,
        places=learnt_places,
        maps=learnt_maps,
        fired=layout.room(rows * columns),
        time=layout.address(operator.t),
        height=height,
        width=width,
        channels=channels,
        padding=process.padding,
        padded_width=operator.state["seen"].shape[1],
        sums_width=operator.state["sums"].shape[1],
        filter_height=process.weights.shape[0],
        filter_width=process.weights.shape[1],
        rows=rows,
        columns=columns,
        n_maps=n_maps,
        n_seen=operator.state["seen"].size,
        n_sums=operator.state["sums"].size,
        n_out=operator.output.size,
        n_steps=process.n_steps,
        n_winners=process.n_winners,
        radius=process.radius,
        pool_size=pool,
        rows_before=zeros_before(rows, pool, pool, "same"),
        columns_before=zeros_before(columns, pool, pool, "same"),
        pooled_columns=process.output_shape[1],
        potentials=int(process.output == "potentials"),
        threshold=process.threshold,
        potentiation=process.potentiation,
        depression=process.depression,
        dt=layout.dt,
    )
    return [neurons]
