"""One simulation of a plan: its state, and how it advances."""

from __future__ import annotations

import numpy as np
from nengo.builder.signal import SignalDict
from nengo.exceptions import SimulationError

from nengo_softlif.simulator.memory import State
from nengo_softlif.simulator.program import Program, run

__all__ = ["Execution", "Signals"]


class Execution:
    """A state that the programs of a plan, and its Python steps, are run on.

    Parameters
    ----------
    plan : Plan
        After `Plan.compile`.

    Attributes
    ----------
    state : State
    signals : Signals
        What is now in them.
    """

    def __init__(self, plan):
        self.plan = plan
        self.model = plan.model
        self.state = State(plan.layout.memory)
        self.signals = Signals(plan, self.state)
        for op in plan.operators:
            op.init_signals(self.signals)
        self._slow = plan.slow.bind(self.state)
        self._bound = {p: p.bind(self.state) for p in plan.fast if isinstance(p, Program)}
        self._step, self._time = self.signals[self.model.step], self.signals[self.model.time]

    def reset(self, seed):
        """Go back to the start.

        Parameters
        ----------
        seed : int
            Of all that is random.
        """
        self.state.reset()
        plan, dt = self.plan, self.model.dt
        steps = {}
        if plan.python:
            for signal in self.signals:
                self.signals.reset(signal)
            rng = np.random.RandomState(seed)
            # Every process takes a seed from the generator, compiled or not, as in Nengo.
            python = set(plan.python)
            for op in plan.operators:
                if op in python:
                    steps[op] = op.make_step(self.signals, dt, rng)
                elif hasattr(op, "process"):
                    op.process.get_rng(rng)
        self._sources = [(steps[op], self.signals[op.sets[0]]) for op in plan.sources]
        self._parts = [self._bound[p] if p in self._bound else steps[p] for p in plan.fast]
        self._seen = None  # what the sources wrote when the slow program was last run

    def advance(self, n_steps):
        """Run so many steps."""
        if not self.plan.python:
            if self._seen is None:
                run(self._slow, 1)
                self._seen = []
            for part in self._parts:
                run(part, n_steps)
            return
        with np.errstate(invalid="raise", divide="ignore"):
            for _ in range(n_steps):
                self._step_with_python()

    def _step_with_python(self):
        self._set_step(self._step + 1)
        try:
            for source, _ in self._sources:
                source()
            written = [output.tobytes() for _, output in self._sources]
            if written != self._seen:
                run(self._slow, 1)
                self._seen = written
            for part in self._parts:
                if callable(part):
                    part()
                else:
                    run(part, 1)
        except BaseException:
            self._set_step(self._step - 1)  # it did not come to its end, and was not recorded
            raise

    def _set_step(self, step):
        self._step[...] = step
        self._time[...] = step * self.model.dt

    def check_numbers(self):
        """Raise an error if there is a NaN in the state.

        Raises
        ------
        nengo.exceptions.SimulationError
            Names the signal.
        """
        with np.errstate(all="ignore"):
            if np.isfinite(self.state.values.sum()) or not np.isnan(self.state.values).any():
                return
        for base, place in self.plan.layout.places.items():
            if np.isnan(self.state.view(place, base.size)).any():
                raise SimulationError(
                    f"{base} became NaN until t = {self.signals[self.model.time]:g} s: a value got "
                    "too large for the precision, or infinity was given as an input or a weight"
                )


class Signals(SignalDict):
    """Current values of signals: views on the compiled state, or arrays of their own."""

    def __init__(self, plan, state):
        super().__init__()
        self.plan, self.state = plan, state

    def init(self, signal):
        """Make the array of a signal; called by operators."""
        places = self.plan.layout.places
        if signal.base not in places or signal.base.sparse:
            super().init(signal)
            return
        base = self.state.view(places[signal.base], signal.base.size)
        if signal.is_view:
            offset, strides = self.plan.layout.offset_and_strides(signal)
            strides = tuple(base.itemsize * stride for stride in strides)
            array = np.lib.stride_tricks.as_strided(base[offset:], signal.shape, strides)
        else:
            if base.dtype.kind == "i":  # shorter whole numbers are the lower half of our counters
                base = base.view(signal.dtype)[: signal.size]
            array = base.reshape(signal.shape)
        if signal.readonly:
            array.setflags(write=False)
        dict.__setitem__(self, signal, array)

    def __getitem__(self, signal):
        """The array of a signal, or of a view on one."""
        if signal not in self and signal.base in self.plan.layout.places:
            self.init(signal)
        return super().__getitem__(signal)
