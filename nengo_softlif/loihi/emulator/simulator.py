"""NengoLoihi's simulator on the compiled emulator."""

import warnings

import nengo_loihi
import numpy as np
import scipy.sparse
from nengo.exceptions import BuildError, SimulatorClosed, ValidationError
from nengo.transforms import SparseMatrix
from nengo.utils.progress import Progress, ProgressTracker

from nengo_softlif.loihi.emulator.batches import ChipBatch
from nengo_softlif.loihi.emulator.chip import CompiledEmulator
from nengo_softlif.loihi.emulator.runner import Runner
from nengo_softlif.simulator.batches import LastUsed
from nengo_softlif.simulator.checks import (
    checked_network,
    checked_probes,
    checked_samples,
    checked_steps,
    checked_time,
)
from nengo_softlif.simulator.faults import note_step
from nengo_softlif.simulator.interruption import Alone
from nengo_softlif.simulator.recording import check_memory
from nengo_softlif.simulator.sampling import sampled_steps
from nengo_softlif.validation import is_number

__all__ = ["Simulator"]


class Simulator(nengo_loihi.Simulator):
    """Simulate a network as Loihi would, with compiled, event-driven steps.

    A drop-in replacement for `nengo_loihi.Simulator` with ``target="sim"`` or ``"simreal"``.
    NengoLoihi builds, splits and discretizes the network; spikes, currents and voltages of every
    compartment are then the same as in its own emulator, to the last bit, in every step.

    Parameters
    ----------
    network : nengo.Network
    dt : float, optional
        Length of a step, in seconds.
    seed : int, optional
        Of noise and stochastic rounding. By default the seed of the network plus one.
    model : nengo_loihi.builder.Model, optional
        To build into.
    precompute : bool, optional
        Whether the host's part that needs nothing from the chip runs ahead of it. By default it
        does wherever nothing else depends on the chip.
    target : str, optional
        "sim" (the default) for integers as on the chip, "simreal" for float32 without
        discretization.
    progress_bar : bool or nengo.utils.progress.ProgressBar, optional
        Whether, or how, to show the progress of a run.
    remove_passthrough : bool, optional
        Whether to merge passthrough nodes into connections.
    hardware_options : dict, optional
        For the chip; ignored.

    Raises
    ------
    nengo.exceptions.ValidationError
        If the target is neither "sim" nor "simreal", or ``dt`` is no time.
    nengo.exceptions.BuildError
        If there is a NaN among the weights, gains or biases, NengoLoihi can't build the network,
        or it is no `nengo.Network`.

    Examples
    --------
    >>> with nsl.loihi.Simulator(net, seed=1) as sim:  # doctest: +SKIP
    ...     sim.run(0.2)
    ...     first = sim.data[probe].copy()
    ...     sim.reset()
    """

    def __init__(
        self,
        network,
        dt=0.001,
        seed=None,
        model=None,
        precompute=None,
        target="sim",
        progress_bar=None,
        remove_passthrough=True,
        hardware_options=None,
    ):
        self.closed = True  # for `__del__`, should the next line fail
        target = "sim" if target is None else target
        if target not in ("sim", "simreal"):
            raise ValidationError(
                f"Must be 'sim' or 'simreal' (got {target!r}), the targets that are emulated. "
                "To run on the chip use nengo_loihi.Simulator(network, target='loihi').",
                attr="target",
                obj=self,
            )
        checked_network(network)
        if not is_number(dt) or dt <= 0:
            raise ValidationError(
                f"must be a time in seconds greater than 0 (got {dt!r})", attr="dt", obj=self
            )
        self._batch = LastUsed()
        self._alone = Alone(self)
        if network is not None:
            _refuse_nan(network)
        super().__init__(
            network,
            dt=dt,
            seed=seed,
            model=model,
            precompute=precompute,
            target=target,
            remove_passthrough=remove_passthrough,
            hardware_options=hardware_options,
        )
        self.progress_bar = progress_bar
        try:
            self.timers.start("compile")
            seed = self.sims["emulator"].seed
            self.sims["emulator"] = CompiledEmulator(self.model, seed=seed)
            self._runner = Runner(self.model, self.sims, self.precompute, self.timers)
            self.timers.stop("compile")
        except BaseException:
            self.close()
            raise

    def __repr__(self):
        if self.closed:
            return f"<{type(self).__name__} for Loihi, closed>"
        return f"<{type(self).__name__} for Loihi of {self.model.toplevel} at {self.time:g} s>"

    def run(self, time_in_seconds, progress_bar=None):
        """Simulate for some time, rounded to whole steps.

        Parameters
        ----------
        time_in_seconds : float
        progress_bar : bool or nengo.utils.progress.ProgressBar, optional
            By default that of the simulator.
        """
        time_in_seconds = checked_time(time_in_seconds, self)
        steps = int(np.round(time_in_seconds / self.dt))
        if steps == 0:
            warnings.warn(
                f"A run of {time_in_seconds:g} s is one of 0 timesteps with dt={self.dt:g} s: "
                f"nothing happens, the time is still {self.time:g} s.",
                stacklevel=2,
            )
            return
        self.run_steps(steps, progress_bar=progress_bar)

    def run_steps(self, steps, progress_bar=None):
        """Simulate some steps.

        If the run is interrupted, or fails, ``n_steps`` says how many steps all parts of the
        model have done by then, and the next run goes on from there. Probes of parts that were
        ahead, such as neurons on the host that don't depend on the chip, have recorded more.

        Parameters
        ----------
        steps : int
        progress_bar : bool or nengo.utils.progress.ProgressBar, optional
            By default that of the simulator.

        Raises
        ------
        nengo.exceptions.SimulatorClosed
            If the simulator is closed.
        nengo.exceptions.SimulationError
            If what the probes record would not fit into memory; if another thread is running the
            simulator; or if numbers on the chip
            overflow while `CompiledEmulator.strict` is set, else there is a warning.
        """
        if self.closed:
            raise SimulatorClosed("Simulator cannot run because it is closed.")
        steps = checked_steps(steps, self)
        if steps == 0:
            return  # of which there is no progress to show
        emulator = self.sims["emulator"]
        check_memory(
            8 * steps * emulator.recorder.numbers_a_step,
            f"what is recorded on the chip in {steps} steps",
            "probe fewer neurons, or run fewer steps at a time and call clear_probes() in between",
        )
        progress_bar = self.progress_bar if progress_bar is None else progress_bar
        progress = Progress("Simulating", "Simulation", steps * self._runner.n_parts)
        with self._alone, ProgressTracker(progress_bar, progress):
            start = emulator.t
            try:
                self._runner.advance(self._n_steps + steps, progress.step)
            except Exception as error:  # of a node's function
                note_step(error)
                raise
            finally:
                self._n_steps = self._runner.n_steps
                if emulator.t > start:
                    self._probe_chip(start)

    def _probe_chip(self, start):
        """Take over what was recorded on the chip since a step, as far as probes sample it."""
        self._probe_step_time()
        for probe in self.model.nengo_probes:
            if probe not in self.model.chip2host_params:
                loihi_probe = self.model.objs[probe]["out"]
                values = self.sims["emulator"].collect_probe_output(loihi_probe)
                sampled = sampled_steps(probe.sample_every, self.dt, start, len(values))
                self._probe_outputs[probe].extend(values[step] for step in sampled)

    def run_batch(self, inputs, n_steps, *, accumulated=(), threads=None, progress_bar=None):
        """Run many samples from the initial state, on all cores.

        Each sample has a state of its own; what `run` has done is neither used nor changed. Each
        gives what a run after a `reset` would, on the chip to the last bit. The host's part is
        compiled too, as by `nengo_softlif.Simulator` in double precision. Memory grows with the
        number of threads, and with what is kept.

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
        progress_bar : bool or nengo.utils.progress.ProgressBar, optional
            By default that of the simulator.

        Returns
        -------
        values : dict of nengo.Probe to ndarray
            Of every probe (n_samples, n_steps, size), or less steps if it has a ``sample_every``;
            (n_samples, 1, size) if it is accumulated.

        Raises
        ------
        nengo.exceptions.SimulatorClosed
            If the simulator is closed.
        BackendError
            If inputs or options don't fit the model; if host and chip wait for each other in
            every step, as they do if connections learn.
        nengo.exceptions.SimulationError
            If the result would not fit into memory.

        Examples
        --------
        >>> with nsl.loihi.Simulator(net) as sim:  # doctest: +SKIP
        ...     counts = sim.run_batch({net.input: images}, 100, accumulated=[probe])[probe]
        """
        if self.closed:
            raise SimulatorClosed("Simulator cannot run because it is closed.")
        samples, time_varying = checked_samples(self._output_of, inputs, n_steps)
        accumulated = frozenset(
            checked_probes(accumulated, self.model.nengo_probes + self._host_probes())
        )
        key = (frozenset(samples), frozenset(time_varying), accumulated, threads)
        n_samples = len(next(iter(samples.values())))
        progress_bar = self.progress_bar if progress_bar is None else progress_bar
        progress = Progress("Simulating", "Simulation", n_samples)
        with (
            ProgressTracker(progress_bar, progress),
            self._batch.using(
                key, lambda: ChipBatch(self, list(samples), time_varying, accumulated, threads)
            ) as batch,
        ):
            return batch.run(samples, n_steps, progress.step)

    def _host_probes(self):
        """Probes of the parts of the model on the host."""
        return [probe for part in (self.model.host_pre, self.model.host) for probe in part.probes]

    def _output_of(self, node):
        """The signal that a node on the host puts out, ahead of the chip or behind it."""
        parts = (self.model.host_pre.sig, self.model.host.sig)
        found = [sig[node]["out"] for sig in parts if sig.get(node, {}).get("out") is not None]
        return found[0] if found else None

    def close(self):
        """Free the simulation; nothing can be run any more, data stay."""
        self._batch.forget()
        super().close()

    def step(self):
        """Advance by one step."""
        self.run_steps(1, progress_bar=False)

    def reset(self, seed=None):
        """Go back to time zero without building the model again.

        The next run gives the same data as the first, to the last bit; weights that were learned
        are forgotten.

        Parameters
        ----------
        seed : int, optional
            New seed of the random numbers of the simulation. By default they are the same again.

        Raises
        ------
        nengo.exceptions.SimulatorClosed
            If the simulator is closed.
        """
        if self.closed:
            raise SimulatorClosed("Cannot reset closed Simulator.")
        self._batch.forget()  # which has the old seed
        for sim in self.sims.values():
            sim.reset(seed)
        self._n_steps = 0
        self.clear_probes()
        self._probe_step_time()
        # the step functions of the host, with their queues, are new
        self._runner = Runner(self.model, self.sims, self.precompute, self.timers)


def _refuse_nan(network):
    """Find NaN before it is rounded to whole numbers, where it would show no longer."""
    numbers = {conn: [getattr(conn.transform, "init", None)] for conn in network.all_connections}
    numbers.update({ens: [ens.gain, ens.bias] for ens in network.all_ensembles})
    for owner, arrays in numbers.items():
        for array in arrays:
            is_sparse = scipy.sparse.issparse(array) or isinstance(array, SparseMatrix)
            values = array.data if is_sparse else array
            if isinstance(values, np.ndarray) and np.isnan(values).any():
                raise BuildError(
                    f"{owner}: {np.isnan(values).sum()} of {values.size} numbers are NaN, which "
                    "the chip does not have. Look where the model's weights come from."
                )
