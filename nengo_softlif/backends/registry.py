"""Simulators by name: which there are, which are installed, and how others are added.

A package adds a simulator by an entry point of the group ``nengo_softlif.backends``, whose value is
a subclass of `nengo_softlif.backends.Session`; a program adds one by `register`.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from importlib import metadata

from nengo_softlif.backends.session import Session, Setup
from nengo_softlif.compat.versions import installed
from nengo_softlif.errors import BackendError, ParameterError
from nengo_softlif.validation import check_name, check_type

__all__ = ["Backend", "BackendInfo", "available", "get", "names", "register"]

ENTRY_POINTS = "nengo_softlif.backends"


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
        Whether the simulator is there.
    reason : str
        What is missing and what to do; empty if it is installed.
    """

    name: str
    package: str
    version: str | None
    installed: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class Backend:
    """A simulator that networks can be run on.

    Parameters
    ----------
    name : str
        As `nengo_softlif.evaluate` takes it.
    session : str
        ``"package.module:Class"`` of the `Session`, imported when it is needed.
    package : str
        Distribution that has the simulator.
    modules : tuple of str
        Top-level modules that have to be installed.
    install : str
        Command that installs it.

    Examples
    --------
    >>> Backend(name="mine", session="my_package.sessions:MySession", package="my-package",
    ...         modules=("my_package",), install="pip install my-package").info().installed
    False
    """

    name: str
    session: str
    package: str
    modules: tuple[str, ...] = ()
    install: str

    def info(self) -> BackendInfo:
        """Find out whether the simulator is installed, without importing it."""
        missing = [module for module in self.modules if not _is_there(module)]
        if missing:
            reason = f"no module named {', '.join(missing)}; install it with: {self.install}"
            return BackendInfo(self.name, self.package, None, False, reason)
        return BackendInfo(self.name, self.package, installed(self.package), True, "")

    def load(self) -> type[Session]:
        """Import the class of its sessions.

        Raises
        ------
        BackendError
            If a package that it needs is missing or broken.
        """
        module, _, name = self.session.partition(":")
        try:
            cls = getattr(importlib.import_module(module), name)
        except Exception as err:  # a broken package may raise anything
            what = f"importing {self.session} failed with {type(err).__name__}: {err}"
            if isinstance(err, ModuleNotFoundError) and err.name in self.modules:
                what += f"; install it with: {self.install}"
            raise BackendError(f"backend {self.name!r} can't be used: {what}") from err
        if not (isinstance(cls, type) and issubclass(cls, Session)):
            raise BackendError(
                f"backend {self.name!r}: {self.session} must be a subclass of "
                f"nengo_softlif.backends.Session (got {cls!r})"
            )
        return cls

    def open(self, setup: Setup) -> Session:
        """Build a network for presentations.

        Parameters
        ----------
        setup : Setup

        Returns
        -------
        session : Session
            A context manager.

        Raises
        ------
        BackendError
            If the simulator refuses the network.
        ParameterError
            If the backend does not support an option of the setup.
        """
        from nengo.exceptions import BuildError

        session = self.load()
        for option, supported in (
            ("threads", session.supports_threads),
            ("batch_size", session.supports_batches),
        ):
            if getattr(setup, option) is not None and not supported:
                raise ParameterError(
                    f"backend {self.name!r} does not support {option} (got "
                    f"{getattr(setup, option)!r}); leave it out"
                )
        try:
            return session(setup)
        except (BuildError, BackendError) as err:
            raise BackendError(f"backend {self.name!r} can't run this network: {err}") from err


_BUILT_IN = (
    Backend(
        name="compiled",
        session="nengo_softlif.backends.compiled:CompiledSession",
        package="numba",
        modules=("nengo", "numba"),
        install="pip install nengo numba",
    ),
    Backend(
        name="nengo",
        session="nengo_softlif.backends.reference:NengoSession",
        package="nengo",
        modules=("nengo",),
        install="pip install nengo",
    ),
    Backend(
        name="nengo_dl",
        session="nengo_softlif.backends.nengodl:NengoDLSession",
        package="nengo-dl",
        modules=("nengo_dl", "tensorflow", "tf_keras"),
        install='pip install tensorflow tf-keras "setuptools<81" wheel && '
        "pip install --no-build-isolation nengo-dl==3.6.0",
    ),
    Backend(
        name="loihi",
        session="nengo_softlif.backends.loihi:LoihiSession",
        package="nengo-loihi",
        modules=("nengo_loihi", "numba"),
        install="pip install nengo-loihi==1.1.0 numba",
    ),
)
_REGISTERED: dict[str, Backend] = {}


def register(backend: Backend) -> None:
    """Add a backend for this process; one of the same name is replaced.

    Parameters
    ----------
    backend : Backend
    """
    check_type("backend", backend, Backend, "make one with nengo_softlif.backends.Backend(...)")
    _REGISTERED[backend.name] = backend


def names() -> list[str]:
    """Names of all backends, installed or not."""
    return list(_all())


def available() -> list[BackendInfo]:
    """Find out which backends are installed, without importing any.

    Returns
    -------
    backends : list of BackendInfo
    """
    return [backend.info() for backend in _all().values()]


def get(name: str) -> Backend:
    """Look a backend up by name.

    Parameters
    ----------
    name : str

    Returns
    -------
    backend : Backend

    Raises
    ------
    UnknownNameError
        If there is no such backend; it lists those that there are.
    BackendError
        If the backend is not installed.
    """
    backend = check_name("backend", name, _all())
    info = backend.info()
    if not info.installed:
        raise BackendError(f"backend {name!r} can't be used: {info.reason}")
    return backend


def _all() -> dict[str, Backend]:
    found = {backend.name: backend for backend in _BUILT_IN}
    for point in metadata.entry_points(group=ENTRY_POINTS):
        package = point.dist.name if point.dist is not None else point.module.partition(".")[0]
        found[point.name] = Backend(
            name=point.name,
            session=point.value,
            package=package,
            modules=(point.module.partition(".")[0],),
            install=f"pip install {package}",
        )
    return found | _REGISTERED


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except Exception:  # a broken package on the way
        return False
