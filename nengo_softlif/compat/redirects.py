"""What imports in NengoDL, NengoLoihi and KerasSpiking lead to. Imports nothing heavy itself."""

import functools
import importlib

from nengo_softlif.compat.private_import import PrivateImport
from nengo_softlif.compat.registry import apply


def _view(name):
    """Return a function that loads the view from the module of that name in this package."""
    return lambda: importlib.import_module(f"nengo_softlif.compat.{name}_view").load()


# NengoDL takes three classes and a function out of the insides of Keras 2.
_RENAMED = {"tensorflow.keras": "tf_keras", "keras": "tf_keras.src"}
_KERAS_2 = {"views": {"tensorflow": _view("tensorflow")}, "renamed": _RENAMED}

# Package -> name of a patch -> modules that it replaces by views, and packages by others.
_REDIRECTS = {
    # NengoDL converts KerasSpiking's layers, where that is installed.
    "keras_spiking": {"keras-2-in-keras-spiking": _KERAS_2},
    "nengo_dl": {
        "keras-2-in-nengo-dl": _KERAS_2,
        "gpu-search": {"views": {"subprocess": _view("subprocess")}},
        "stack-traces": {"views": {"tensorflow.python.autograph.impl.api": _view("autograph")}},
    },
    "nengo_loihi": {
        "keras-2-in-nengo-loihi": _KERAS_2,
        "numpy-1-arrays": {"views": {"numpy": _view("numpy")}},
    },
}
PACKAGES = frozenset(_REDIRECTS)


@functools.cache
def private_import(package):
    """Return the ``__import__`` for the modules of a package, with the patches that it needs.

    Parameters
    ----------
    package : str
        One of `PACKAGES`.

    Returns
    -------
    private_import : PrivateImport
    """
    made = PrivateImport()
    for name, redirections in _REDIRECTS[package].items():
        apply(name, functools.partial(made.update, **redirections))
    return made
