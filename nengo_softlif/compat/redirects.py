"""What imports in NengoDL, NengoLoihi and KerasSpiking lead to. Imports nothing heavy itself."""

import importlib

from nengo_softlif.compat.private_import import PrivateImport


def _view(name):
    """Return a function that loads the view from the module of that name in this package."""
    return lambda: importlib.import_module(f"nengo_softlif.compat.{name}_view").load()


# NengoDL takes three classes and a function out of the insides of Keras 2.
_KERAS_2 = {"tensorflow.keras": "tf_keras", "keras": "tf_keras.src"}

_BOTH = {"tensorflow": _view("tensorflow"), "warnings": _view("warnings")}

REDIRECTS = {
    # NengoDL converts KerasSpiking's layers, where that is installed.
    "keras_spiking": PrivateImport({"tensorflow": _view("tensorflow")}, _KERAS_2),
    "nengo_dl": PrivateImport(
        {
            **_BOTH,
            "subprocess": _view("subprocess"),
            "tensorflow.python.autograph.impl.api": _view("autograph"),
        },
        _KERAS_2,
    ),
    "nengo_loihi": PrivateImport({**_BOTH, "numpy": _view("numpy")}, _KERAS_2),
}
