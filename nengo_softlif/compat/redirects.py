"""What the imports in NengoDL and NengoLoihi lead to. Imports nothing heavy by itself."""

from nengo_softlif.compat.private_import import PrivateImport


def _tensorflow():
    from nengo_softlif.compat import tensorflow_view

    return tensorflow_view.load()


def _numpy():
    from nengo_softlif.compat import numpy_view

    return numpy_view.load()


# NengoDL takes three classes and a function out of the insides of Keras 2.
_KERAS_2 = {"tensorflow.keras": "tf_keras", "keras": "tf_keras.src"}

REDIRECTS = {
    "nengo_dl": PrivateImport({"tensorflow": _tensorflow}, _KERAS_2),
    "nengo_loihi": PrivateImport({"tensorflow": _tensorflow, "numpy": _numpy}, _KERAS_2),
}
