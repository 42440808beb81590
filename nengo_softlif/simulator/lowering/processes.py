"""Rules of processes without input, in nodes or as the noise of ensembles."""

import numpy as np
from nengo.dists import Gaussian, Uniform
from nengo.processes import BrownNoise, FilteredNoise, WhiteNoise, WhiteSignal

from nengo_softlif.simulator.kernels import moving
from nengo_softlif.simulator.kernels import processes as kernels
from nengo_softlif.simulator.kernels.randomness import N_WORDS
from nengo_softlif.simulator.lowering.randomness import words_of
from nengo_softlif.simulator.lowering.registry import rule
from nengo_softlif.simulator.lowering.synapses import filter_of
from nengo_softlif.simulator.program import Instruction

__all__ = []


def _to_output(operator, layout, make):
    """Instructions that ``make(address)`` gives, and what adds to the output what they write."""
    output, n = layout.address(operator.output), operator.output.size
    if operator.input is not None or output is None or operator.output.ndim != 1:
        return None
    if operator.mode != "inc":
        return make(output)
    values = layout.room(n)
    instructions = make(values)
    if instructions is None:
        return None
    return [*instructions, Instruction(moving.add, x=values, y=output, n=n)]


def _noise(operator, layout, output):
    """Instructions that draw from the distribution of a process; None if it has no kernel."""
    process = operator.process
    dist, scale = process.dist, 1.0 / np.sqrt(layout.dt) if process.scale else 1.0
    words = layout.memory.counters(N_WORDS + 1)
    layout.draw(operator, words, words_of)
    common = {"output": output, "words": words, "n": operator.output.size, "scale": scale}
    if type(dist) is Gaussian:
        spare = layout.memory.state(2)
        normal = {"mean": dist.mean, "std": dist.std, "spare": spare}
        return [Instruction(kernels.gaussian_noise, **common, **normal)]
    if type(dist) is Uniform and not dist.integer:
        width = dist.high - dist.low
        return [Instruction(kernels.uniform_noise, **common, low=dist.low, width=width)]
    return None


@rule(WhiteNoise)
def white_noise(operator, layout):
    """Numbers drawn anew in every step."""
    return _to_output(operator, layout, lambda y: _noise(operator, layout, y))


@rule(FilteredNoise, BrownNoise)
def filtered_noise(operator, layout):
    """White noise behind a synapse."""

    def make(output):
        n = operator.output.size
        drawn = layout.room(n)
        noise = _noise(operator, layout, drawn)
        signals = {"u": drawn, "y": output, "n": n}
        synapse = filter_of(operator.process.synapse, signals, operator.state, layout)
        return None if noise is None or synapse is None else [*noise, *synapse]

    return _to_output(operator, layout, make)


@rule(WhiteSignal)
def white_signal(operator, layout):
    """A table with a row for each step of the period."""
    signal = _WhiteSignal(operator.process, operator.output.shape, layout.dt)

    def make(output):
        n = operator.output.size
        table = layout.room(signal.period * n)
        layout.draw(operator, table, signal.draw)
        time, dt = layout.address(operator.t), layout.dt
        place = {"time": time, "table": table, "output": output}
        return [Instruction(kernels.periodic, **place, period=signal.period, n=n, dt=dt)]

    return _to_output(operator, layout, make)


class _WhiteSignal:
    """The table of a `WhiteSignal`, by Nengo's own step.

    Parameters
    ----------
    process : WhiteSignal
    shape : tuple of int
        Of a row.
    dt : float
        Step in seconds.

    Attributes
    ----------
    period : int
        In steps.
    """

    def __init__(self, process, shape, dt):
        self._process, self._shape, self._dt = process, shape, dt
        # Nengo's inverse transform of so many coefficients and a constant
        self.period = 2 * int(np.ceil(process.period / dt / 2.0))
        self._last = (None, None)

    def draw(self, rng):
        """Make the table; samples of a batch, which start from the same seed, share it."""
        seeded = rng.get_state()[1].tobytes()
        known, table = self._last
        if known != seeded:
            step = self._process.make_step((0,), self._shape, self._dt, rng, {})
            table = np.ravel([step(i * self._dt) for i in range(self.period)])
            self._last = (seeded, table)
        return table
