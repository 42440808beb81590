"""`nengo.synapses.Synapse.filt` of a signal with one axis, which raises on NumPy 2.4.

Tests of NengoDL and NengoLoihi compare with it. Nengo filters it as a signal of size one, and puts
the array of one element that comes out into an element of the result. NumPy has warned of that
since 1.25 and now raises.
"""

import functools

import numpy as np


def supply(synapse_class):
    """Let a class filter signals with one axis as a single column.

    Parameters
    ----------
    synapse_class : type
        `nengo.synapses.Synapse`; changed in place.
    """
    original = synapse_class.filt

    @functools.wraps(original)
    def filt(self, x, *args, **kwargs):
        if np.ndim(x) != 1:
            return original(self, x, *args, **kwargs)
        return original(self, np.asarray(x)[:, np.newaxis], *args, **kwargs)[:, 0]

    synapse_class.filt = filt
