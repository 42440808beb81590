"""The `subprocess` module without NengoDL's slow look for a GPU, where there can be none.

NengoDL starts a second Python with TensorFlow in it when it is imported, to ask for GPUs without
settling anything in this one. That takes seconds.
"""

import ctypes
import functools
import pathlib
import subprocess
import sys

from nengo_softlif.compat.module_view import ModuleView


def _call(args, **kwargs):
    if "list_physical_devices('GPU')" in args[-1] and not _may_have_gpu():
        return 1
    return subprocess.call(args, **kwargs)


def _may_have_gpu():
    import tensorflow

    build = tensorflow.sysconfig.get_build_info()
    plugins = pathlib.Path(tensorflow.__file__).parents[1] / "tensorflow-plugins"
    if sys.platform != "linux" or build["is_rocm_build"] or plugins.exists():
        return True
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return build["is_cuda_build"]


@functools.cache
def load():
    """Return the view."""
    return ModuleView(subprocess, {"call": _call})
