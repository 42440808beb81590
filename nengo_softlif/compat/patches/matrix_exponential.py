"""Nengo's matrix exponential on NumPy 2, which dropped two functions that it uses.

Nengo discretizes filters of many states with it, those of Legendre memory units for one.
"""

from nengo_softlif.compat import numpy_view


def mend(linalg):
    """Give the module a NumPy that has the two."""
    linalg.np = numpy_view.load()
