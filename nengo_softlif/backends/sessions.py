"""One way to run items on any simulator.

A session is a network that is built on a simulator. It presents batches of items, every one from
the same initial state, and yields what was probed in pieces of time, so that memory stays small
however long and many the presentations are.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager

import numpy as np

__all__ = ["CompiledSession", "LoihiSession", "NengoDLSession", "NengoSession", "Session"]

_PIECE_BYTES = 2**27  # of probed values at a time
_USUAL_STEPS = 200  # of a presentation
_FEWEST = 8  # items at a time that can keep all cores busy


class Session:
    """A network built on a simulator.

    Subclasses provide `_build`, `_present` and optionally `close`.
    """

    # Warnings while building that a user can do nothing about: that there is no GPU, and that
    # voltages start at zero on Loihi (docs/neurons.md).
    _harmless = (
        "No GPU support detected",
        "NengoLoihi does not support initial values for 'voltage'",
    )

    def __init__(
        self, net, inputs, probed, dt, seed, batch_size, summed=(), threads=None, played=()
    ):
        self.inputs = inputs
        self.dt = dt
        self.batch_size = batch_size
        self.summed = summed
        self.threads = threads
        self.played = played
        self.values = {name: np.zeros(node.size_out) for name, node in inputs.items()}
        with _prepared(net, probed) as self.probes, warnings.catch_warnings():
            for message in self._harmless:
                warnings.filterwarnings("ignore", message=message)
            self._build(net, dt, seed)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def present(self, items, n_steps):
        """Present a batch of items from the initial state.

        Parameters
        ----------
        items : dict of str to (n_items, size) or (n_items, n_steps, size) ndarray
            At most ``batch_size`` items, for every input; of those that are played, with values
            for each step.
        n_steps : int

        Yields
        ------
        values : dict of str to (n_items, steps of this piece, size) ndarray
            What was probed, piece by piece. Of what is to be summed, there may be a single row
            for a piece, the sum over its steps.
        """
        yield from self._present(items, n_steps)

    def close(self):
        """Free the simulator."""
        self.sim.close()

    def _pieces(self, n_steps):
        """Numbers of steps whose probed values fit into memory."""
        width = sum(probe.size_in for probe in self.probes.values())
        piece = max(1, _PIECE_BYTES // max(8 * width * self.batch_size, 1))
        for start in range(0, n_steps, piece):
            yield min(piece, n_steps - start)

    def _fitting(self, itemsize, most):
        """Number of items, all steps of which fit, for a presentation of usual length."""
        kept = sum(p.size_in for name, p in self.probes.items() if name not in self.summed)
        kept += sum(self.inputs[name].size_out for name in self.played)
        fitting = _PIECE_BYTES // (kept * itemsize * _USUAL_STEPS + 1)
        return min(most, max(fitting, _FEWEST))


class _OneByOne(Session):
    """Simulators without batches: the state is reset before each item."""

    def _build(self, net, dt, seed):
        with self._fed(net):
            self.sim = self._simulator(net, dt, seed)

    @contextmanager
    def _fed(self, net):
        """Let the input nodes show ``self.values`` in what is built meanwhile."""
        before = {name: node.output for name, node in self.inputs.items()}
        try:
            for name, node in self.inputs.items():
                node.output = self._shown(name)
            yield
        finally:
            for name, node in self.inputs.items():
                node.output = before[name]

    def _shown(self, name):
        """What an input node puts out, as a function of time."""
        if name in self.played:
            return lambda t: self.values[name][round(t / self.dt) - 1]
        return lambda t: self.values[name]

    def _present(self, items, n_steps):
        self.values = {name: values[0].astype(float) for name, values in items.items()}
        self._reset()
        for steps in self._pieces(n_steps):
            self.sim.run_steps(steps, **self._quiet)
            yield {
                name: np.asarray(self.sim.data[probe])[np.newaxis]
                for name, probe in self.probes.items()
            }
            self.sim.clear_probes()


class NengoSession(_OneByOne):
    """The reference, one item after the other."""

    _quiet = {"progress_bar": False}

    def _simulator(self, net, dt, seed):
        import nengo

        return nengo.Simulator(net, dt=dt, seed=seed, progress_bar=False)

    def _reset(self):
        self.sim.reset()


class LoihiSession(_OneByOne):
    """Items in parallel, unless host and chip have to wait for each other in every step."""

    _quiet = {"progress_bar": False}

    def _simulator(self, net, dt, seed):
        from nengo_softlif.loihi import Simulator

        sim = Simulator(net, dt=dt, seed=seed, progress_bar=False)
        self._in_batches = sim.precompute and not sim.model.host2chip_pes_senders
        self.batch_size = self._fitting(8, self.batch_size) if self._in_batches else 1
        return sim

    def _present(self, items, n_steps):
        if not self._in_batches:
            yield from super()._present(items, n_steps)
            return
        inputs = {self.inputs[name]: values for name, values in items.items()}
        summed = [self.probes[name] for name in self.summed]
        values = self.sim.run_batch(inputs, n_steps, summed=summed, threads=self.threads)
        yield {name: values[probe] for name, probe in self.probes.items()}

    def _reset(self):
        self.sim.reset()


class CompiledSession(Session):
    """Items in parallel, in single precision, all steps in one go; sums are made on the fly."""

    _dtype = np.dtype(np.float32)

    def _build(self, net, dt, seed):
        from nengo.builder import Model

        from nengo_softlif.simulator.batches import Batch
        from nengo_softlif.simulator.plan import in_order

        model = Model(dt=dt)
        model.build(net)
        operators, _ = in_order(model)
        self.sim = Batch(
            model,
            operators,
            {name: model.sig[node]["out"] for name, node in self.inputs.items()},
            {name: model.sig[probe]["in"] for name, probe in self.probes.items()},
            self._dtype,
            summed=self.summed,
            played=self.played,
            threads=self.threads,
            seed=seed,
        )
        self.batch_size = self._fitting(self._dtype.itemsize, self.batch_size)

    def _present(self, items, n_steps):
        yield self.sim.run(items, n_steps)

    def close(self):
        """Free the memory of the simulator."""
        self.sim = None


class NengoDLSession(Session):
    """Items side by side in TensorFlow's arrays."""

    def _build(self, net, dt, seed):
        import nengo_dl

        self.sim = nengo_dl.Simulator(
            net, dt=dt, seed=seed, minibatch_size=self.batch_size, progress_bar=False
        )

    def _present(self, items, n_steps):
        n_items = len(next(iter(items.values())))
        # a last batch that is smaller is filled up with its last item
        order = np.minimum(np.arange(self.batch_size), n_items - 1)
        batch = {name: values[order].astype(np.float32) for name, values in items.items()}
        self.sim.reset(include_trainable=False)
        start = 0
        for steps in self._pieces(n_steps):
            data = {
                self.inputs[name]: values[:, start : start + steps]
                if name in self.played
                else np.repeat(values[:, np.newaxis], steps, axis=1)
                for name, values in batch.items()
            }
            start += steps
            result = self.sim.predict_on_batch(data, n_steps=steps, stateful=True)
            yield {name: result[probe][:n_items] for name, probe in self.probes.items()}


@contextmanager
def _prepared(net, probed):
    """Probe objects of a network in what is built meanwhile."""
    import nengo

    n_before = len(net.probes)
    try:
        with net:
            probes = {name: nengo.Probe(obj, label=name) for name, obj in probed.items()}
        yield probes
    finally:
        del net.probes[n_before:]
