"""`nengo.utils.filter_design` for NengoDL, with a discretization of large systems.

Nengo's matrix exponential takes another way for 200 states or more, and that way calls functions
which NumPy 2 dropped. A Legendre memory unit of NengoDL's benchmarks has that many.
"""

import functools
import types

from nengo_softlif.compat.module_view import ModuleView

# From here on Nengo estimates norms, with the functions that are gone.
_LARGE = 200


@functools.cache
def load():
    """Return the view. Nengo's own module, and its result for small systems, stay the same."""
    from nengo.utils import filter_design
    from scipy.linalg import expm

    def exponential(matrix):
        return (expm if len(matrix) >= _LARGE else filter_design.expm)(matrix)

    # The same function with other globals: it calls the exponential, and itself.
    original = filter_design.cont2discrete
    names = {**vars(filter_design), "expm": exponential}
    repaired = types.FunctionType(original.__code__, names, argdefs=original.__defaults__)
    names["cont2discrete"] = functools.update_wrapper(repaired, original)
    return ModuleView(filter_design, {"cont2discrete": repaired, "expm": exponential})
