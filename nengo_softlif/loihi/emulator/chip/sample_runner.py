"""Runs samples through a model, each from its initial state and with a state of its own."""

import numpy as np

from nengo_softlif.loihi.emulator.chip import problems
from nengo_softlif.loihi.emulator.chip.kernels import Drive, Record, run
from nengo_softlif.loihi.emulator.chip.recorder import Recorder
from nengo_softlif.loihi.emulator.chip.state import new_state

__all__ = ["SampleRunner"]


class SampleRunner:
    """Runs samples through the model of an emulator, whose own state it leaves alone.

    Parameters
    ----------
    emulator : CompiledEmulator
    probes : list of nengo_loihi.probe.LoihiProbe
        Whose values are recorded.
    """

    def __init__(self, emulator, probes):
        self.emulator = emulator
        self.recorder = Recorder(probes, emulator.block_info, emulator.place)

    def run(self, first, sources, n_steps, stop):
        """Run one sample. May be called from several threads.

        Parameters
        ----------
        first, sources : (n_steps + 1,) and (n,) ndarray of int
            Spikes from outside: ``sources[first[k]:first[k + 1]]`` arrive in step ``k``.
        n_steps : int
        stop : threading.Event
            Ends the run early.

        Returns
        -------
        state : State
            After the last step.
        record : Record
        found : int
            Problems, see `problems`.
        """
        emulator = self.emulator
        plan, state = emulator.plan, new_state(emulator.plan)
        first, sources = self._with_built_in(first, sources)
        draws = emulator.new_draws()
        n_errors = plan.learning.synapses["last_error"].max(initial=0)
        errors = np.zeros(
            n_errors, dtype=emulator.block_info.dtype
        )  # which only the host would send
        whole = self.recorder.new_record(n_steps)
        found = 0
        piece = emulator.steps_a_call(draws, self.recorder)
        for t in range(0, n_steps, piece):
            n = min(piece, n_steps - t)
            drive = Drive(first[t : t + n + 1], sources, *draws.draw(t, n), errors)
            record = Record(*whole[:3], *(values[t : t + n] for values in whole[3:]))
            found |= run(plan, state, drive, record, n, strict=emulator.strict)
            if stop.is_set() or (emulator.strict and found & problems.ERRORS):
                break
        return state, whole, found

    def _with_built_in(self, first, sources):
        """Add the spikes that are part of the model, in the order of the inputs."""
        parts = [sources[: first[-1]]]
        steps = [np.repeat(np.arange(len(first) - 1), np.diff(first))]
        for spike_input, spikes in self.emulator.first_spikes.items():
            for t, neurons in spikes.items():
                if 0 < t < len(first) - 1:
                    parts.append(self.emulator.numbers[spike_input] + np.asarray(neurons))
                    steps.append(np.full(len(neurons), t))
        if len(parts) == 1:
            return first, sources
        sources, steps = np.concatenate(parts), np.concatenate(steps)
        order = np.lexsort((sources, steps))
        return np.searchsorted(steps[order], np.arange(len(first))), sources[order]
