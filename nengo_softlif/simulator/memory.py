"""Where everything is that kernels work on: a few large arrays, and addresses in them.

What changes while running is kept apart from what doesn't, so that several samples can run at the
same time: each thread has a `State` of its own, all share one `Memory`. Kernels that are made anew
later, with other constants, have theirs in an extension of the memory.
"""

from __future__ import annotations

import threading
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from nengo_softlif.compiled.activity import BLOCK
from nengo_softlif.compiled.memory import aligned
from nengo_softlif.compiled.simd import WIDTH

__all__ = ["Address", "Memory", "Region", "State"]


class Region(IntEnum):
    """What an integer in a program means."""

    NUMBER = 0
    STATE = 1
    COUNTERS = 2
    WEIGHTS = 3
    INDICES = 4


class Address(NamedTuple):
    """Place in a region, in elements from its start."""

    region: Region
    offset: int

    def __add__(self, elements):
        return Address(self.region, self.offset + int(elements))


class Memory:
    """Hands out addresses, and keeps what is to be there when a simulation starts.

    Parameters
    ----------
    dtype : numpy.dtype
        Precision of the state and the weights, float32 or float64.
    starts : dict of Region to int, optional
        First offset in each region, where another memory ends; zeros by default.

    Attributes
    ----------
    starts : dict of Region to int
    """

    def __init__(self, dtype: np.dtype, starts: dict[Region, int] | None = None) -> None:
        self.dtype = np.dtype(dtype)
        self.starts = dict.fromkeys(Region, 0) if starts is None else starts
        self._parts = {region: [] for region in Region}
        self._sizes = dict(self.starts)
        self._shared = None
        self._lock = threading.Lock()

    def extension(self) -> Memory:
        """A memory whose addresses begin where those of this one end, see `State.extend`."""
        return Memory(self.dtype, dict(self._sizes))

    def state(self, initial):
        """Room for numbers that change, with their initial values.

        Parameters
        ----------
        initial : array_like or int
            Values, or the number of zeros.
        """
        return self._allocate(Region.STATE, initial)

    def counters(self, initial):
        """Room for integers that change; parameters as for `state`."""
        return self._allocate(Region.COUNTERS, initial)

    def weights(self, values):
        """Room for numbers that never change."""
        return self._allocate(Region.WEIGHTS, values)

    def indices(self, values):
        """Room for integers that never change."""
        return self._allocate(Region.INDICES, values)

    def _allocate(self, region, values):
        if isinstance(values, int):
            values = np.zeros(values)
        values = np.ravel(values)
        offset = self._sizes[region]
        # at the start of a cache line, and followed by as much as a vector may read too far
        size = -(-(len(values) + WIDTH) // WIDTH) * WIDTH
        self._parts[region].append((offset, values))
        self._sizes[region] += size
        self._shared = None
        return Address(region, offset)

    def fresh(self, region):
        """A new array of what a region starts with."""
        is_real = region in (Region.STATE, Region.WEIGHTS)
        # blocks of activity are looked at whole, so that the last may reach behind the end
        start = self.starts[region]
        size = self._sizes[region] - start + BLOCK
        result = aligned(size, self.dtype if is_real else np.dtype(np.int64))
        with np.errstate(over="ignore"):  # numbers that become infinite are found in the results
            for offset, values in self._parts[region]:
                result[offset - start : offset - start + len(values)] = values
        return result

    def shared(self):
        """Arrays of the weights and the indices."""
        with self._lock:  # simulations are made on several threads
            if self._shared is None:
                self._shared = (self.fresh(Region.WEIGHTS), self.fresh(Region.INDICES))
            return self._shared


class State:
    """What one simulation changes.

    Parameters
    ----------
    memory : Memory
    """

    def __init__(self, memory):
        self.memory = memory
        # kept here too, since programs have their addresses
        self._shared = memory.shared()
        self._initial = (memory.fresh(Region.STATE), memory.fresh(Region.COUNTERS))
        self.values = memory.fresh(Region.STATE)
        self.counters = memory.fresh(Region.COUNTERS)
        self._extension = None

    def extend(self, memory: Memory) -> None:
        """Hold an extension of the memory too, in the place of the last one.

        Everything else stays where it is. What an extension has of the state is scratch space, so
        that it need not be kept, nor be reset.

        Parameters
        ----------
        memory : Memory
            From `Memory.extension`.
        """
        arrays = (memory.fresh(Region.STATE), memory.fresh(Region.COUNTERS), *memory.shared())
        self._extension = (memory.starts, arrays)

    def reset(self):
        """Set everything back to its initial value."""
        self.values[...], self.counters[...] = self._initial

    def locate(self, table, regions):
        """Turn places in regions into addresses of this state and of the shared arrays.

        Parameters
        ----------
        table, regions : (n, m) int64 ndarray
            Numbers, and the `Region` of each.

        Returns
        -------
        located : (n, m) int64 ndarray
        """
        arrays = (self.values, self.counters, *self._shared)
        located = _located(table, regions, arrays)
        if self._extension is not None:
            starts, arrays = self._extension
            starts = np.array([0, *(starts[region] for region in Region if region)])
            beyond = (regions != Region.NUMBER) & (table >= starts[regions])
            offsets = table - starts[regions]
            located = np.where(beyond, _located(offsets, regions, arrays), located)
        return np.ascontiguousarray(located)

    def view(self, address, size):
        """The numbers at an address of the state, to read or to write."""
        values = self.values if address.region == Region.STATE else self.counters
        return values[address.offset : address.offset + size]


def _located(offsets, regions, arrays):
    starts = np.array([0, *(array.ctypes.data for array in arrays)])
    sizes = np.array([1, *(array.itemsize for array in arrays)])
    return starts[regions] + sizes[regions] * offsets
