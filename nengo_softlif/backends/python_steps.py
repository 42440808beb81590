"""What NengoDL runs in Python: errors as they were raised, with the object and the time."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import nengo_dl

from nengo_softlif.errors import add_note
from nengo_softlif.simulator.faults import note_origin

__all__ = ["PythonSteps"]


class PythonSteps:
    """The Python code of a network within TensorFlow, which hides the errors that it raises.

    Parameters
    ----------
    sim : nengo_dl.Simulator
        Which has not run yet.
    """

    def __init__(self, sim: nengo_dl.Simulator) -> None:
        self.sim = sim
        self._error: Exception | None = None
        self._calls: dict[Callable, int] = {}

    @contextmanager
    def named_errors(self) -> Iterator[None]:
        """Raise the error of a Python function instead of TensorFlow's, with a note."""
        self._error = None
        self._calls.clear()
        try:
            with self._watching():
                yield
        except Exception as error:
            if self._error is None:
                self._note_input(error)
                raise
        if self._error is not None:  # outside of the handler, so that TensorFlow's is not shown
            raise self._error

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Watch the functions that NengoDL gives TensorFlow, in its first run."""
        given = nengo_dl.utils.numpy_function

        def numpy_function(function: Callable, *args: Any, **kwargs: Any) -> Any:
            return given(self._watched(function), *args, **kwargs)

        nengo_dl.utils.numpy_function = numpy_function
        try:
            yield
        finally:
            nengo_dl.utils.numpy_function = given

    def _watched(self, function: Callable) -> Callable:
        """A function of a step of some operators that keeps the error which it raises."""

        @functools.wraps(function)
        def watched(*args: Any) -> Any:
            self._calls[function] = n_steps = self._calls.get(function, 0) + 1
            try:
                return function(*args)
            except Exception as error:
                op = next(names["op"] for _, names in _frames(error) if "op" in names)
                note_origin(error, self.sim.model, op, self._time_after(n_steps))
                self._error = error
                raise

        return watched

    def _note_input(self, error: Exception) -> None:
        """Note on the error of a node that goes by time only, which NengoDL runs in advance."""
        for function, names in _frames(error):
            if function == "_generate_inputs" and {"node", "i"} <= names.keys():
                time = self._time_after(names["i"] + 1)
                add_note(error, f"raised by {names['node']} at t = {time:g} s")

    def _time_after(self, n_steps: int) -> float:
        """Seconds of the simulation after so many steps of this run."""
        return (self.sim.n_steps + n_steps) * self.sim.dt


def _frames(error: Exception) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names of the functions that an error came through, with their variables."""
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame.f_code.co_name, trace.tb_frame.f_locals
        trace = trace.tb_next
