"""Runs host and chip, each up to a certain step, so that an interrupted run can be continued."""

from nengo_loihi.simulator import StepRunner

__all__ = ["Runner"]

# Into how many pieces a long run is cut, for progress to be seen, and steps of those at least.
_N_PIECES = 100
_MIN_STEPS = 100


class Runner(StepRunner):
    """Takes spikes, errors and results to and fro between the simulations of a model.

    NengoLoihi's class, of which this one uses the queues, advances all by the same number of
    steps; after an interrupt they would never agree again.
    """

    def __init__(self, model, sims, precompute, timers):
        super().__init__(model, sims, precompute, timers)
        self._alternates = self.host is not None and not precompute

    @property
    def n_steps(self):
        """How many steps all of the simulations have done."""
        return min(self._time_of(sim) for sim in self._sims)

    @property
    def n_parts(self):
        """How many simulations there are."""
        return len(self._sims)

    @property
    def _sims(self):
        return [sim for sim in (self.host_pre, self.host, self.emulator) if sim is not None]

    def _time_of(self, sim):
        return sim.t if sim is self.emulator else sim.n_steps

    def advance(self, last, tick):
        """Run all simulations up to a step; those that are there already wait.

        Parameters
        ----------
        last : int
            Number of the step.
        tick : callable
            Called with the number of steps that were done by one of the simulations.
        """
        self.timers.start("run")
        try:
            run = self._alternate if self._alternates else self._follow
            run(last, tick)
        finally:
            self.timers.stop("run")

    def _follow(self, last, tick):
        """One simulation after the other, since nothing comes back."""
        if self.host_pre is not None:
            self._run(self.host_pre, last, tick)
            self._host2chip(self.emulator)
        self._run(self.emulator, last, tick)
        if self.host is not None:
            self._chip2host(self.emulator)
            self._run(self.host, last, tick)

    def _alternate(self, last, tick):
        """Step by step, since the host answers to the chip."""
        while self.emulator.t < last:
            if self.host.n_steps == self.emulator.t:
                self.host.step()
            self._host2chip(self.emulator)
            self.emulator.step()
            self._chip2host(self.emulator)
            tick(self.n_parts)

    def _run(self, sim, last, tick):
        piece = max(_MIN_STEPS, (last - self._time_of(sim)) // _N_PIECES)
        while self._time_of(sim) < last:
            n_steps = min(piece, last - self._time_of(sim))
            sim.run_steps(n_steps)
            tick(n_steps)
