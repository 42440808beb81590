"""`nengo_softlif.Simulator`: a Nengo simulator whose steps are compiled."""

from __future__ import annotations

import time

import nengo
import numpy as np
import psutil
from nengo.builder import Model
from nengo.builder.signal import SignalDict
from nengo.cache import get_default_decoder_cache
from nengo.exceptions import SimulationError, SimulatorClosed
from nengo.rc import rc
from nengo.simulator import SimulationData
from nengo.utils.graphs import toposort
from nengo.utils.progress import Progress, ProgressTracker
from nengo.utils.simulator import operator_dependency_graph

from nengo_softlif.simulator.kernels import recording
from nengo_softlif.simulator.memory import State
from nengo_softlif.simulator.plan import Plan
from nengo_softlif.simulator.program import Instruction, Program, run
from nengo_softlif.simulator.rules.moving import move

__all__ = ["Simulator"]

_SECONDS = 0.1  # between chances to interrupt
_BUFFER = 2**26  # bytes of probed values that are recorded before they are handed over


class Simulator(nengo.Simulator):
    """A drop-in for `nengo.Simulator` that compiles the steps of a model.

    Parameters
    ----------
    network : nengo.Network or None
        To be built and simulated.
    dt : float
        Length of a step in seconds.
    seed : int, optional
        Of all that is random while running.
    model : nengo.builder.Model, optional
        To build into; or what to simulate, if there is no network.
    progress_bar : bool or nengo.utils.progress.ProgressBar
        Progress of building and running.
    optimize : bool
        Whether operators whose inputs don't change are left out of the steps.

    Attributes
    ----------
    data, signals, model, dg, dt, time, n_steps, closed, step_order
        As in `nengo.Simulator`.
    plan : Plan
        What is compiled, and what runs in Python.

    Raises
    ------
    nengo.exceptions.BuildError
        As `nengo.Simulator` does, if the network can't be built.

    Notes
    -----
    The model is built by Nengo itself; each operator becomes kernels that work on one array, or
    runs as Nengo's own Python step if there are none (the log says which). In double precision
    the voltages of neurons are those of `nengo.Simulator` but for rounding in sums.

    Examples
    --------
    >>> import nengo
    >>> with nengo.Network(seed=0) as net:
    ...     ens = nengo.Ensemble(100, dimensions=1)
    ...     nengo.Connection(nengo.Node(0.5), ens)
    ...     probe = nengo.Probe(ens, synapse=0.01)
    >>> with Simulator(net, progress_bar=False) as sim:
    ...     sim.run(0.1)
    >>> sim.data[probe].shape
    (100, 1)
    """

    def __init__(
        self, network, dt=0.001, seed=None, model=None, progress_bar=True, optimize=True
    ):
        self.closed = True  # until everything has gone well
        self.progress_bar = progress_bar
        self.optimize = optimize
        if model is None:
            model = Model(
                dt=float(dt),
                label=f"{network}, dt={dt:f}",
                decoder_cache=get_default_decoder_cache(),
            )
        self.model = model

        with ProgressTracker(progress_bar, Progress("Building", "Build")) as progress:
            if network is not None:
                self.model.build(network, progress=progress.next_stage("Building", "Build"))
            with progress.next_stage("Building (compiling)", "Compilation"):
                self._compile(optimize)

        self._sim_data = self.model.params
        self.data = SimulationData(self._sim_data)
        if seed is None:
            has_seed = network is not None and network.seed is not None
            seed = network.seed + 1 if has_seed else np.random.randint(2**31 - 1)
        self.closed = False
        self.reset(seed=seed)

    def _compile(self, optimize):
        self.dg = operator_dependency_graph(self.model.operators)
        self._step_order = [op for op in toposort(self.dg) if hasattr(op, "make_step")]
        self.plan = Plan(self.model, self._step_order, rc.float_dtype, hoist=optimize)
        layout = self.plan.layout
        instructions = []
        self._recorders = {}
        for probe in self.model.probes:
            signal = self.model.sig[probe]["in"]
            if signal not in layout:
                continue
            cells = layout.memory.counters(4)
            self._recorders[probe] = (cells, signal)
            instructions += _record(signal, cells, layout)
        self.plan.compile(instructions)
        self._state = State(layout.memory)
        self.signals = Signals(self.plan, self._state)
        for op in self.model.operators:
            op.init_signals(self.signals)
        self._slow = self.plan.slow.bind(self._state)
        self._n_operators = len(self.model.operators)

    def reset(self, seed=None):
        """Set the simulation back to its start.

        Parameters
        ----------
        seed : int, optional
            Of all that is random while running; the last one by default.
        """
        if self.closed:
            raise SimulatorClosed("Cannot reset closed Simulator.")
        if seed is not None:
            self.seed = seed
        self._state.reset()
        for signal in self.signals:
            self.signals.reset(signal)
        self.rng = np.random.RandomState(self.seed)
        # Every process takes a seed from the generator, compiled or not, as in Nengo.
        python = set(self.plan.python)
        steps = {}
        for op in self._step_order:
            if op in python:
                steps[op] = op.make_step(self.signals, self.dt, self.rng)
            elif hasattr(op, "process"):
                op.process.get_rng(self.rng)
        self._sources = [(steps[op], self.signals[op.sets[0]]) for op in self.plan.sources]
        self._parts = [
            part.bind(self._state) if isinstance(part, Program) else steps[part]
            for part in self.plan.fast
        ]
        self._seen = None  # what the sources wrote last
        self._pace = 1
        self.clear_probes()
        self._probe_step_time()

    def step(self):
        """Advance by one step of ``dt``."""
        self.run_steps(1, progress_bar=False)

    def run_steps(self, steps, progress_bar=None):
        """Advance by so many steps of ``dt``.

        Parameters
        ----------
        steps : int
        progress_bar : bool or nengo.utils.progress.ProgressBar, optional
            That of the constructor by default.

        Raises
        ------
        nengo.exceptions.SimulatorClosed
            If the simulator is closed.
        nengo.exceptions.SimulationError
            If what the probes record would not fit into memory, a node returns something else
            than finite numbers, or operators were added to the model since it was compiled.
        """
        self._check(steps)
        if progress_bar is None:
            progress_bar = self.progress_bar
        with ProgressTracker(progress_bar, Progress("Simulating", "Simulation", steps)) as progress:
            done = 0
            while done < steps:
                # in pieces, so that Ctrl-C is heard and buffers stay small
                piece = min(self._pace, steps - done)
                start = time.perf_counter()
                self._advance(piece)
                seconds = max(time.perf_counter() - start, 1e-7)
                self._pace = self._next_pace(piece, seconds)
                done += piece
                progress.total_progress.step(piece)

    def _next_pace(self, piece, seconds):
        width = sum(signal.size for _, signal in self._recorders.values())
        most = max(1, _BUFFER // max(1, width * self._state.values.itemsize))
        return int(np.clip(_SECONDS / seconds * piece, 1, min(most, 10 * piece)))

    def _check(self, steps):
        if self.closed:
            raise SimulatorClosed("Simulator cannot run because it is closed.")
        if len(self.model.operators) != self._n_operators:
            raise SimulationError(
                f"the model has {len(self.model.operators)} operators, but had "
                f"{self._n_operators} when it was compiled; build a new Simulator with it"
            )
        itemsize = self._state.values.itemsize
        needed = sum(
            signal.size * itemsize * len(self._sampled(probe, steps))
            for probe, (_, signal) in self._recorders.items()
            if signal.size * itemsize * steps > _BUFFER
        )
        available = psutil.virtual_memory().available
        if needed > available:
            raise SimulationError(
                f"the probes would record {needed / 2**30:.1f} GiB in {steps} steps, and "
                f"{available / 2**30:.1f} GiB of memory are available; give them `sample_every`, "
                "or run in pieces with `clear_probes` in between"
            )

    def _sampled(self, probe, steps):
        """Which of the next steps a probe records."""
        steps = np.arange(self.n_steps, self.n_steps + steps) + 1
        if probe.sample_every is None:
            return steps
        return steps[steps % (probe.sample_every / self.dt) < 1]

    def _advance(self, n):
        buffers = {probe: self._open(probe, n) for probe in self._recorders}
        old = np.seterr(invalid="raise", divide="ignore")
        try:
            if self._is_compiled:
                if self._seen is None:
                    run(self._slow, 1)
                    self._seen = []
                run(self._parts[0], n)
            else:
                for _ in range(n):
                    self._step_with_python()
        finally:
            np.seterr(**old)
            for probe, (buffer, _) in buffers.items():
                self._close(probe, buffer)
            self._probe_step_time()
        self._check_numbers()

    @property
    def _is_compiled(self):
        has_python = self.plan.python or len(self._recorders) < len(self.model.probes)
        return not has_python

    def _step_with_python(self):
        self.signals[self.model.step][...] += 1
        self.signals[self.model.time][...] = self.signals[self.model.step] * self.dt
        for step, _ in self._sources:
            step()
        written = [output.copy() for _, output in self._sources]
        if self._seen is None or not all(map(np.array_equal, written, self._seen)):
            run(self._slow, 1)
            self._seen = written
        for part in self._parts:
            if callable(part):
                part()
            else:
                run(part, 1)
        for probe in self.model.probes:
            if probe not in self._recorders and len(self._sampled(probe, 0)):
                self._sim_data[probe].append(self.signals[self.model.sig[probe]["in"]].copy())

    def _open(self, probe, n):
        """Give a recorder room for so many steps."""
        cells, signal = self._recorders[probe]
        sampled = self._sampled(probe, n)
        buffer = np.empty((len(sampled), signal.size), self._state.values.dtype)
        flags = np.zeros(n, np.int64)
        flags[sampled - self.n_steps - 1] = 1
        values = self._state.view(cells, 4)
        values[:] = (buffer.ctypes.data, 0, 0, flags.ctypes.data)
        return buffer, flags

    def _close(self, probe, buffer):
        """Hand over what a recorder has written."""
        cells, signal = self._recorders[probe]
        rows = self._state.view(cells, 4)[2]
        self._sim_data[probe].extend(buffer[:rows].reshape(-1, *signal.shape))

    def _check_numbers(self):
        values = self._state.values
        with np.errstate(all="ignore"):
            if np.isfinite(values.sum()) or not np.isnan(values).any():
                return
        for base, place in self.plan.layout.places.items():
            if np.isnan(self._state.view(place, base.size)).any():
                raise SimulationError(
                    f"{base} became NaN until t = {self.time:g} s: a value got too large for the "
                    "precision, or infinity was given as an input or a weight"
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
            array = base.reshape(signal.shape)
        if signal.readonly:
            array.setflags(write=False)
        dict.__setitem__(self, signal, array)

    def __getitem__(self, signal):
        """The array of a signal, or of a view on one."""
        if signal not in self and signal.base in self.plan.layout.places:
            self.init(signal)
        return super().__getitem__(signal)


def _record(signal, cells, layout):
    """Instructions that record a signal, whose elements need not be next to each other."""
    address, instructions = layout.address(signal), []
    if address is None:
        address = layout.room(signal.size)
        positions = layout.positions(signal).ravel()
        instructions = move(
            layout.base(signal.base),
            address,
            positions,
            np.arange(signal.size),
            layout,
            add=False,
        )
    return [*instructions, Instruction(recording.record, (address, signal.size, cells))]
