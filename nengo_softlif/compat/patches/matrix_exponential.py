"""Nengo's matrix exponential of 200 states or more, on NumPy 2.

From that size on Nengo estimates norms, with functions that NumPy dropped in 2.0 and 2.4. Programs
for NengoDL discretize Legendre memory units with it. What Nengo computes where it does not raise
stays the same.
"""

import importlib

import numpy

from nengo_softlif.compat.module_view import ModuleView

_PACKAGE = "nengo._vendor.scipy.sparse"
_MODULES = ("linalg_expm", "linalg_interface", "linalg_onenormest")


def _find_common_type(array_types, scalar_types):
    return numpy.result_type(*array_types, *scalar_types)


def repair(nengo_dl):
    """Let the modules of Nengo that compute the exponential see the two functions."""
    view = ModuleView(numpy, {"find_common_type": _find_common_type, "in1d": numpy.isin})
    for name in _MODULES:
        importlib.import_module(f"{_PACKAGE}.{name}").np = view
