"""Where each signal of a Nengo model is in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from nengo.builder.operator import Operator
from nengo.builder.signal import Signal
from numpy.random import RandomState

from nengo_softlif.simulator.memory import Address, Memory

__all__ = ["Layout"]


class Layout:
    """Places signals in a memory as rules ask for them.

    Parameters
    ----------
    dtype : numpy.dtype
        Precision of the memory.
    dt : float
        Step in seconds.
    written : set of Signal
        Base signals that some operator writes. All others are constants.
    values : dict of Signal to (ndarray or sparse matrix), optional
        Constants, base signals, that are no longer what the model began with.

    Attributes
    ----------
    places : dict of Signal to Address
        Of base signals.
    used : set of Signal
        Constants that kernels were made with; to be cleared by who wants to know of which.
    draws : dict of Operator to list of (Address, callable)
        What a reset draws anew, see `draw`.
    """

    def __init__(
        self,
        dtype: np.dtype,
        dt: float,
        written: set,
        values: dict | None = None,
    ) -> None:
        self.memory = Memory(dtype)
        self.dt = dt
        self.written = written
        self.values = {} if values is None else values
        self.places = {}
        self.used = set()
        self.draws = defaultdict(list)
        self._merged = {}
        self._aliases = set()

    def __contains__(self, signal):
        """Whether kernels can work on a signal: dense and of floating-point numbers."""
        if signal.base.sparse or signal.base.initial_value.dtype.kind != "f":
            return False
        return signal.base.initial_value.dtype.itemsize in (4, 8)

    def base(self, signal):
        """Address of a base signal."""
        if signal not in self.places:
            initial = self.values.get(signal, signal.initial_value)
            self.places[signal] = self.memory.state(initial)
        return self.places[signal]

    def counter(self, signal):
        """Address of a signal of integers."""
        if signal not in self.places:
            self.places[signal] = self.memory.counters(signal.initial_value)
        return self.places[signal]

    def is_constant(self, signal):
        """Whether no operator writes the signal."""
        return signal.base not in self.written

    def value(self, signal: Signal) -> Any:
        """What a constant is now, for a kernel that is made with it.

        Parameters
        ----------
        signal : Signal

        Returns
        -------
        value : ndarray or sparse matrix
            Not to be changed.
        """
        self.used.add(signal.base)
        if signal.base not in self.values:
            return signal.initial_value
        value = self.values[signal.base]
        if not signal.is_view:
            return value
        return np.ndarray(signal.shape, signal.dtype, value, signal.offset, signal.strides)

    def factor(self, signal: Signal | None) -> float | np.ndarray:
        """What a constant multiplies with: a number, if all of its elements are equal.

        Parameters
        ----------
        signal : Signal or None
            None for a factor of one.

        Returns
        -------
        factor : float or (signal.size,) ndarray
        """
        if signal is None:
            return 1.0
        values = np.ravel(self.value(signal))
        return float(values[0]) if np.all(values == values[0]) else values

    def offset_and_strides(self, signal):
        """Start of a signal within its base and its strides, in elements."""
        itemsize = signal.initial_value.itemsize
        strides = tuple(stride // itemsize for stride in signal.initial_value.strides)
        return signal.offset // itemsize, strides

    def address(self, signal):
        """Address of a signal whose elements are next to each other; None if they are not."""
        if not signal.initial_value.flags.c_contiguous:
            return None
        if signal in self._merged:
            return self._merged[signal][0]
        return self.base(signal.base) + self.offset_and_strides(signal)[0]

    def addresses(self, *signals):
        """Addresses of several signals; None if the elements of one of them are apart."""
        places = tuple(self.address(signal) for signal in signals)
        return None if None in places else places

    def merge(self, signal: Signal, target: Signal, factor: Signal | None) -> None:
        """Let what is added to one base signal be added to another, times a factor.

        Parameters
        ----------
        signal, target : Signal
        factor : Signal or None
            A constant, see `factor`.
        """
        self._merged[signal] = (self.address(target), factor)

    def join(self, signals: Sequence[Signal]) -> None:
        """Place base signals, which have no place yet, next to each other.

        Parameters
        ----------
        signals : sequence of Signal
        """
        address = self.memory.state(np.concatenate([s.initial_value for s in signals]))
        for signal in signals:
            self.places[signal] = address
            address += signal.size

    def alias(self, signal, part):
        """Let a base signal be at the place of a part of another, if its elements are together.

        Parameters
        ----------
        signal, part : Signal
            Of the same size.

        Returns
        -------
        is_done : bool
            False if it has a place already, or the part's elements are apart.
        """
        address = self.address(part)
        if address is None or signal in self.places:
            return False
        self.places[signal] = address
        self._aliases.add(signal)
        return True

    def scale(self, signal):
        """Factor on what is added to a signal."""
        return self.factor(self._merged[signal][1]) if signal in self._merged else 1.0

    def positions(self, signal):
        """Position within the base of every element of a signal."""
        offset, strides = self.offset_and_strides(signal)
        result = np.full(signal.shape, offset)
        for axis, (size, stride) in enumerate(zip(signal.shape, strides, strict=True)):
            shape = [1] * signal.ndim
            shape[axis] = size
            result += stride * np.arange(size).reshape(shape)
        return result

    def draw(
        self, operator: Operator, address: Address, make: Callable[[RandomState], np.ndarray]
    ) -> None:
        """Let what a random process draws when a simulation is reset be at an address.

        Parameters
        ----------
        operator : nengo.builder.Operator
            That has the process.
        address : Address
            In the state or the counters.
        make : callable
            Takes the process's generator, as seeded by a reset, and returns the numbers.
        """
        self.draws[operator].append((address, make))

    def room(self, size):
        """Address of so many numbers to work with."""
        return self.memory.state(int(size))
