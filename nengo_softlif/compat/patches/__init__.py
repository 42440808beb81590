"""Repairs of modules of Nengo, NengoDL and NengoLoihi, each right after the module is loaded."""

_HERE = "nengo_softlif.compat.patches"
_LINALG = "nengo._vendor.scipy.sparse.linalg"

# Module to mend -> module of ours with a function ``mend(module)``.
MENDS = {
    f"{_LINALG}_expm": f"{_HERE}.matrix_exponential",
    f"{_LINALG}_interface": f"{_HERE}.matrix_exponential",
    f"{_LINALG}_onenormest": f"{_HERE}.matrix_exponential",
    "nengo.synapses": f"{_HERE}.synapse_filt",
    "nengo_dl.process_builders": f"{_HERE}.linear_filter",
}
