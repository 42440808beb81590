"""Repairs of modules that would fail, each right after the module is loaded."""

# Module -> name of the patch -> module of ours with a function ``repair(module)``.
REPAIRS = {
    "nengo_dl": {
        "matrix-exponential": "nengo_softlif.compat.patches.matrix_exponential",
    },
    "nengo_dl.process_builders": {
        "linear-filters": "nengo_softlif.compat.patches.linear_filter",
    },
    "nengo_dl.tensor_node": {
        "tensor-node-sizes": "nengo_softlif.compat.patches.tensor_node_sizes",
    },
}
