"""Simulators by name: which there are, and one way to run items on any of them.

Each backend opens a session on a network, see `nengo_softlif.backends.sessions`.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from importlib import metadata

from nengo_softlif.backends.sessions import (
    CompiledSession,
    LoihiSession,
    NengoDLSession,
    NengoSession,
)
from nengo_softlif.errors import BackendError

__all__ = ["BackendInfo", "available", "get", "names"]


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
        Subclass of `nengo_softlif.backends.sessions.Session`.
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

    def open(
        self,
        net,
        inputs,
        probed,
        *,
        dt,
        seed,
        batch_size=None,
        summed=(),
        threads=None,
        played=(),
    ):
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
        played : collection of str
            Those of ``inputs`` whose items have values for each step.

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
            return self.session(net, inputs, probed, dt, seed, n_parallel, summed, threads, played)
        except BuildError as err:
            reason = str(err)
            if "No neurons marked for execution on-chip" in reason:
                reason = (
                    "all of its populations see the input, and stay on the host to make spikes of "
                    "it, so nothing is left for the chip; add a layer after them"
                )
            raise BackendError(f"backend {self.name!r} can't run this network: {reason}") from err


_BACKENDS = {
    backend.name: backend
    for backend in (
        Backend("nengo", "nengo", "nengo", "pip install nengo", NengoSession),
        Backend(
            "compiled",
            "nengo_softlif.simulator",
            "numba",
            "pip install numba",
            CompiledSession,
            batch_size=128,
            threaded=True,
        ),
        Backend(
            "nengo_dl",
            "nengo_softlif.nengodl",
            "nengo-dl",
            'pip install "setuptools<81" wheel && pip install --no-build-isolation nengo-dl==3.6.0',
            NengoDLSession,
            batch_size=50,
        ),
        Backend(
            "loihi",
            "nengo_softlif.loihi",
            "nengo-loihi",
            "pip install nengo-loihi==1.1.0",
            LoihiSession,
            batch_size=128,
            threaded=True,
        ),
    )
}
