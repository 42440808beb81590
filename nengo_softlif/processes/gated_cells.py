"""Gated recurrent cells."""

from __future__ import annotations

import numpy as np
from nengo.base import Process
from nengo.exceptions import ValidationError
from nengo.params import EnumParam, IntParam, NdarrayParam, NumberParam

from nengo_softlif.functional.gated_cells import (
    CELLS,
    logistic,
    mixed,
    spiking_lstm_step,
    sub_lstm_memory,
    sub_lstm_output,
)
from nengo_softlif.functional.time_gate import is_open, openness, phase

__all__ = ["GatedCells"]


class GatedCells(Process):
    """Memory and output of gated recurrent cells: spiking LSTM and subLSTM.

    Gates multiply, which neurons can't. The weights are connections: those of the input, and those
    from the output back to the gates, with a delay of a step. The equations are in
    `nengo_softlif.functional.gated_cells`.

    Memories stay until the simulator is reset, as the voltages of neurons do: reset it between
    samples (`nengo_softlif.predict` does).

    Parameters
    ----------
    cell : {"spiking_lstm", "sub_lstm", "spiking_sub_lstm"}
        Cells that spike take the spikes of their gates, 1 or 0, and have spikes as output, 1 or 0.
        "sub_lstm" takes the currents of its gates.
    units : int
        Number of cells. The input has a block of as many for each gate: i, f, g or z, and o.
    threshold : float
        Of the output of "spiking_sub_lstm".
    forget : (units,) array_like, optional
        Constant activity of the forget gate, which then is left out of the input.
    period, shift : (units,) array_like, optional
        Of the time gate, in steps and in periods; both or none.
    open_fraction, leak : float
        Of the time gate, see `nengo_softlif.functional.time_gate.TimeGate`.

    Raises
    ------
    nengo.exceptions.ValidationError
        If a parameter is out of range, or one array of a pair is missing.

    Examples
    --------
    A spiking LSTM with one cell; its memory is set in the second step and read in the third:

    >>> cells = GatedCells("spiking_lstm", 1)
    >>> cells.apply([[0, 1, 0, 1], [1, 1, 1, 0], [0, 1, 0, 1]])
    array([[0.],
           [0.],
           [1.]])
    """

    cell = EnumParam("cell", values=tuple(CELLS))
    units = IntParam("units", low=1)
    threshold = NumberParam("threshold", low=0, low_open=True)
    forget = NdarrayParam("forget", shape=("*",), optional=True)
    period = NdarrayParam("period", shape=("*",), optional=True)
    shift = NdarrayParam("shift", shape=("*",), optional=True)
    open_fraction = NumberParam("open_fraction", low=0, low_open=True, high=1)
    leak = NumberParam("leak", low=0, high=1)

    def __init__(
        self,
        cell,
        units,
        threshold=0.1,
        forget=None,
        period=None,
        shift=None,
        open_fraction=1.0,
        leak=0.0,
    ):
        # first, so that Nengo's parameters have checked what follows is computed from
        self.cell = cell
        self.units = units
        self.threshold = threshold
        self.forget = forget
        self.period = period
        self.shift = shift
        self.open_fraction = open_fraction
        self.leak = leak
        for name in ("forget", "period", "shift"):
            values = getattr(self, name)
            if values is not None and values.shape != (self.units,):
                raise ValidationError(
                    f"Must have a number for each of {self.units} units (got shape {values.shape})",
                    attr=name,
                    obj=self,
                )
        if (self.period is None) != (self.shift is None):
            raise ValidationError(
                "A time gate needs both period and shift (got one of them); pass both, or none",
                attr="period",
                obj=self,
            )
        for name, low, high in (("forget", 0, 1), ("period", 1e-9, 1e9), ("shift", -1e9, 1e9)):
            values = getattr(self, name)
            if values is not None and not ((low <= values) & (values <= high)).all():
                raise ValidationError(
                    f"Must be from {low:g} to {high:g} (got {values.min():g} to {values.max():g})",
                    attr=name,
                    obj=self,
                )
        n_gates = 4 if self.forget is None else 3
        super().__init__(default_size_in=n_gates * self.units, default_size_out=self.units)

    def __repr__(self):
        options = ", constant forget gate" * (self.forget is not None)
        options += ", time gate" * (self.period is not None)
        return f"<GatedCells: {self.units} of {self.cell!r}{options}>"

    def make_state(self, shape_in, shape_out, dt, dtype=None):
        """Memories and outputs; both start at zero."""
        expected = (self.default_size_in,), (self.default_size_out,)
        if (tuple(shape_in), tuple(shape_out)) != expected:
            raise ValidationError(
                f"Must be the output of a node of size_in={self.default_size_in} and "
                f"size_out={self.default_size_out} (got {shape_in[0]} and {shape_out[0]}); leave "
                "them out",
                attr="units",
                obj=self,
            )
        return {"memory": np.zeros(shape_out, dtype), "output": np.zeros(shape_out, dtype)}

    def make_step(self, shape_in, shape_out, dt, rng, state):
        """Make the function of a time step."""
        memory, output = state["memory"], state["output"]

        def step(t, x):
            new = self.advance(x, memory)
            if self.period is not None:
                k = self.openness(round(t / dt) - 1)
                new = mixed(new[0], memory, k), mixed(new[1], output, k)
            memory[...], output[...] = new
            return output

        return step

    def advance(self, x, memory):
        """Memory and output of a step without time gate.

        Parameters
        ----------
        x : (n_gates * units,) array_like
        memory : (units,) array
            Before the step.

        Returns
        -------
        memory, output : (units,) array
        """
        i, *f, g, o = np.reshape(x, (-1, self.units))
        f = f[0] if f else self.forget
        if self.cell == "spiking_lstm":
            return spiking_lstm_step(i, f, g, o, memory)
        if self.cell == "sub_lstm":
            i, g, o = logistic(i), logistic(g), logistic(o)
            f = logistic(f) if self.forget is None else f
            memory = sub_lstm_memory(i, f, g, memory)
            return memory, sub_lstm_output(memory, o)
        memory = sub_lstm_memory(i, f, g, memory)
        return memory, (memory - o >= self.threshold).astype(memory.dtype)

    def openness(self, step):
        """Openness of the time gates in a step, counted from 0: (units,) array."""
        phases = phase(self.period.dtype.type(step), self.period, self.shift)
        if self.cell == "sub_lstm":
            return openness(phases, self.open_fraction, self.leak)
        return is_open(phases, self.open_fraction).astype(self.period.dtype)
