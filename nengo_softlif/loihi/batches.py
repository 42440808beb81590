"""Many items through host and chip, each on its own state, on all cores."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from nengo.builder.processes import SimProcess
from nengo.rc import rc
from nengo_loihi.builder.inputs import HostSendProcess
from nengo_loihi.probe import ProbeFilter

from nengo_softlif.errors import BackendError
from nengo_softlif.loihi.emulator import problems
from nengo_softlif.loihi.emulator.presentation import Presentation
from nengo_softlif.loihi.emulator.recorder import compartments_of
from nengo_softlif.simulator.batches import Batch, checked_items, checked_threads
from nengo_softlif.simulator.recording import check_memory

__all__ = ["ChipBatch", "split_items"]


class ChipBatch:
    """A simulator's model, compiled for presentations of items.

    Of the host there are two parts: what runs ahead of the chip and what follows it. All steps
    of an item are done on the first, then on the chip, then on the other.

    Parameters
    ----------
    sim : nengo_softlif.loihi.Simulator
    nodes : collection of nengo.Node
        Whose output each item sets.
    played : collection of nengo.Node
        Those whose output is another in each step.
    summed : collection of nengo.Probe
        Of which only the sum over all steps is kept.
    threads : int, optional
        Items that run at the same time; as many as there are cores by default.

    Raises
    ------
    BackendError
        If host and chip wait for each other in every step, or chip for errors from the host.
    """

    def __init__(self, sim, nodes, played, summed, threads):
        self.sim, self.model, self.emulator = sim, sim.model, sim.sims["emulator"]
        self.threads = checked_threads(threads)
        self._refuse_feedback()
        self._summed = summed
        self._senders = {
            sender: self.model.spike_targets[receiver]
            for sender, receiver in self.model.host2chip_senders.items()
        }
        self._receivers = {
            receiver: self.model.objs[probe]["out"]
            for probe, receiver in self.model.chip2host_receivers.items()
        }
        self._probes = {
            probe: self.model.objs[probe]["out"]
            for probe in self.model.nengo_probes
            if probe not in self.model.chip2host_params
        }
        recorded = [*self._receivers.values()]
        recorded += [to for probe, to in self._probes.items() if not self._is_counted(probe)]
        self._chip = Presentation(self.emulator, recorded)
        self._before = self._host_batch("host_pre", nodes, played, outputs=self._senders)
        self._after = self._host_batch(
            "host", [*nodes, *self._receivers], [*played, *self._receivers]
        )

    def _refuse_feedback(self):
        if not self.sim.precompute and "host" in self.sim.sims:
            raise BackendError(
                "run_batch takes all steps of an item on the host before those on the chip, but "
                "in this simulator each waits for the other in every step: precompute is False. "
                "If nothing on the chip depends on what the host makes of its output, leave "
                "precompute out; else run one item after the other, with reset()."
            )
        if self.model.host2chip_pes_senders:
            raise BackendError(
                "run_batch can't present items to a model that learns from errors which the host "
                "sends to the chip. Run one item after the other, with reset()."
            )

    def _is_counted(self, probe):
        """Whether all that a probe needs is how often each neuron has spiked."""
        loihi_probe = self._probes[probe]
        return probe in self._summed and loihi_probe.key == "spiked" and probe.synapse is None

    def _host_batch(self, name, nodes, played, outputs=()):
        if name not in self.sim.sims:
            return None
        host = self.sim.sims[name]
        has = host.model.sig
        inputs = {node: has[node]["out"] for node in nodes if "out" in has.get(node, ())}
        outputs = {node: has[node]["in"] for node in outputs}
        outputs.update({probe: has[probe]["in"] for probe in host.model.probes})
        return Batch(
            host.model,
            [op for op in host._step_order if not _sends(op)],
            inputs,
            outputs,
            rc.float_dtype,
            summed=[probe for probe in self._summed if probe in outputs],
            played=[node for node in played if node in inputs],
            threads=self.threads,
            seed=host.seed,
        )

    def run(self, items, n_steps, tick):
        """Run items from the initial state.

        Parameters
        ----------
        items : dict of nengo.Node to ndarray
            (n_items, size), or (n_items, n_steps, size) for those that are played.
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
        stop = threading.Event()
        found = []

        def run_item(index):
            if stop.is_set():
                return
            item = {node: array[index : index + 1] for node, array in items.items()}
            kept, problem = self._present(item, n_steps, stop)
            found.append(problem)
            for probe, value in kept.items():
                values[probe][index] = value
            tick()

        with ThreadPoolExecutor(self.threads) as pool:
            try:
                list(pool.map(run_item, range(n_items)))
            except BaseException:
                stop.set()  # the other threads end with their present piece
                raise
        problems.report(int(np.bitwise_or.reduce(found)), strict=False)
        return values

    def _new_values(self, n_items, n_steps):
        sizes = {probe: self._size(loihi_probe) for probe, loihi_probe in self._probes.items()}
        for batch in (self._before, self._after):
            if batch is not None:
                host = batch.plan.model
                sizes.update({probe: host.sig[probe]["in"].size for probe in host.probes})
        shapes = {p: (n_items, 1 if p in self._summed else n_steps, n) for p, n in sizes.items()}
        check_memory(
            sum(8 * int(np.prod(shape)) for shape in shapes.values()),
            f"what is kept of {n_items} items",
            "run fewer items at a time, or keep sums",
        )
        return {probe: np.empty(shape) for probe, shape in shapes.items()}

    def _present(self, item, n_steps, stop):
        """Run one item; what is kept of it, and the problems it had."""
        kept, spikes = {}, {}
        if self._before is not None:
            made = _run(self._before, item, n_steps)
            spikes = {target: made.pop(sender) for sender, target in self._senders.items()}
            kept.update(made)
        state, record, found = self._chip.run(spikes, n_steps, stop)
        problems.report(found & problems.ERRORS * self.emulator.strict, strict=True)
        for probe, loihi_probe in self._probes.items():
            kept[probe] = self._probed(probe, loihi_probe, state, record)
        if self._after is not None:
            for receiver, loihi_probe in self._receivers.items():
                sent = loihi_probe.weight_outputs(self._chip.recorder.values(record, loihi_probe))
                # the host sees what the chip did a step ago, and in its first step the same
                item[receiver] = np.concatenate([sent[:1], sent[:-1]])[np.newaxis]
            kept.update(_run(self._after, item, n_steps))
        return kept, found

    def _probed(self, probe, loihi_probe, state, record):
        if self._is_counted(probe):
            counts = [state.spike_count[c] for c in self._compartments(loihi_probe)]
            return loihi_probe.weight_outputs(counts)
        values = loihi_probe.weight_outputs(self._chip.recorder.values(record, loihi_probe))
        values = ProbeFilter(dt=self.model.dt)(loihi_probe, values)
        return values.sum(axis=0, keepdims=True) if probe in self._summed else values

    def _compartments(self, loihi_probe):
        return compartments_of(loihi_probe, self.emulator.block_info, self.emulator.place)

    def _size(self, loihi_probe):
        recorded = self._compartments(loihi_probe)
        return loihi_probe.weight_outputs([np.zeros(len(c)) for c in recorded]).shape[1]

    def close(self):
        """End the threads."""
        for batch in (self._before, self._after):
            if batch is not None:
                batch.close()


