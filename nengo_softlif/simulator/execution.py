"""One simulation of a plan: its state, and how it advances."""

from __future__ import annotations

from math import isfinite, isnan

import numpy as np
from nengo.exceptions import SimulationError
from nengo.utils.numpy import maxint

from nengo_softlif.compiled.reductions import sum_of_squares
from nengo_softlif.learning_rules.operators import SimSTDP
from nengo_softlif.simulator.faults import note_origin
from nengo_softlif.simulator.memory import State
from nengo_softlif.simulator.plan import Plan
from nengo_softlif.simulator.program import Program, Table
from nengo_softlif.simulator.signals import LiveSignals, Signals

__all__ = ["Execution"]

_UNLIMITED = 2**62  # steps


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
    live : LiveSignals
        The same for a user, who may write to them.
    rng : numpy.random.RandomState
        From which all that is random has taken its seed.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.model = plan.model
        self.state = State(plan.layout.memory)
        self.signals = Signals(plan, self.state)
        for op in plan.operators:
            op.init_signals(self.signals)
        self.live = LiveSignals(self.signals)
        self.rng = np.random.RandomState()
        self._python = set(plan.python)
        self._seeded = [op for op in plan.operators if op in self._python or hasattr(op, "process")]
        self._steps = {}
        self._tables = {}  # of programs
        self._learning = [op for op in plan.model.operators if isinstance(op, SimSTDP)]
        self._bind()
        self._step, self._time = self.signals[self.model.step], self.signals[self.model.time]

    @property
    def n_steps(self) -> int:
        """Number of steps since the start."""
        return self._step.item()

    @property
    def time(self) -> float:
        """Seconds since the start."""
        return self._time.item()

    def _bind(self):
        """Take over the programs of the plan, as far as they are others than the last ones."""
        plan = self.plan
        programs = [plan.hoisted_program, plan.recording, *plan.per_step]
        self._tables = {
            program: self._tables.get(program) or program.bind(self.state)
            for program in programs
            if isinstance(program, Program)
        }
        self._hoisted = self._tables[plan.hoisted_program]
        # tables to run, and operators whose steps are in Python
        parts = [self._tables.get(part, part) for part in plan.per_step]
        recording = self._tables[plan.recording]
        if parts and isinstance(parts[-1], Table):
            recorded = [*parts[:-1], parts[-1].followed_by(recording)]
        else:
            recorded = [*parts, recording]
        self._parts = {True: recorded, False: parts}  # with and without recording
        self._seen = None  # what the sources wrote when the hoisted program was last run

    def reset(self, seed: int) -> None:
        """Go back to the start.

        Parameters
        ----------
        seed : int
            Of all that is random.
        """
        kept = self.live.readonly_values()  # which a reset leaves alone, as in Nengo
        self.state.reset()
        self.live.put_back(kept)
        plan = self.plan
        for signal in self.signals if plan.python else self.live.known:
            self.signals.reset(signal)
        self.rng.seed(seed)  # a new generator takes ten times as long
        # Every process takes a seed from the generator, compiled or not, as in Nengo.
        self._steps = {}
        for op in self._seeded:
            if op in plan.layout.draws:
                rng = op.process.get_rng(self.rng)
                for address, make in plan.layout.draws[op]:
                    values = make(rng)
                    self.state.view(address, len(values))[...] = values
            elif op in self._python:
                self._make_step(op)
            elif op.process.seed is None:
                self.rng.randint(maxint)
        for op in plan.python:  # groups are none of the model's own operators
            if op not in self._steps:
                self._make_step(op)
        self._sources = [(op, self._steps[op], self.signals[op.sets[0]]) for op in plan.sources]
        self._seen = None

    def _make_step(self, op):
        """Make the step of an operator without kernels, which names its object if it fails."""
        try:
            step = op.make_step(self.signals, self.model.dt, self.rng)
        except Exception as error:
            note_origin(error, self.model, op)
            raise
        self._steps[op] = step

    def advance(self, n_steps: int, record: bool = True) -> None:
        """Run so many steps.

        Parameters
        ----------
        n_steps : int
        record : bool
            Whether to run what records, which has to be prepared.
        """
        self._take_over()
        if not self.plan.steps_in_python:
            while n_steps > 0:
                stretch = min(n_steps, self._hold())
                for part in self._parts[record]:
                    part.run(stretch)
                n_steps -= stretch
            return
        with np.errstate(invalid="raise", divide="ignore"):
            for _ in range(n_steps):
                self._step_with_python(record)

    def _take_over(self):
        """Let what was written to signals from outside have its effect."""
        self.live.notice()
        if self.live.is_changed:
            self.live.is_changed = False
            self.plan.relower(self.live.values)
            self.state.extend(self.plan.layout.memory)
            self._bind()
        elif self.live.has_hoisted:
            self._seen = None

    def _step_with_python(self, record):
        self._set_step(self._step.item() + 1)
        live, op = self.live, None  # the operator whose Python code runs
        try:
            for op, source, _ in self._sources:  # noqa: B007  (errors name it)
                source()
                if live.is_watched:
                    self._take_over()
            op = None
            self._run_hoisted()
            parts = self._parts[record]
            for index in range(len(parts)):
                part = parts[index]
                if isinstance(part, Table):
                    part.run(1)
                else:
                    op = part
                    self._steps[part]()
                    op = None
                    if live.is_watched:
                        self._take_over()
                        parts = self._parts[record]  # which may be others now
        except BaseException as error:
            self._note(error, op)
            # it did not come to its end, and was not recorded
            self._set_step(self._step.item() - 1)
            raise

    def _note(self, error, op):
        """Name the object whose Python code raised an error."""
        if op is not None and isinstance(error, Exception):
            note_origin(error, self.model, op, self.time)

    def _hold(self):
        """Set what depends on held sources only; returns for how many steps it stays so."""
        step = self._step.item()
        if self._sources:
            self._set_step(step + 1)
            op = None
            try:
                for op, source, _ in self._sources:  # noqa: B007  (errors name it)
                    source()
            except Exception as error:
                self._note(error, op)
                raise
            finally:
                self._set_step(step)
        self._run_hoisted()
        looks = self.plan.held.values()
        return min((look(step + 1) - step - 1 for look in looks), default=_UNLIMITED)

    def _run_hoisted(self):
        """Run what depends on sources, if they have written something else than the last time."""
        written = [output.tobytes() for _, _, output in self._sources]
        if written != self._seen:
            self._hoisted.run(1)
            self._seen = written

    def _set_step(self, step):
        self._step.fill(step)
        self._time.fill(step * self.model.dt)

    def check_numbers(self):
        """Raise an error if there is a NaN in the state, or weights that learn have run away.

        Raises
        ------
        nengo.exceptions.SimulationError
            Names the signal.
        """
        if isfinite(sum_of_squares(self.state.values)):
            return
        # the smallest, which is NaN if any of them is, without warnings that had to be turned off
        least = np.minimum.reduce(self.state.values, initial=np.inf)
        if self._learning:
            size = max(-least, np.maximum.reduce(self.state.values))
            if not size < np.sqrt(np.finfo(self.state.values.dtype).max):
                for op in self._learning:
                    op.check_weights(self.signals[op.weights], float(self.signals[self.model.time]))
        if not isnan(least):
            return
        for base, place in self.plan.layout.places.items():
            if np.isnan(self.state.view(place, base.size)).any():
                raise SimulationError(
                    f"{base} became NaN until t = {self.signals[self.model.time]:g} s: a value got "
                    "too large for the precision, or infinity was given as an input or a weight"
                )
