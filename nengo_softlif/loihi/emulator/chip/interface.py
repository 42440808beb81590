"""The emulator behind NengoLoihi's interface, as its simulator and its tests use it."""

import numpy as np
from nengo_loihi.emulator.interface import EmulatorInterface
from nengo_loihi.probe import ProbeFilter

from nengo_softlif.loihi.emulator.chip import problems
from nengo_softlif.loihi.emulator.chip.draws import Draws
from nengo_softlif.loihi.emulator.chip.kernels import Drive, run
from nengo_softlif.loihi.emulator.chip.order import find_order
from nengo_softlif.loihi.emulator.chip.plan import build_plan
from nengo_softlif.loihi.emulator.chip.recorder import Recorder
from nengo_softlif.loihi.emulator.chip.state import new_state
from nengo_softlif.loihi.emulator.chip.synapses import list_sources

__all__ = ["CompiledEmulator"]

# Compartments updated, and numbers drawn and recorded, in one compiled call. It can't be
# interrupted, and needs memory for them: some ten milliseconds, and tens of megabytes.
_MAX_NUMBERS = 2**22


class CompiledEmulator(EmulatorInterface):
    """NengoLoihi's emulator with compiled steps: the same to the last bit.

    Parameters
    ----------
    model : nengo_loihi.builder.Model
        A finished model.
    seed : int, optional
        Of noise and of stochastic rounding. By default it is a random one.

    Attributes
    ----------
    plan : Plan
        What stays constant in the model.
    state : State
        What changes. ``compartment`` has the same in NengoLoihi's order.
    order, place : (n_compartments,) ndarray
        NengoLoihi's numbers of our compartments, and ours of theirs.
    numbers : dict of nengo_loihi.inputs.SpikeInput to int
        Number of its first neuron, among all sources of spikes.
    recorder : Recorder
        Of the probes of the model.
    first_spikes : dict of nengo_loihi.inputs.SpikeInput to dict
        Spikes that are part of the model, by step.
    t : int
        Number of steps done.

    Raises
    ------
    nengo.exceptions.BuildError
        If the model can't be simulated, such as a probe of what compartments don't have.

    Examples
    --------
    >>> with CompiledEmulator(model, seed=1) as emulator:  # doctest: +SKIP
    ...     emulator.run_steps(100)
    ...     voltages = emulator.collect_probe_output(loihi_probe)
    """

    def __init__(self, model, seed=None):
        self.state = None
        super().__init__(model, seed=seed)
        self.first_spikes = {i: dict(i.spikes) for i in self.inputs}
        sources = list_sources(self.block_info, self.inputs)
        self.numbers = {i: s.first for i, s in zip(self.inputs, sources, strict=False)}
        is_integer = np.issubdtype(self.block_info.dtype, np.integer)
        self.order = np.arange(self.block_info.n_compartments)
        if is_integer:  # which add up to the same in any order
            self.order = find_order(self.block_info.blocks, model.block_comp_map)
        self.place = np.argsort(self.order)
        self.plan = build_plan(
            self.block_info, sources, self.compartment, self.order, keep_order=not is_integer
        )
        self.recorder = Recorder(self.probes.probes, self.block_info, self.place)
        self.reset()

    @property
    def compartment(self):
        """(nengo_loihi.emulator.interface.CompartmentState) Voltages and the like, as of now."""
        if self._compartment is not None and self.state is not None:
            for name in ("current", "voltage", "spiked", "spike_count", "ref_count"):
                getattr(self._compartment, name)[:] = getattr(self.state, name)[self.place]
        return self._compartment

    @compartment.setter
    def compartment(self, compartment):
        self._compartment = compartment

    def reset(self, seed=None):
        """Go back to the state before the first step.

        Parameters
        ----------
        seed : int, optional
            New seed of the random numbers; by default they are the same again.
        """
        self.seed = self.seed if seed is None else seed
        self._draws = self.new_draws()
        self.rng = self._draws.rng
        self.state = new_state(self.plan)
        for spike_input, spikes in self.first_spikes.items():
            spike_input.spikes = dict(spikes)
        for errors in self.synapses.pes_errors.values():
            errors[:] = 0
        for probe in self.probes.probes:
            self.probes.clear_probe(probe)
        self.probes.probe_filter = ProbeFilter(dt=self.probes.dt)
        self._record = self.recorder.new_record(0)
        self.t = 0

    def new_draws(self):
        """Make the random numbers of a simulation, from the first on.

        Returns
        -------
        draws : Draws
        """
        return Draws(self._compartment.noise, self.order, self.plan.learning, self.seed)

    def steps_a_call(self, draws, recorder):
        """How many steps to do before it is time for Python again.

        Returns
        -------
        n_steps : int
        """
        numbers = draws.numbers_a_step + recorder.numbers_a_step
        return max(1, _MAX_NUMBERS // (self.block_info.n_compartments + numbers))

    def close(self):
        """Let go of the arrays; probes can still be collected."""
        super().close()
        self.plan = self.state = self._draws = self._record = None

    def step(self):
        """Advance by one step."""
        self.run_steps(1)

    def run_steps(self, steps):
        """Advance by some steps.

        Interrupted, it stops after a whole step, and can go on from there.

        Parameters
        ----------
        steps : int

        Raises
        ------
        nengo.exceptions.SimulationError
            If numbers don't fit into their bits, or traces lose spikes, in strict mode. Other
            modes warn of it, once for a call.
        """
        self._catch_up()
        last = self.t + steps
        piece = self.steps_a_call(self._draws, self.recorder)
        found = 0
        while self.t < last:
            n_steps = min(last - self.t, piece)
            drive = self._drive(n_steps)
            self._record = self.recorder.new_record(n_steps)
            found |= run(self.plan, self.state, drive, self._record, n_steps, strict=self.strict)
            self._catch_up()
            if self.strict and found & problems.ERRORS:
                break
        problems.report(found, strict=self.strict)

    def _drive(self, n_steps):
        """Collect what comes from outside in the next steps."""
        first, sources = self._arriving(n_steps)
        errors = [np.hstack([-e, e]) for e in self.synapses.pes_errors.values()]
        errors = np.concatenate([np.zeros(0, self.block_info.dtype), *errors])
        return Drive(first, sources, *self._draws.draw(self.t, n_steps), errors)

    def _arriving(self, n_steps):
        """Spikes of inputs; they take a step to arrive, and those of step 0 never do."""
        parts, first = [np.zeros(0, dtype=np.int64)], [0]
        for t in range(self.t, self.t + n_steps):
            n = first[-1]
            for spike_input, number in self.numbers.items():
                spikes = spike_input.spikes.get(t, ())
                if t > 0 and len(spikes):
                    parts.append(np.asarray(spikes) + number)
                    n += len(spikes)
            first.append(n)
        return np.array(first), np.concatenate(parts)

    def _catch_up(self):
        """Hand over what was recorded, and forget the spikes that have arrived."""
        n_done = int(self.state.clock[0]) - self.t
        for probe, outputs in self.probes.outputs.items():
            for output, values in zip(
                outputs, self.recorder.values(self._record, probe), strict=True
            ):
                output.extend(values[:n_done])
        for spike_input in self.inputs:
            for t in range(self.t, self.t + n_done):
                if t not in spike_input.permanent:
                    spike_input.spikes.pop(t, None)
        self.t += n_done
