"""Ctrl-C at a time when everything is consistent, and one thread at a time."""

from __future__ import annotations

# behind the module `signal`, which looks handlers up in an enum: longer than a small model's step
import _signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from nengo.exceptions import SimulationError

__all__ = ["alone", "uninterrupted"]


@contextmanager
def uninterrupted():
    """Put off Ctrl-C to the end of a block; a second one is heard at once, should it hang."""
    usual = _signal.getsignal(_signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield  # nobody is interrupted here
        return
    heard = []

    def put_off(number, frame):
        heard.append((number, frame))
        _signal.signal(_signal.SIGINT, usual)

    _signal.signal(_signal.SIGINT, put_off)
    try:
        yield
    finally:
        _signal.signal(_signal.SIGINT, usual)
        if heard:
            usual(*heard[0])


@contextmanager
def alone(simulator: object, running: threading.Lock) -> Iterator[None]:
    """Refuse to run a simulator while it is running.

    Parameters
    ----------
    simulator : object
        For the message.
    running : threading.Lock
        Held while it runs.

    Raises
    ------
    nengo.exceptions.SimulationError
        If it is held.
    """
    if not running.acquire(blocking=False):
        raise SimulationError(
            f"{simulator} is running already, in another thread or further up in this one; make a "
            "Simulator for each thread, or use run_batch, which has threads of its own"
        )
    try:
        yield
    finally:
        running.release()
