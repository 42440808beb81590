"""One way to run samples on any simulator.

A session is a network that is built on a simulator. It presents batches of samples, every one from
the same initial state, and yields the probed values in chunks of time steps, so that memory stays
small however long and many the presentations are.
"""

from __future__ import annotations

import os
import threading
import warnings
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    import nengo

__all__ = ["EXPECTED_WARNINGS", "OneByOneSession", "Session", "Setup", "named_errors"]

# Warnings while building that a user can do nothing about: that there is no GPU, and that
# voltages start at zero on Loihi (docs/neurons.md).
EXPECTED_WARNINGS = (
    "No GPU support detected",
    "NengoLoihi does not support initial values",
)

CHUNK_BYTES = 2**27  # of probed values at a time
_USUAL_STEPS = 200  # of a presentation
_FEWEST = 8  # samples at a time that can keep all cores busy


class _Building:
    """A lock for sessions that are opened, which change their network while they are built."""

    def __init__(self) -> None:
        self.renew()
        # a lock that another thread holds would never be released in a forked process
        if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
            os.register_at_fork(after_in_child=self.renew)

    def renew(self) -> None:
        self.lock = threading.RLock()


_BUILDING = _Building()


@dataclass(frozen=True, kw_only=True, eq=False)
class Setup:
    """A network and how it is to be run.

    Parameters
    ----------
    net : nengo.Network
        Left as it was.
    inputs : dict of str to nengo.Node
    probed : dict of str to (nengo.Node or nengo.ensemble.Neurons)
    dt : float
        Time step in seconds.
    seed : int
        Of random processes in the network.
    batch_size : int or None
        Samples run at a time, on sessions that support batches.
    threads : int or None
        Samples run in parallel, on sessions that support threads.
    accumulated : collection of str
        Those of ``probed`` of which only the sum over a chunk is needed.
    time_varying : collection of str
        Those of ``inputs`` whose samples have values for each step.
    aligned : bool
        Whether each probe is to have, for every step, what the input of that step leads to: for
        networks that were trained with spikes that pass through all layers within a step.
    """

    net: nengo.Network
    inputs: Mapping[str, nengo.Node]
    probed: Mapping[str, Any]
    dt: float = 0.001
    seed: int = 0
    batch_size: int | None = None
    threads: int | None = None
    accumulated: Collection[str] = ()
    time_varying: Collection[str] = ()
    aligned: bool = False


