"""Which objects are those of Keras 3, and the error for those that NengoDL can't be given."""

from __future__ import annotations

from typing import Any, NoReturn

from nengo_softlif.errors import ParameterError

__all__ = ["is_keras_3", "refuse"]


def is_keras_3(value: Any) -> bool:
    """Whether something is a class, a function or an object of Keras 3, subclasses included.

    Parameters
    ----------
    value : object

    Returns
    -------
    is_keras_3 : bool

    Examples
    --------
    >>> import keras
    >>> is_keras_3(keras.layers.Dense(3)), is_keras_3(keras.activations.relu), is_keras_3(abs)
    (True, True, False)
    """
    cls = value if isinstance(value, type) else type(value)
    modules = [base.__module__ for base in cls.__mro__]
    modules.append(getattr(value, "__module__", None) or "")
    return any(module.partition(".")[0] == "keras" for module in modules)


def refuse(value: Any, reason: str) -> NoReturn:
    """Raise the error for an object of Keras 3 that has no counterpart in Keras 2.

    Parameters
    ----------
    value : object
    reason : str
        Why it has none.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> refuse(3, "it is a number")
    Traceback (most recent call last):
    nengo_softlif.errors.ParameterError: NengoDL works with Keras 2 and can't use int of Keras 3: \
it is a number; make it with tf_keras, as in `import tf_keras`, which is Keras 2
    """
    name = getattr(value, "__name__", None) or type(value).__name__
    raise ParameterError(
        f"NengoDL works with Keras 2 and can't use {name} of Keras 3: {reason}; make it with "
        "tf_keras, as in `import tf_keras`, which is Keras 2"
    )
