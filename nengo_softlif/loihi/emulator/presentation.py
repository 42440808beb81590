"""Items presented to a model, each from its initial state and with a state of its own."""

import numpy as np

from nengo_softlif.loihi.emulator import problems
from nengo_softlif.loihi.emulator.kernels import Drive, Record, run
from nengo_softlif.loihi.emulator.recorder import Recorder
from nengo_softlif.loihi.emulator.state import new_state
from nengo_softlif.simulator.compiling import compiled

__all__ = ["Presentation"]


class Presentation:
    """Runs items through the model of an emulator, whose own state it leaves alone.

    Parameters
    ----------
    emulator : CompiledEmulator
    probes : list of nengo_loihi.probe.LoihiProbe
        Whose values are recorded.
    """

    def __init__(self, emulator, probes):
        self.emulator = emulator
        self.recorder = Recorder(probes, emulator.block_info, emulator.place)

    def run(self, spikes, n_steps, stop):
        """Present one item. May be called from several threads.

        Parameters
        ----------
        spikes : dict of nengo_loihi.inputs.SpikeInput to (n_steps, n_neurons) ndarray
            Nonzero where a neuron outside spikes. It takes a step to arrive.
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
        first, sources = self._arriving(spikes, n_steps)
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

    def _arriving(self, spikes, n_steps):
        """Sources that spike, by the step in which that arrives."""
        parts = []
        for spike_input, number in self.emulator.numbers.items():
            built_in = self.emulator.first_spikes[spike_input]
            if spike_input in spikes:
                parts.append((spikes[spike_input], number))
            if built_in:
                rows = np.zeros((n_steps, spike_input.n_neurons))
                for t, neurons in built_in.items():
                    if 0 < t <= n_steps:
                        rows[t - 1, neurons] = 1
                parts.append((rows, number))
        counts = np.zeros(n_steps + 2, dtype=np.int64)
        for rows, _ in parts:
            _count(rows, counts)
        first = np.cumsum(counts)[:-1]
        sources = np.zeros(first[-1], dtype=np.int32)
        filled = first.copy()
        for rows, number in parts:
            _fill(rows, number, filled, sources)
        return first, sources


@compiled
def _count(rows, counts):
    """Count the spikes of each step; the first and second numbers stay zero."""
    for t in range(len(rows) - 1):
        n = 0
        for value in rows[t]:
            n += value != 0
        counts[t + 2] += n


@compiled
def _fill(rows, number, filled, sources):
    for t in range(len(rows) - 1):
        row = rows[t]
        for i in range(len(row)):
            if row[i] != 0:
                sources[filled[t + 1]] = number + i
                filled[t + 1] += 1
