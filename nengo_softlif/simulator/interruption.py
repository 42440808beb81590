"""Ctrl-C at a time when everything is consistent, and one thread at a time.

Entered in every step, so that these are classes: generators take three times as long.
"""

from __future__ import annotations

# behind the module `signal`, which looks handlers up in an enum: longer than a small model's step
import _signal
import threading
import weakref

from nengo.exceptions import SimulationError

__all__ = ["Alone", "Uninterrupted"]


class Uninterrupted:
    """Put off Ctrl-C to the end of a block; a second one is heard at once, should it hang."""

    __slots__ = ("_heard", "_usual")

    def __enter__(self) -> None:
        self._usual = None  # nobody is interrupted outside the main thread
        if threading.current_thread() is threading.main_thread():
            usual = _signal.getsignal(_signal.SIGINT)
            if callable(usual):
                self._usual, self._heard = usual, None
                _signal.signal(_signal.SIGINT, self._put_off)

    def _put_off(self, number, frame):
        self._heard = number, frame
        _signal.signal(_signal.SIGINT, self._usual)

    def __exit__(self, *error) -> None:
        if self._usual is None:
            return
        _signal.signal(_signal.SIGINT, self._usual)
        if self._heard is not None:
            self._usual(*self._heard)


class Alone:
    """Refuse to run a simulator while it is running; a block that can be entered many times.

    Parameters
    ----------
    simulator : object
        For the message.
    """

    __slots__ = ("_running", "_simulator")

    def __init__(self, simulator: object) -> None:
        self._simulator = weakref.ref(simulator)  # one that nobody uses any more is to go
        self._running = threading.Lock()

    def __enter__(self) -> None:
        """Begin.

        Raises
        ------
        nengo.exceptions.SimulationError
            If it is running.
        """
        if not self._running.acquire(blocking=False):
            raise SimulationError(
                f"{self._simulator()} is running already, in another thread or further up in this "
                "one; make a Simulator for each thread, or use run_batch, which has threads of its "
                "own"
            )

    def __exit__(self, *error) -> None:
        self._running.release()
