"""Kernel of gated recurrent cells, compiled from `nengo_softlif.functional.gated_cells`."""

import math
from typing import NamedTuple

from nengo_softlif.compiled.choice import smaller, where
from nengo_softlif.compiled.compiler import compiled, kernel
from nengo_softlif.compiled.simd import array, number
from nengo_softlif.functional import gated_cells as equations
from nengo_softlif.functional import time_gate

__all__ = ["SPIKING_LSTM", "SPIKING_SUB_LSTM", "SUB_LSTM", "gated_cells"]

SPIKING_LSTM, SUB_LSTM, SPIKING_SUB_LSTM = range(3)  # what ``kind`` means

_spiking_lstm_step = compiled(equations.spiking_lstm_step)
_sub_lstm_memory = compiled(equations.sub_lstm_memory)
_sub_lstm_output = compiled(equations.sub_lstm_output)
_logistic = compiled(equations.logistic)
_mixed = compiled(equations.mixed)
_phase = compiled(time_gate.phase)
_openness = compiled(time_gate.openness)
_is_open = compiled(time_gate.is_open)


class _Functions(NamedTuple):
    """The namespace that the equations take; Numba knows tuples of functions."""

    minimum: object
    mod: object
    tanh: object
    where: object


@compiled
def mod(a, b):
    """The remainder, with the sign of b."""
    return a % b


@compiled
def tanh(x):
    """The hyperbolic tangent."""
    return math.tanh(x)


@compiled
def logistic(x):
    """The logistic function."""
    return _logistic(x, _Functions(smaller, mod, tanh, where))


@kernel(
    operands="x y memory last forget period shift time n kind fixed_forget gated",
    reals="threshold open_fraction leak dt",
)
def gated_cells(at, real):
    """One step; the blocks of x are the gates i, f unless it is constant, g or z, and o."""
    n, kind, fixed, gated = at.n, at.kind, at.fixed_forget, at.gated
    n_gates = 3 if fixed else 4
    x, y = array(at.x, n_gates * n, real), array(at.y, n, real)
    memory, last = array(at.memory, n, real), array(at.last, n, real)
    forget = array(at.forget, n, real)
    period, shift = array(at.period, n, real), array(at.shift, n, real)
    half = number(0.5, real)
    step = number(math.floor(array(at.time, 1, real)[0] / real.dt + half) - 1, real)
    functions = _Functions(smaller, mod, tanh, where)
    for k in range(n):
        i, g, o = x[k], x[(n_gates - 2) * n + k], x[(n_gates - 1) * n + k]
        f = forget[k] if fixed else x[n + k]
        if kind == SPIKING_LSTM:
            c, h = _spiking_lstm_step(i, f, g, o, memory[k], functions)
        elif kind == SUB_LSTM:
            i, g, o = logistic(i), logistic(g), logistic(o)
            f = f if fixed else logistic(f)
            c = _sub_lstm_memory(i, f, g, memory[k])
            h = _sub_lstm_output(c, o, logistic)
        else:
            c = _sub_lstm_memory(i, f, g, memory[k])
            h = 1.0 if c - o >= real.threshold else 0.0
        if gated:
            phase = _phase(step, period[k], shift[k], functions)
            if kind == SUB_LSTM:
                opened = _openness(phase, real.open_fraction, real.leak, functions)
            else:
                opened = 1.0 if _is_open(phase, real.open_fraction) else 0.0
            c, h = _mixed(c, memory[k], opened), _mixed(h, last[k], opened)
        memory[k] = c
        last[k] = h
        y[k] = h