def _sends(op):
    return isinstance(op, SimProcess) and isinstance(op.process, HostSendProcess)


def _run(batch, item, n_steps):
    """Run a single item on a part of the host; values without the number of the item."""
    items = {name: item[name] for name in batch.inputs}
    return {name: values[0] for name, values in batch.run(items, n_steps).items()}


def split_items(sim, inputs, n_steps):
    """Check what nodes are to put out.

    Parameters
    ----------
    sim : nengo_softlif.loihi.Simulator
    inputs : dict of nengo.Node to array_like
        (n_items, size), or (n_items, n_steps, size) for values of every step.
    n_steps : int

    Returns
    -------
    items : dict of nengo.Node to ndarray
        Their arrays.
    played : list of nengo.Node
        Those whose arrays have a row for each step.

    Raises
    ------
    BackendError
        If a node is not on the host, or an array does not fit.
    """
    ahead = sim.model.host_pre.sig
    parts = {model: {} for model in (sim.model.host_pre, sim.model.host)}
    for node, values in inputs.items():
        is_ahead = "out" in ahead.get(node, ())
        parts[sim.model.host_pre if is_ahead else sim.model.host][node] = values
    items, played = {}, []
    for model, part in parts.items():
        if part or not inputs:
            checked, moving = checked_items(model, part, n_steps)
            items.update(checked)
            played += moving
    lengths = {str(node): len(array) for node, array in items.items()}
    if len(set(lengths.values())) > 1:
        raise BackendError(f"all inputs must have the same number of items (got {lengths})")
    return items, played
