"""`nengo_softlif.Simulator`: a Nengo simulator whose steps are compiled."""

from __future__ import annotations

import time

import nengo
import numpy as np
from nengo.builder import Model
from nengo.cache import get_default_decoder_cache
from nengo.exceptions import SimulationError, SimulatorClosed
from nengo.rc import rc
from nengo.simulator import SimulationData
from nengo.utils.progress import Progress, ProgressTracker

from nengo_softlif.errors import BackendError
from nengo_softlif.simulator import checks
from nengo_softlif.simulator.batches import Batch, LastUsed
from nengo_softlif.simulator.execution import Execution
from nengo_softlif.simulator.interruption import Alone, Uninterrupted
from nengo_softlif.simulator.plan import Plan, in_order
from nengo_softlif.simulator.recording import Recorder, check_memory
from nengo_softlif.simulator.sampling import sampled_steps
from nengo_softlif.simulator.signals import bits_of
from nengo_softlif.validation import check_bool

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
        Whether operators whose inputs don't change are left out of the steps, and neurons without
        a kernel are stepped together if their types are equal.

    Attributes
    ----------
    data, signals, model, dg, dt, time, n_steps, closed, step_order, rng, seed
        As in `nengo.Simulator`. What is written to signals has its effect from the next step on.
    plan : Plan
        What is compiled, and what runs in Python.

    Raises
    ------
    nengo.exceptions.BuildError
        As `nengo.Simulator` does, if the network can't be built, or is no `nengo.Network`.
    nengo.exceptions.ValidationError
        If ``dt`` is no time greater than 0.

    Notes
    -----
    The model is built by Nengo itself; each operator becomes kernels that work on one array, or
    runs as Nengo's own Python step if there are none (the log says which). In double precision
    the voltages of neurons are those of `nengo.Simulator` except for rounding in sums.

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
        checks.checked_network(network)
        check_bool("optimize", optimize)
        dt = checks.checked_dt(dt, self)
        self.progress_bar = progress_bar
        self.optimize = optimize
        if model is None:
            cache = get_default_decoder_cache()
            model = Model(dt=dt, label=f"{network}, dt={dt:f}", decoder_cache=cache)
        self.model = model

        with ProgressTracker(progress_bar, Progress("Building", "Build")) as progress:
            if network is not None:
                self.model.build(network, progress=progress.next_stage("Building", "Build"))
            with progress.next_stage("Building (compiling)", "Compilation"):
                self._compile(optimize)

        self._batch = LastUsed()
        self._alone = Alone(self)
        self._sim_data = self.model.params
        self.data = SimulationData(self._sim_data)
        if seed is None:
            has_seed = network is not None and network.seed is not None
            # from the global generator, as in Nengo, whose users seed it
            seed = network.seed + 1 if has_seed else np.random.randint(2**31 - 1)  # noqa: NPY002
        self.closed = False
        self.reset(seed=seed)

    def __repr__(self):
        if self.closed:
            return f"<{type(self).__name__}, closed>"
        return f"<{type(self).__name__} of {self.model.toplevel} at {self.time:g} s>"

    def __getstate__(self):
        # straight from the execution, so that nothing counts as asked for by a user
        signals = {} if self.closed else self._execution.signals
        return {
            "model": self.model,
            "signals": {signal: a for signal, a in signals.items() if not signal.readonly},
            "constants": {} if self.closed else self._execution.live.readonly_values(),
            "probe_outputs": {probe: self._sim_data[probe] for probe in self.model.probes},
            "dt": self.dt,
            "seed": self.seed,
            "progress_bar": self.progress_bar,
            "optimize": self.optimize,
            "closed": self.closed,
        }

    def __setstate__(self, state):
        self.__init__(
            network=None,
            model=state["model"],
            dt=state["dt"],
            seed=state["seed"],
            progress_bar=state["progress_bar"],
            optimize=state["optimize"],
        )
        for probe, values in state["probe_outputs"].items():
            self._sim_data[probe].extend(values)
        if state["closed"]:
            self.close()
            return
        self._execution.live.put_back({**state["signals"], **state["constants"]})
        self._probe_step_time()  # the number of steps decides what probes sample

    def _compile(self, optimize):
        self._step_order, self.dg = in_order(self.model)
        # kernels know single and double precision; half precision runs in Python
        dtype = np.promote_types(rc.float_dtype, np.float32)
        self.plan = Plan(self.model, self._step_order, dtype, optimize=optimize)
        layout = self.plan.layout
        self._probed = {probe: self.model.sig[probe]["in"] for probe in self.model.probes}
        # kernels don't know sparse weights and half precision
        self._recorders = {p: Recorder(s, layout) for p, s in self._probed.items() if s in layout}
        self.plan.compile(last=[i for r in self._recorders.values() for i in r.instructions])
        self._execution = Execution(self.plan)
        self.signals = self._execution.live
        self._n_operators = len(self.model.operators)
        self._n_objects = checks.n_objects(self.model.toplevel)

    def reset(self, seed=None):
        """Set the simulation back to its start.

        What was written to read-only signals, such as encoders and biases, stays, as in Nengo.

        Parameters
        ----------
        seed : int, optional
            Of all that is random while running; the last one by default.
        """
        if self.closed:
            raise SimulatorClosed("Cannot reset closed Simulator.")
        if seed is not None:
            self.seed = seed
        with self._alone:
            self._execution.reset(self.seed)
            self.rng = self._execution.rng
            self._pace = 1
            self.clear_probes()
            self._probe_step_time()

    def step(self):
        """Advance by one step of ``dt``."""
        self._check(1)
        with self._alone, Uninterrupted():
            self._advance(1)

    def run(self, time_in_seconds, progress_bar=None):
        """Advance by some time, rounded to whole steps of ``dt``.

        Parameters
        ----------
        time_in_seconds : float
        progress_bar : bool or nengo.utils.progress.ProgressBar, optional
            That of the constructor by default.
        """
        super().run(checks.checked_time(time_in_seconds, self), progress_bar=progress_bar)

    def run_steps(self, steps, progress_bar=None):
        """Advance by so many steps of ``dt``.

        A subclass with a `step` of its own has it called once for every step.

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
            than finite numbers, operators were added to the model since it was compiled, or
            another thread is running the simulator. Python code of the network may raise anything;
            a note names the node and the time.
        """
        steps = checks.checked_steps(steps, self)
        self._check(steps)
        if type(self).step is not Simulator.step:
            super().run_steps(steps, progress_bar=progress_bar)
            return
        if progress_bar is None:
            progress_bar = self.progress_bar
        progress = Progress("Simulating", "Simulation", steps)
        with self._alone, ProgressTracker(progress_bar, progress):
            done = 0
            while done < steps:
                # in chunks, so that Ctrl-C is heard and buffers stay small
                chunk = min(self._pace, steps - done)
                start = time.perf_counter()
                with Uninterrupted():
                    self._advance(chunk)
                done += chunk
                if steps > 1:
                    self._pace = self._next_pace(chunk, time.perf_counter() - start)
                progress.step(chunk)

    def _next_pace(self, chunk, seconds):
        if len(self._recorders) < len(self._probed):
            return 1
        width = sum(recorder.row_bytes for recorder in self._recorders.values())
        most = max(1, _BUFFER // max(1, width))
        return max(1, int(min(_SECONDS / max(seconds, 1e-7) * chunk, most, 10 * chunk)))

    def run_batch(self, inputs, n_steps, *, accumulated=(), threads=None):
        """Run many samples from the initial state, on all cores.

        Each sample gives what a run after a `reset` would, with a state of its own; what `run` has
        done is neither used nor changed. Memory grows with the number of threads, and with what is
        kept.

        Parameters
        ----------
        inputs : dict of nengo.Node to array_like
            What nodes put out instead of their own output: (n_samples, size) if it is the same in
            every step, (n_samples, n_steps, size) if not.
        n_steps : int
        accumulated : collection of nengo.Probe
            Probes of which only the sum over time is kept.
        threads : int, optional
            Samples that run at the same time; as many as there are cores by default. The result
            does not depend on it.

        Returns
        -------
        values : dict of nengo.Probe to ndarray
            Of every probe (n_samples, n_steps, size), or less steps if it has a ``sample_every``;
            (n_samples, 1, size) if it is accumulated.

        Raises
        ------
        ParameterError
            If inputs or options don't fit the model, or an input is not a finite number.
        BackendError
            If an input is beyond the precision, or a probe is of sparse weights.
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
        ...     spikes = sim.run_batch({node: [[0.5], [-0.5]]}, 100, accumulated=[probe])
        >>> spikes[probe].shape
        (2, 1, 50)
        """
        self._check(0)
        sig = self.model.sig
        samples, time_varying = checks.checked_samples(
            lambda node: sig.get(node, {}).get("out"), inputs, n_steps
        )
        accumulated = checks.checked_probes(accumulated, self._probed)
        for probe in self._probed:
            if probe not in self._recorders:
                raise BackendError(
                    f"run_batch can't keep what {probe} probes, sparse weights or half precision; "
                    "build the simulator without it"
                )
        values = self._execution.live.readonly_values()
        key = (
            *map(frozenset, (samples, time_varying, accumulated)),
            threads,
            self.seed,
            {signal: bits_of(value) for signal, value in values.items()},
        )

        def make():
            return Batch(
                self.model,
                self._step_order,
                {node: sig[node]["out"] for node in samples},
                self._probed,
                self._execution.state.values.dtype,
                accumulated=accumulated,
                sample_every={probe: probe.sample_every for probe in self._probed},
                time_varying=time_varying,
                threads=threads,
                seed=self.seed,
                optimize=self.optimize,
                values=values,
            )

        with self._batch.using(key, make) as batch:
            return batch.run(samples, n_steps)

    def close(self):
        """Free the simulation; nothing can be run any more, data stay."""
        self._batch.forget()
        super().close()

    def _check(self, steps):
        if self.closed:
            raise SimulatorClosed("Simulator cannot run because it is closed.")
        if len(self.model.operators) != self._n_operators:
            raise SimulationError(
                f"the model has {len(self.model.operators)} operators, but had "
                f"{self._n_operators} when it was compiled; build a new Simulator with it"
            )
        if steps == 1:
            return
        checks.warn_of_changes(self.model.toplevel, self._n_objects)
        needed = sum(
            recorder.row_bytes * steps / max(1, (probe.sample_every or 0) / self.dt)
            for probe, recorder in self._recorders.items()
            if recorder.row_bytes * steps > _BUFFER
        )
        check_memory(needed, f"what the probes record in {steps} steps", "give them `sample_every`")

    def _probe_step_time(self):
        self._n_steps, self._time = self._execution.n_steps, self._execution.time

    def _advance(self, n):
        if n == 1:
            self._advance_one()
        else:
            self._advance_many(n)
        self._execution.check_numbers()

    def _advance_one(self):
        execution = self._execution
        execution.advance(1, record=False)
        self._probe_step_time()
        for probe, signal in self._probed.items():
            every = probe.sample_every
            if every is None or len(sampled_steps(every, self.dt, self._n_steps - 1, 1)):
                self._sim_data[probe].append(execution.signals[signal].copy())

    def _advance_many(self, n):
        state, done = self._execution.state, self.n_steps
        recorded = {
            probe: recorder.start(state, n, sampled_steps(probe.sample_every, self.dt, done, n))
            for probe, recorder in self._recorders.items()
        }
        try:
            self._execution.advance(n)
        finally:
            for probe, values in recorded.items():
                self._sim_data[probe].extend(values())
            self._probe_step_time()
