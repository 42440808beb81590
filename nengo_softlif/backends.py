"""Simulators by name: which there are, and one way to run items on any of them.

Each backend opens a `Session` on a network. A session presents batches of items, every one from
the same initial state, and yields what was probed in pieces of time, so that memory stays small
however long and many the presentations are.
"""

from __future__ import annotations

import importlib
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata

import numpy as np

from nengo_softlif.errors import BackendError

__all__ = ["BackendInfo", "available", "get", "names"]

_PIECE_BYTES = 2**27  # of probed values at a time
_USUAL_STEPS = 200  # of a presentation


@dataclass(frozen=True)
class BackendInfo:
    """What is known about a backend.

    Parameters
    ----------
    name : str
        As `nengo_softlif.evaluate` takes it.
    package : str
        Distribution that has the simulator.
    version : str or None
        Installed version.
    installed : bool
        Whether it imports.
    reason : str
        Why it doesn't and what to do; empty if it does.
    """

    name: str
    package: str
    version: str | None
    installed: bool
    reason: str


def names():
    """Names of all backends, installed or not."""
    return list(_BACKENDS)


def available():
    """Find out which backends can be used here.

    Returns
    -------
    backends : list of BackendInfo
    """
    return [backend.info() for backend in _BACKENDS.values()]


def get(name):
    """Look a backend up by name.

    Parameters
    ----------
    name : str

    Returns
    -------
    backend : Backend

    Raises
    ------
    BackendError
        If there is no such backend, or it is not installed.
    """
    if name not in _BACKENDS:
        raise BackendError(f"backend {name!r} is unknown; choose one of {', '.join(_BACKENDS)}")
    info = _BACKENDS[name].info()
    if not info.installed:
        raise BackendError(f"backend {name!r} can't be used: {info.reason}")
    return _BACKENDS[name]


class Backend:
    """A simulator that networks can be run on.

    Parameters
    ----------
    name, module, package : str
        Of the backend, the Python module and the distribution.
    install : str
        What to type if it is missing.
    session : type
        Subclass of `Session`.
    batch_size : int or None
        Items run at a time if nothing else is asked for; None if it runs one by one.
    threaded : bool
        Whether it takes a number of threads.
    """

    def __init__(self, name, module, package, install, session, batch_size=None, threaded=False):
        self.name = name
        self.module = module
        self.package = package
        self.install = install
        self.session = session
        self.batch_size = batch_size
        self.threaded = threaded

    def info(self):
        """Import the simulator and say how that went."""
        try:
            importlib.import_module(self.module)
        except ImportError as err:
            reason = f"{err}; install it with: {self.install}"
            return BackendInfo(self.name, self.package, None, False, reason)
        return BackendInfo(self.name, self.package, metadata.version(self.package), True, "")

    def open(self, net, inputs, probed, *, dt, seed, batch_size=None, summed=(), threads=None):
        """Build a network for presentations.

        Parameters
        ----------
        net : nengo.Network
            Left as it was.
        inputs : dict of str to nengo.Node
        probed : dict of str to (nengo.Node or nengo.ensemble.Neurons)
        dt : float
            Step in seconds.
        seed : int
        batch_size : int, optional
            Ignored by backends that run one item after the other.
        summed : collection of str
            Those of ``probed`` whose sum over time is all that is needed.
        threads : int, optional
            Items run at the same time, on backends that can.

        Returns
        -------
        session : Session
            A context manager.

        Raises
        ------
        BackendError
            If the simulator refuses the network, or takes no number of threads.
        """
        from nengo.exceptions import BuildError

        if threads is not None and not self.threaded:
            able = [name for name, backend in _BACKENDS.items() if backend.threaded]
            raise BackendError(
                f"backend {self.name!r} takes no number of threads (got {threads!r}); "
                f"{', '.join(able)} does"
            )
        n_parallel = 1 if self.batch_size is None else batch_size or self.batch_size
        try:
            return self.session(net, inputs, probed, dt, seed, n_parallel, summed, threads)
        except BuildError as err:
            reason = str(err)
            if "No neurons marked for execution on-chip" in reason:
                reason = (
                    "all of its populations see the input, and stay on the host to make spikes of "
                    "it, so nothing is left for the chip; add a layer after them"
                )
            raise BackendError(f"backend {self.name!r} can't run this network: {reason}") from err


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

    def __init__(self, net, inputs, probed, dt, seed, batch_size, summed=(), threads=None):
        self.inputs = inputs
        self.batch_size = batch_size
        self.summed = summed
        self.threads = threads
        self.values = {name: np.zeros(node.size_out) for name, node in inputs.items()}
        width = sum(obj.size_out for obj in probed.values()) * 8 * batch_size
        self.piece = max(1, _PIECE_BYTES // max(width, 1))
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
        items : dict of str to (n_items, size) ndarray
            At most ``batch_size`` items, for every input.
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
        for start in range(0, n_steps, self.piece):
            yield min(self.piece, n_steps - start)


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
                node.output = lambda t, name=name: self.values[name]
            yield
        finally:
            for name, node in self.inputs.items():
                node.output = before[name]

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


class _NengoSession(_OneByOne):
    _quiet = {"progress_bar": False}

    def _simulator(self, net, dt, seed):
        import nengo

        return nengo.Simulator(net, dt=dt, seed=seed, progress_bar=False)

    def _reset(self):
        self.sim.reset()


class _LoihiSession(_OneByOne):
    _quiet = {}

    def _simulator(self, net, dt, seed):
        import nengo_loihi

        return nengo_loihi.Simulator(net, dt=dt, seed=seed, target="sim")

    def _reset(self):
        from nengo_softlif.loihi import reset

        reset(self.sim)


class _CompiledSession(Session):
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
            threads=self.threads,
            seed=seed,
        )
        # what is kept over time has to fit into memory, for a presentation of usual length
        kept = sum(p.size_in for name, p in self.probes.items() if name not in self.summed)
        fitting = _PIECE_BYTES // (kept * self._dtype.itemsize * _USUAL_STEPS + 1)
        self.batch_size = max(self.sim.threads, min(self.batch_size, fitting))

    def _present(self, items, n_steps):
        yield self.sim.run(items, n_steps)


class _NengoDLSession(Session):
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
        for steps in self._pieces(n_steps):
            data = {
                self.inputs[name]: np.repeat(values[:, np.newaxis], steps, axis=1)
                for name, values in batch.items()
            }
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


_BACKENDS = {
    backend.name: backend
    for backend in (
        Backend("nengo", "nengo", "nengo", "pip install nengo", _NengoSession),
        Backend(
            "compiled",
            "nengo_softlif.simulator",
            "numba",
            "pip install numba",
            _CompiledSession,
            batch_size=128,
            threaded=True,
        ),
        Backend(
            "nengo_dl",
            "nengo_dl",
            "nengo-dl",
            'pip install "setuptools<81" wheel && pip install --no-build-isolation nengo-dl==3.6.0',
            _NengoDLSession,
            batch_size=50,
        ),
        Backend(
            "loihi", "nengo_loihi", "nengo-loihi", "pip install nengo-loihi==1.1.0", _LoihiSession
        ),
    )
}
