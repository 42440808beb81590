"""The rule of gated recurrent cells."""

import numpy as np

from nengo_softlif.processes import GatedCells
from nengo_softlif.simulator.kernels import gated_cells as kernels
from nengo_softlif.simulator.lowering.registry import rule
from nengo_softlif.simulator.program import Instruction

__all__ = []

_KINDS = {
    "spiking_lstm": kernels.SPIKING_LSTM,
    "sub_lstm": kernels.SUB_LSTM,
    "spiking_sub_lstm": kernels.SPIKING_SUB_LSTM,
}


@rule(GatedCells)
def gated_cells(operator, layout):
    """Memory and output of a spiking LSTM or a subLSTM."""
    if operator.mode == "inc":
        return None
    state = operator.state
    signals = operator.input, operator.output, state["memory"], state["output"]
    places = layout.addresses(*signals)
    if places is None:
        return None
    process, (x, y, memory, last) = operator.process, places

    def constants(values):
        return layout.memory.weights(np.zeros(0) if values is None else values)

    cells = Instruction(
        kernels.gated_cells,
        x=x,
        y=y,
        memory=memory,
        last=last,
        forget=constants(process.forget),
        period=constants(process.period),
        shift=constants(process.shift),
        time=layout.address(operator.t),
        n=process.units,
        kind=_KINDS[process.cell],
        fixed_forget=int(process.forget is not None),
        gated=int(process.period is not None),
        threshold=process.threshold,
        open_fraction=process.open_fraction,
        leak=process.leak,
        dt=layout.dt,
    )
    return [cells]
