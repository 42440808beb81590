"""The part of a model that the host simulates before, or after, the chip; compiled."""

import queue

import numpy as np
from nengo.builder.processes import SimProcess
from nengo.rc import rc
from nengo_loihi.builder.inputs import HostSendProcess

from nengo_softlif.loihi.spike_log import SpikeLog
from nengo_softlif.simulator.execution import Execution
from nengo_softlif.simulator.plan import Plan
from nengo_softlif.simulator.recording import Accumulator, Player, Recorder

__all__ = ["HostPart"]

_PIECE = 200  # steps between looking whether to stop


class HostPart:
    """A model on the host, run item by item, each on a state of its own.

    Parameters
    ----------
    sim : nengo.Simulator
        Of the model.
    inputs : collection of nengo.Node
        Whose output each item sets.
    played : collection of nengo.Node
        Those whose output is another in each step.
    senders : dict of nengo.Node to int
        Those whose spikes go to the chip, with the number of their first neuron there.
    summed : collection of nengo.Probe
        Of which only the sum is kept.
    threads : int
        How many items may be run at the same time.

    Attributes
    ----------
    sizes : dict of nengo.Probe to int
        Of all probes of the model.
    """

    def __init__(self, sim, inputs, played, senders, summed, threads):
        sig = sim.model.sig
        inputs = {node: sig[node]["out"] for node in inputs}
        operators = [op for op in sim._step_order if not _sends(op)]
        self._inputs, self._seed = inputs, sim.seed
        self.plan = Plan(
            sim.model,
            operators,
            rc.float_dtype,
            given=[signal for node, signal in inputs.items() if node not in played],
            played=[inputs[node] for node in played],
        )
        layout = self.plan.layout
        for signal in inputs.values():
            layout.address(signal)
        self._players = {node: Player(inputs[node], layout) for node in played}
        self._keepers = {
            probe: (Accumulator if probe in summed else Recorder)(sig[probe]["in"], layout)
            for probe in sim.model.probes
        }
        self.sizes = {probe: sig[probe]["in"].size for probe in sim.model.probes}
        self._log = SpikeLog([(sig[node]["in"], n) for node, n in senders.items()], layout)
        self.plan.compile(
            first=[i for player in self._players.values() for i in player.instructions],
            last=[i for part in (*self._keepers.values(), self._log) for i in part.instructions],
        )
        self._idle = queue.SimpleQueue()
        # functions in Python may have a state, so that they are not to be called from two threads
        for _ in range(1 if self.plan.python else threads):
            self._idle.put(Execution(self.plan))

    def run(self, item, n_steps, stop):
        """Run one item from the initial state. May be called from several threads.

        Parameters
        ----------
        item : dict of nengo.Node to ndarray
            (size,), or (n_steps, size) for those that are played; others are ignored.
        n_steps : int
        stop : threading.Event
            Ends the run early.

        Returns
        -------
        values : dict of nengo.Probe to ndarray
            (n_steps, size), or (1, size) of sums.
        first, sources : ndarray
            The spikes that leave, see `SpikeLog`.

        Raises
        ------
        nengo.exceptions.SimulationError
            If something became NaN.
        """
        execution = self._idle.get()
        try:
            execution.reset(self._seed)
            state = execution.state
            for node, signal in self._inputs.items():
                if node in self._players:
                    rows = np.ascontiguousarray(item[node], dtype=state.values.dtype)
                    self._players[node].start(state, rows)
                else:
                    execution.signals[signal][...] = item[node]
            kept = {probe: keeper.start(state, n_steps) for probe, keeper in self._keepers.items()}
            listed = self._log.start(state, n_steps)
            for start in range(0, n_steps, _PIECE):
                if stop.is_set():
                    break
                execution.advance(min(_PIECE, n_steps - start))
            execution.check_numbers()
            return {probe: values() for probe, values in kept.items()}, *listed()
        finally:
            self._idle.put(execution)


def _sends(op):
    return isinstance(op, SimProcess) and isinstance(op.process, HostSendProcess)
