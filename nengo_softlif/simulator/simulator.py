"""`nengo_softlif.Simulator`: a Nengo simulator whose steps are compiled."""

from __future__ import annotations

import time
import warnings
from numbers import Integral

import nengo
import numpy as np
from nengo.builder import Model
from nengo.cache import get_default_decoder_cache
from nengo.exceptions import SimulationError, SimulatorClosed, ValidationError
from nengo.rc import rc
from nengo.simulator import SimulationData
from nengo.utils.progress import Progress, ProgressTracker

from nengo_softlif.errors import BackendError
from nengo_softlif.simulator.batches import Batch, LastUsed, checked_items, checked_probes
from nengo_softlif.simulator.execution import Execution
from nengo_softlif.simulator.interruption import uninterrupted
from nengo_softlif.simulator.plan import Plan, in_order
from nengo_softlif.simulator.recording import Recorder, check_memory

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
    ...     _ = nengo.Connection(nengo.Node(0.5), ens)
    ...     probe = nengo.Probe(ens, synapse=0.01)
    >>> with Simulator(net, progress_bar=False) as sim:
    ...     sim.run(0.1)
    >>> sim.data[probe].shape
    (100, 1)
    """

    def __init__(self, network, dt=0.001, seed=None, model=None, progress_bar=True, optimize=True):
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

        self._batch = LastUsed()
        self._sim_data = self.model.params
        self.data = SimulationData(self._sim_data)
        if seed is None:
            has_seed = network is not None and network.seed is not None
            # from the global generator, as in Nengo, whose users seed it
            seed = network.seed + 1 if has_seed else np.random.randint(2**31 - 1)  # noqa: NPY002
        self.closed = False
        self.reset(seed=seed)

    def __setstate__(self, state):
        super().__setstate__(state)
        if not self.closed:
            self._probe_step_time()  # the number of steps decides what probes sample

    def _compile(self, optimize):
        self._step_order, self.dg = in_order(self.model)
        # kernels know single and double precision; half precision runs in Python
        dtype = np.promote_types(rc.float_dtype, np.float32)
        self.plan = Plan(self.model, self._step_order, dtype, hoist=optimize)
        layout = self.plan.layout
        self._recorders = {}
        self._by_hand = {}  # probes of what kernels don't know: sparse weights, half precision
        instructions = []
        for probe in self.model.probes:
            signal = self.model.sig[probe]["in"]
            if signal not in layout:
                self._by_hand[probe] = signal
                continue
            self._recorders[probe] = Recorder(signal, layout)
            instructions += self._recorders[probe].instructions
        self.plan.compile(last=instructions)
        self._execution = Execution(self.plan)
        self.signals = self._execution.signals
        self._n_operators = len(self.model.operators)
        self._n_objects = _n_objects(self.model.toplevel)

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
        self._execution.reset(self.seed)
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
        if not isinstance(steps, Integral) or steps < 0:
            raise ValidationError(
                f"must be a whole number of 0 or more (got {steps!r})", attr="steps", obj=self
            )
        self._check(steps)
        if progress_bar is None:
            progress_bar = self.progress_bar
        with ProgressTracker(progress_bar, Progress("Simulating", "Simulation", steps)) as progress:
            done = 0
            while done < steps:
                # in pieces, so that Ctrl-C is heard and buffers stay small
                piece = min(self._pace, steps - done)
                start = time.perf_counter()
                with uninterrupted():
                    self._advance(piece)
                seconds = max(time.perf_counter() - start, 1e-7)
                self._pace = self._next_pace(piece, seconds)
                done += piece
                progress.total_progress.step(piece)

    def _next_pace(self, piece, seconds):
        if self._by_hand:
            return 1
        width = sum(recorder.row_bytes for recorder in self._recorders.values())
        most = max(1, _BUFFER // max(1, width))
        return int(np.clip(_SECONDS / seconds * piece, 1, min(most, 10 * piece)))

    def run_batch(self, inputs, n_steps, *, summed=(), threads=None):
        """Run many items from the initial state, on all cores.

        Each item has a state of its own; what `run` has done is neither used nor changed. Memory
        grows with the number of threads, and with what is kept.

        Parameters
        ----------
        inputs : dict of nengo.Node to array_like
            What nodes put out instead of their own output: (n_items, size) if it is the same in
            every step, (n_items, n_steps, size) if not.
        n_steps : int
        summed : collection of nengo.Probe
            Probes of which only the sum over all steps is kept.
        threads : int, optional
            Items that run at the same time; as many as there are cores by default. The result
            does not depend on it.

        Returns
        -------
        values : dict of nengo.Probe to ndarray
            Of every probe (n_items, n_steps, size); (n_items, 1, size) if it is summed.

        Raises
        ------
        BackendError
            If inputs or options don't fit the model, or an input is not a finite number.
        nengo.exceptions.SimulationError
            If the result would not fit into memory, or something became NaN.

        Examples
        --------
        >>> import nengo
        >>> with nengo.Network(seed=0) as net:
        ...     node = nengo.Node([0])
        ...     ens = nengo.Ensemble(50, dimensions=1)
        ...     _ = nengo.Connection(node, ens)
        ...     probe = nengo.Probe(ens.neurons)
        >>> with Simulator(net, progress_bar=False) as sim:
        ...     spikes = sim.run_batch({node: [[0.5], [-0.5]]}, 100, summed=[probe])
        >>> spikes[probe].shape
        (2, 1, 50)
        """
        self._check(0)
        sig = self.model.sig
        items, played = checked_items(lambda node: sig.get(node, {}).get("out"), inputs, n_steps)
        summed = checked_probes(summed, self._recorders)
        if self._by_hand:
            raise BackendError(
                f"run_batch can't keep what {next(iter(self._by_hand))} probes, sparse weights or "
                "half precision; build the simulator without it"
            )
        key = (frozenset(items), frozenset(played), frozenset(summed), threads, self.seed)
        batch = self._batch.get(
            key,
            lambda: Batch(
                self.model,
                self._step_order,
                {node: sig[node]["out"] for node in items},
                {probe: sig[probe]["in"] for probe in self.model.probes},
                self._execution.state.values.dtype,
                summed=summed,
                played=played,
                threads=threads,
                seed=self.seed,
            ),
        )
        return batch.run(items, n_steps)

    def close(self):
        """Free the simulation; nothing can be run any more, data stay."""
        self._batch.close()
        super().close()

    def _check(self, steps):
        if self.closed:
            raise SimulatorClosed("Simulator cannot run because it is closed.")
        if len(self.model.operators) != self._n_operators:
            raise SimulationError(
                f"the model has {len(self.model.operators)} operators, but had "
                f"{self._n_operators} when it was compiled; build a new Simulator with it"
            )
        if steps != 1 and _n_objects(self.model.toplevel) != self._n_objects:
            warnings.warn(
                f"{self.model.toplevel} has {_n_objects(self.model.toplevel)} objects, but had "
                f"{self._n_objects} when it was built; what was added or removed since has no "
                "effect on this simulator",
                stacklevel=3,
            )
        needed = sum(
            recorder.row_bytes * steps / max(1, (probe.sample_every or 0) / self.dt)
            for probe, recorder in self._recorders.items()
            if recorder.row_bytes * steps > _BUFFER
        )
        check_memory(needed, f"what the probes record in {steps} steps", "give them `sample_every`")

    def _sampled(self, probe, steps):
        """Which of the next steps a probe records, counted from 1 at the start."""
        numbers = np.arange(self.n_steps + 1, self.n_steps + steps + 1)
        if probe.sample_every is None:
            return numbers
        return numbers[numbers % (probe.sample_every / self.dt) < 1]

    def _advance(self, n):
        state, done = self._execution.state, self.n_steps
        recorded = {
            probe: recorder.start(state, n, self._sampled(probe, n) - done - 1)
            for probe, recorder in self._recorders.items()
        }
        try:
            self._execution.advance(n)
        finally:
            for probe, values in recorded.items():
                self._sim_data[probe].extend(values())
            for probe, signal in self._by_hand.items():
                if len(self._sampled(probe, n)):
                    self._sim_data[probe].append(self.signals[signal].copy())
            self._probe_step_time()
        self._execution.check_numbers()


def _n_objects(network):
    return 0 if network is None else len(network.all_objects)