class Session(ABC):
    """A network built on a simulator; a context manager.

    Subclasses provide `build` and `present`, and say by the class attributes what they support.

    Parameters
    ----------
    setup : Setup

    Attributes
    ----------
    supports_batches, supports_threads : bool
        Whether ``batch_size`` and ``threads`` of the setup have an effect.
    default_batch_size : int
        Samples run at a time if the setup says nothing.
    batch_size : int
        Samples that `present` takes at most. `build` may lower it.
    net : nengo.Network
        What is to be built: the network of the setup, with the probes.
    probes : dict of str to nengo.Probe
        By the names in ``setup.probed``.
    sim
        The simulator, made by `build`.
    """

    supports_batches: ClassVar[bool] = False
    supports_threads: ClassVar[bool] = False
    default_batch_size: ClassVar[int] = 1

    sim: Any

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.batch_size = setup.batch_size or self.default_batch_size
        self.net, self.probes = _probed(setup.net, setup.probed)
        with _BUILDING.lock, warnings.catch_warnings():
            for message in EXPECTED_WARNINGS:
                warnings.filterwarnings("ignore", message=message)
            self.build()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @abstractmethod
    def build(self) -> None:
        """Build the simulator ``self.sim`` of ``self.net``."""

    @abstractmethod
    def present(
        self, samples: Mapping[str, np.ndarray], n_steps: int
    ) -> Iterator[dict[str, np.ndarray]]:
        """Present a batch of samples from the initial state.

        Parameters
        ----------
        samples : dict of str to (n_samples, size) or (n_samples, n_steps, size) ndarray
            At most ``batch_size`` samples, for every input; values for each step of the inputs
            that vary in time.
        n_steps : int

        Yields
        ------
        values : dict of str to (n_samples, steps of this chunk, size) ndarray
            The probed values, chunk by chunk. An accumulated probe may have a single row for a
            chunk, the sum over its steps.
        """

    def close(self) -> None:
        """Free the simulator."""
        self.sim.close()

    def chunks(self, n_steps: int) -> Iterator[int]:
        """Numbers of steps whose probed values fit into memory."""
        width = sum(probe.size_in for probe in self.probes.values())
        chunk = max(1, CHUNK_BYTES // max(8 * width * self.batch_size, 1))
        for start in range(0, n_steps, chunk):
            yield min(chunk, n_steps - start)

    def fitting_batch_size(self, itemsize: int) -> int:
        """Number of samples of which all steps of a presentation of usual length fit."""
        setup = self.setup
        kept = sum(p.size_in for name, p in self.probes.items() if name not in setup.accumulated)
        kept += sum(setup.inputs[name].size_out for name in setup.time_varying)
        fitting = CHUNK_BYTES // (kept * itemsize * _USUAL_STEPS + 1)
        return min(self.batch_size, max(fitting, _FEWEST))


class OneByOneSession(Session):
    """A simulator with the interface of `nengo.Simulator`, reset before each sample.

    Subclasses provide `make_simulator`.
    """

    def __init__(self, setup: Setup) -> None:
        self.values = {name: np.zeros(node.size_out) for name, node in setup.inputs.items()}
        super().__init__(setup)

    @abstractmethod
    def make_simulator(self, net: nengo.Network, dt: float, seed: int) -> Any:
        """Build a simulator of a network, with the methods and attributes of `nengo.Simulator`."""

    def build(self) -> None:
        """Build the simulator; its input nodes read the current sample."""
        with self._feeding(), named_errors():
            self.sim = self.make_simulator(self.net, self.setup.dt, self.setup.seed)

    def present(
        self, samples: Mapping[str, np.ndarray], n_steps: int
    ) -> Iterator[dict[str, np.ndarray]]:
        """Present the only sample of a batch."""
        self.values = {name: values[0].astype(float) for name, values in samples.items()}
        self.sim.reset()
        for steps in self.chunks(n_steps):
            with named_errors():
                self.sim.run_steps(steps, progress_bar=False)
            yield {
                name: np.asarray(self.sim.data[probe])[np.newaxis]
                for name, probe in self.probes.items()
            }
            self.sim.clear_probes()

    @contextmanager
    def _feeding(self) -> Iterator[None]:
        """Let the input nodes put out ``self.values`` in a simulator that is built meanwhile."""
        before = {name: node.output for name, node in self.setup.inputs.items()}
        try:
            for name, node in self.setup.inputs.items():
                node.output = self.output_of(name)
            yield
        finally:
            for name, node in self.setup.inputs.items():
                node.output = before[name]

    def output_of(self, name: str) -> Any:
        """Output of an input node as a function of time.

        Parameters
        ----------
        name : str
            Of the input.

        Returns
        -------
        output : callable
            From time in seconds to the values of the sample of the moment.
        """
        if name in self.setup.time_varying:
            return lambda t: self.values[name][round(t / self.setup.dt) - 1]
        return lambda t: self.values[name]


@contextmanager
def named_errors() -> Iterator[None]:
    """Note on errors in Python code of the network which object raised them."""
    try:
        yield
    except Exception as error:
        from nengo_softlif.simulator.faults import note_step

        note_step(error)
        raise


def _probed(
    net: nengo.Network, probed: Mapping[str, Any]
) -> tuple[nengo.Network, dict[str, nengo.Probe]]:
    """A network of the same objects and probes of some; the given one stays as it is.

    Other threads may build simulators of it meanwhile.
    """
    import nengo

    with net:  # for the defaults of its configuration
        probes = {
            name: nengo.Probe(obj, label=name, add_to_container=False)
            for name, obj in probed.items()
        }
    view = object.__new__(type(net))
    objects = {**net.objects, nengo.Probe: [*net.probes, *probes.values()]}
    view.__dict__.update(net.__dict__, _objects=objects, _probes=objects[nengo.Probe])
    view.label, view.seed = net.label, net.seed  # which are not in its dict
    return view, probes
