"""What is in the signals of a simulation: for its own steps, and for users who write to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from nengo.builder.signal import Signal, SignalDict

from nengo_softlif.simulator.memory import State

__all__ = ["LiveSignals", "Signals", "bits_of"]

# Where sparse matrices of some format or other have their numbers.
_OF_SPARSE = ("data", "indices", "indptr", "row", "col", "offsets")


class Signals(SignalDict):
    """Current values of signals: views of the compiled state, or arrays of their own.

    Parameters
    ----------
    plan : Plan
    state : State
    """

    def __init__(self, plan: Any, state: State) -> None:
        super().__init__()
        self.plan, self.state = plan, state
        self._own = set()  # constants with arrays of their own

    def init(self, signal):
        """Make the array of a signal; called by operators."""
        layout = self.plan.layout
        base = signal.base
        if base in layout.places and not base.sparse:
            self._init_view(signal)
        elif not layout.is_constant(base):
            super().init(signal)
        elif base not in self:
            # compiled kernels have its numbers, and don't look here
            value = layout.values.get(base, base.initial_value)
            if hasattr(value, "allocate"):  # Nengo's own kind of sparse matrix
                value = value.allocate()
            dict.__setitem__(self, base, value)
            if base in self.plan.python_constants:
                self.own(base)

    def _init_view(self, signal):
        place = self.plan.layout.places[signal.base]
        base = self.state.view(place, signal.base.size)
        if signal.is_view:
            offset, strides = self.plan.layout.offset_and_strides(signal)
            strides = tuple(base.itemsize * stride for stride in strides)
            array = np.lib.stride_tricks.as_strided(base[offset:], signal.shape, strides)
        else:
            if base.dtype.kind == "i":  # shorter integers are the lower half of our counters
                base = base.view(signal.dtype)[: signal.size]
            array = base.reshape(signal.shape)
        if signal.readonly:
            array.setflags(write=False)
        dict.__setitem__(self, signal, array)

    def __getitem__(self, signal):
        """The array of a signal, or of a view on one."""
        is_new = signal not in self and isinstance(signal, Signal)
        if is_new and signal.base in self.plan.layout.places:
            self.init(signal)
        return super().__getitem__(signal)

    def own(self, base: Signal) -> None:
        """Give a constant an array that can be written to, if it has none.

        Parameters
        ----------
        base : Signal
            That no operator writes.
        """
        if not self._is_shared(base):
            return
        for signal in [s for s in self if s.base is base and s is not base]:
            del self[signal]  # a view of the old array
        array = dict.__getitem__(self, base).copy()
        for part in _parts(array):
            part.setflags(write=not base.readonly)
        dict.__setitem__(self, base, array)
        self._own.add(base)

    def _is_shared(self, base):
        """Whether the array of a signal is that of the model, which stays as it is."""
        layout = self.plan.layout
        is_placed = base in layout.places and not base.sparse
        return layout.is_constant(base) and not is_placed and base not in self._own

    def reset(self, signal):
        """Set a signal to what it was when the model was built, unless it is read-only."""
        if not signal.readonly and not self._is_shared(signal.base):
            self.write(signal, signal.initial_value)

    def joined(self, signals: list[Signal]) -> np.ndarray:
        """Values of base signals that `Layout.join` has placed next to each other.

        Parameters
        ----------
        signals : list of Signal

        Returns
        -------
        values : (n,) ndarray
            To read or to write.
        """
        size = sum(signal.size for signal in signals)
        return self.state.view(self.plan.layout.places[signals[0]], size)

    def write(self, signal: Signal, value: Any) -> None:
        """Write to a signal, be it read-only or not.

        Parameters
        ----------
        signal : Signal
        value : ndarray or sparse matrix
        """
        for target, source in zip(_parts(self[signal]), _parts(value), strict=True):
            if is_readonly := not target.flags.writeable:
                target.setflags(write=True)
            target[...] = source
            if is_readonly:
                target.setflags(write=False)


class LiveSignals(Mapping):
    """Signals of a simulation as a user gets them: what is written to them has its effect.

    Kernels are made with the numbers of constants, and some results are computed only once. But
    only who got hold of an array can write to it. So those that were asked for are remembered,
    and compared with what they were whenever steps are run.

    Parameters
    ----------
    signals : Signals

    Attributes
    ----------
    known : dict of Signal to (ndarray or sparse matrix)
        Constants that were asked for, as they were when last compared.
    values : dict of Signal to (ndarray or sparse matrix)
        Those that have been changed.
    is_changed : bool
        Whether there are such that have had no effect yet; for `Execution` to set back.
    has_hoisted : bool
        Whether a signal was asked for that is not computed in every step.
    """

    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self.known = {}
        self.values = {}
        self.is_changed = self.has_hoisted = False

    def __getitem__(self, signal):
        """The array of a signal, or of a view on one."""
        self._signals[signal]  # raises an error if there is none
        base, plan = signal.base, self._signals.plan
        if base in plan.hoisted:
            self.has_hoisted = True
        elif plan.layout.is_constant(base) and base not in self.known:
            self._signals.own(base)
            self.known[base] = self._signals[base].copy()
        return self._signals[signal]

    @property
    def is_watched(self) -> bool:
        """Whether a user got hold of anything that is not simply read in every step."""
        return self.has_hoisted or bool(self.known)

    def __setitem__(self, signal, value):
        """Write to the array of a signal, which stays in its place."""
        self[signal][...] = value

    def __iter__(self):
        return iter(self._signals)

    def __len__(self):
        return len(self._signals)

    def __contains__(self, signal):
        return signal in self._signals

    __str__ = SignalDict.__str__

    def init(self, signal):
        """Make the array of a signal, as in Nengo."""
        self._signals.init(signal)

    def reset(self, signal):
        """Set a signal to what it was when the model was built, unless it is read-only."""
        self._signals.reset(signal)

    def notice(self) -> None:
        """Find out what was written to constants."""
        for base, known in self.known.items():
            value = self._signals[base]
            if not _same(value, known):
                self.values[base] = self.known[base] = value.copy()
                self.is_changed = True

    def readonly_values(self) -> dict:
        """Constants that were changed, and that a reset leaves as they are.

        Returns
        -------
        values : dict of Signal to (ndarray or sparse matrix)
        """
        self.notice()
        return {base: value for base, value in self.values.items() if base.readonly}

    def put_back(self, values: Mapping) -> None:
        """Write to signals, be they read-only or not.

        Parameters
        ----------
        values : dict of Signal to (ndarray or sparse matrix)
        """
        for signal, value in values.items():
            if not _same(self._signals[signal], value):
                self[signal]  # from now on it is compared
                self._signals.write(signal, value)


def bits_of(value: Any) -> bytes:
    """The bits of an array, or of the arrays that a sparse matrix is made of."""
    return b"".join(part.tobytes() for part in _parts(value))


def _same(value, other):
    """Whether two arrays or sparse matrices have the same bits."""
    return all(
        a.shape == b.shape
        and np.array_equal(np.atleast_1d(a).view(np.uint8), np.atleast_1d(b).view(np.uint8))
        for a, b in zip(_parts(value), _parts(other), strict=True)
    )


def _parts(value):
    """Arrays that an array or a sparse matrix is made of."""
    if isinstance(value, np.ndarray):
        return [value]
    value = value.allocate() if hasattr(value, "allocate") else value
    return [getattr(value, name) for name in _OF_SPARSE if hasattr(value, name)]
