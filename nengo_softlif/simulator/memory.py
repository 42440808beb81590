"""Where everything is that kernels work on: a few large arrays, and addresses in them.

What changes while running is kept apart from what doesn't, so that several items can run at the
same time: each thread has a `State` of its own, all share one `Memory`.
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
    """What a whole number in a program means."""

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
    """

    def __init__(self, dtype):
        self.dtype = np.dtype(dtype)
        self._parts = {region: [] for region in Region}
        self._sizes = dict.fromkeys(Region, 0)
        self._shared = None
        self._lock = threading.Lock()

    def state(self, initial):
        """Room for numbers that change, with their initial values.

        Parameters
        ----------
        initial : array_like or int
            Values, or the number of zeros.
        """
        return self._allocate(Region.STATE, initial)

    def counters(self, initial):
        """Room for whole numbers that change; parameters as for `state`."""
        return self._allocate(Region.COUNTERS, initial)

    def weights(self, values):
        """Room for numbers that never change."""
        return self._allocate(Region.WEIGHTS, values)

    def indices(self, values):
        """Room for whole numbers that never change."""
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
        result = aligned(self._sizes[region] + BLOCK, self.dtype if is_real else np.dtype(np.int64))
        for offset, values in self._parts[region]:
            result[offset : offset + len(values)] = values
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
        starts = np.array([0, *(a.ctypes.data for a in arrays)])
        sizes = np.array([1, *(a.itemsize for a in arrays)])
        return np.ascontiguousarray(starts[regions] + sizes[regions] * table)

    def view(self, address, size):
        """The numbers at an address of the state, to read or to write."""
        values = self.values if address.region == Region.STATE else self.counters
        return values[address.offset : address.offset + size]
