"""NengoDL 3.6 and NengoLoihi 1.1 on today's TensorFlow, Keras 3, NumPy 2 and Nengo 4.

Every change to another package is a patch of `nengo_softlif.compat.catalogue`. `status` lists
them, and ``NENGO_SOFTLIF_COMPAT=0`` in the environment turns all of them off.
"""

from nengo_softlif.compat.forks import check_tensorflow_not_forked
from nengo_softlif.compat.hook import install
from nengo_softlif.compat.registry import PatchStatus, StatusTable, apply, status
from nengo_softlif.compat.tested import tested_with_this_nengo

__all__ = [
    "PatchStatus",
    "StatusTable",
    "apply",
    "check_tensorflow_not_forked",
    "install",
    "status",
    "tested_with_this_nengo",
]
