"""Many items through host and chip, each on its own state, on all cores."""

import numpy as np
from nengo_loihi.probe import ProbeFilter

from nengo_softlif.compiled.workers import present_all
from nengo_softlif.errors import BackendError
from nengo_softlif.loihi.emulator.chip import problems
from nengo_softlif.loihi.emulator.chip.recorder import compartments_of
from nengo_softlif.loihi.emulator.chip.sample_runner import SampleRunner
from nengo_softlif.loihi.emulator.host import SPIKES, host_part
from nengo_softlif.simulator.batches import room_for
from nengo_softlif.simulator.checks import checked_threads
from nengo_softlif.simulator.sampling import n_sampled, sampled_steps

__all__ = ["ChipBatch"]


class ChipBatch:
    """A simulator's model, compiled for presentations of items.

    Of the host there are two parts: what runs ahead of the chip and what follows it. All steps
    of an item are done on the first, then on the chip, then on the other.

    Parameters
    ----------
    sim : nengo_softlif.loihi.Simulator
    nodes : collection of nengo.Node
        Whose output each item sets.
    time_varying : collection of nengo.Node
        Those whose output is another in each step.
    accumulated : collection of nengo.Probe
        Of which only the sum over all steps is kept.
    threads : int, optional
        Items that run at the same time; as many as there are cores by default.

    Raises
    ------
    BackendError
        If host and chip wait for each other in every step, as they do if connections learn.
    """

    def __init__(self, sim, nodes, time_varying, accumulated, threads):
        _refuse_feedback(sim)
        model, self._emulator = sim.model, sim.sims["emulator"]
        self._dt = model.dt
        self._accumulated = accumulated
        self._threads = threads = checked_threads(threads)
        self._receivers = {
            receiver: model.objs[probe]["out"]
            for probe, receiver in model.chip2host_receivers.items()
        }
        self._probes = {
            probe: model.objs[probe]["out"]
            for probe in model.nengo_probes
            if probe not in model.chip2host_params
        }
        recorded = [*self._receivers.values()]
        recorded += [to for probe, to in self._probes.items() if not self._is_counted(probe)]
        self._chip = SampleRunner(self._emulator, recorded)

        def part(name, nodes, time_varying, senders):
            if name not in sim.sims:
                return None
            sig = sim.sims[name].model.sig
            inputs = [node for node in nodes if "out" in sig.get(node, ())]
            time_varying = [node for node in time_varying if node in inputs]
            return host_part(sim.sims[name], inputs, time_varying, senders, accumulated, threads)

        targets = {s: model.spike_targets[r] for s, r in model.host2chip_senders.items()}
        senders = sorted(targets, key=lambda sender: self._emulator.numbers[targets[sender]])
        numbers = {sender: self._emulator.numbers[targets[sender]] for sender in senders}
        self._before = part("host_pre", nodes, time_varying, numbers)
        self._after = part(
            "host", [*nodes, *self._receivers], [*time_varying, *self._receivers], {}
        )

    def _is_counted(self, probe):
        """Whether all that a probe needs is how often each neuron has spiked."""
        loihi_probe = self._probes[probe]
        return (
            probe in self._accumulated
            and loihi_probe.key == "spiked"
            and probe.synapse is None
            and probe.sample_every is None
        )

    def run(self, items, n_steps, tick):
        """Run items from the initial state.

        Parameters
        ----------
        items : dict of nengo.Node to ndarray
            (n_items, size), or (n_items, n_steps, size) for those that are time-varying.
        n_steps : int
        tick : callable
            Called after each item.

        Returns
        -------
        values : dict of nengo.Probe to ndarray
            (n_items, n_steps, size), or (n_items, 1, size) of sums.
        """
        n_items = len(next(iter(items.values())))
        values = self._new_values(n_items, n_steps)
        found = []

        def present(index, stop):
            item = {node: array[index] for node, array in items.items()}
            kept, problem = self._present(item, n_steps, stop)
            found.append(problem)
            for probe, value in kept.items():
                values[probe][index] = value
            tick()

        present_all(present, n_items, self._threads)
        problems.report(int(np.bitwise_or.reduce(found)), strict=False)
        return values

    def _new_values(self, n_items, n_steps):
        sizes = {}
        for probe, loihi_probe in self._probes.items():
            recorded = self._compartments(loihi_probe)
            like = loihi_probe.weight_outputs([np.zeros(len(of_block)) for of_block in recorded])
            sizes[probe] = like.shape[1]
        for part in (self._before, self._after):
            keepers = {} if part is None else part.keepers
            sizes.update((probe, k.size) for probe, k in keepers.items() if probe != SPIKES)
        shapes = {p: (self._n_rows(p, n_steps), n) for p, n in sizes.items()}
        return room_for(shapes, n_items, np.dtype(float))

    def _n_rows(self, probe, n_steps):
        if probe in self._accumulated:
            return 1
        return n_sampled(probe.sample_every, self._dt, n_steps)

    def _present(self, item, n_steps, stop):
        """Run one item; what is kept of it, and the problems it had."""
        kept = {SPIKES: (np.zeros(n_steps + 1, np.int64), np.zeros(0, np.int64))}
        if self._before is not None:
            kept.update(self._before.run(item, n_steps, stop))
        if stop.is_set():
            return {}, 0
        first, sources = kept.pop(SPIKES)
        state, record, found = self._chip.run(first, sources, n_steps, stop)
        problems.report(found & problems.ERRORS * self._emulator.strict, strict=True)
        for probe, loihi_probe in self._probes.items():
            kept[probe] = self._probed(probe, loihi_probe, state, record)
        if self._after is not None:
            for receiver, loihi_probe in self._receivers.items():
                sent = loihi_probe.weight_outputs(self._chip.recorder.values(record, loihi_probe))
                # the host sees what the chip did a step ago, and in its first step the same
                item[receiver] = np.concatenate([sent[:1], sent[:-1]])
            kept.update(self._after.run(item, n_steps, stop))
        return ({}, 0) if stop.is_set() else (kept, found)

    def _probed(self, probe, loihi_probe, state, record):
        if self._is_counted(probe):
            counts = [state.spike_count[c] for c in self._compartments(loihi_probe)]
            return loihi_probe.weight_outputs(counts)
        values = loihi_probe.weight_outputs(self._chip.recorder.values(record, loihi_probe))
        values = ProbeFilter(dt=self._dt)(loihi_probe, values)
        values = values[sampled_steps(probe.sample_every, self._dt, 0, len(values))]
        return values.sum(axis=0, keepdims=True) if probe in self._accumulated else values

    def _compartments(self, loihi_probe):
        return compartments_of(loihi_probe, self._emulator.block_info, self._emulator.place)


def _refuse_feedback(sim):
    if not sim.precompute and "host" in sim.sims:
        raise BackendError(
            "run_batch runs all steps of a sample on the host before those on the chip, but in "
            "this simulator host and chip alternate: precompute is False. Leave precompute out, "
            "unless connections learn or the chip depends on what the host makes of its output; "
            "else run one sample after the other, with reset()."
        )
