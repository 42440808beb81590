"""`nengo.synapses.Synapse.filt` of a signal with one axis, on NumPy 2.4.

Nengo filters it as a signal of size one, and puts the array of one element that comes out into an
element of the result. NumPy has warned of that since 1.25 and now raises.
"""

import functools

import numpy as np


def mend(synapses):
    """Filter one-dimensional signals as a single column."""
    original = synapses.Synapse.filt

    @functools.wraps(original)
    def filt(self, x, *args, **kwargs):
        if np.ndim(x) != 1:
            return original(self, x, *args, **kwargs)
        return original(self, np.asarray(x)[:, np.newaxis], *args, **kwargs)[:, 0]

    synapses.Synapse.filt = filt
