"""TensorFlow with Keras 2 (the tf-keras package) as its Keras, for NengoDL."""

import functools

from nengo_softlif.compat.module_view import ModuleView

# Since TensorFlow 2.16 these are Keras 3's.
_KERAS_NAMES = ("initializers", "losses", "metrics", "optimizers")


@functools.cache
def load():
    """Return the view; raises ImportError where TensorFlow or tf-keras isn't installed."""
    import tensorflow

    try:
        import tf_keras
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "NengoDL is written for Keras 2: install tf-keras in the version of your TensorFlow "
            f"({tensorflow.__version__})",
            name=error.name,
        ) from error
    replaced = {name: getattr(tf_keras, name) for name in _KERAS_NAMES}
    return ModuleView(tensorflow, {"keras": tf_keras, **replaced})
