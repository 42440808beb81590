"""Surrogates as arguments of layers, and in the files of models."""

from __future__ import annotations

import keras

from nengo_softlif.functional.surrogates import Surrogate, surrogate_from_config
from nengo_softlif.validation import check_type

__all__ = ["surrogate_config", "surrogate_of"]


def surrogate_of(name: str, surrogate: Surrogate | dict | None, default: Surrogate) -> Surrogate:
    """Check the surrogate of a layer.

    Parameters
    ----------
    name : str
        Of the layer.
    surrogate : Surrogate, dict or None
        A dictionary as `surrogate_config` makes it. Classes of the user's are found among Keras'
        custom objects.
    default : Surrogate

    Returns
    -------
    surrogate : Surrogate

    Raises
    ------
    ParameterError
        If it is something else.
    """
    if isinstance(surrogate, dict):
        kind = surrogate.get("kind")
        own = keras.saving.get_registered_object(kind)
        is_own = isinstance(own, type) and issubclass(own, Surrogate)
        surrogate = surrogate_from_config(surrogate, {kind: own} if is_own else {})
    return check_type(
        f"{name}.surrogate",
        default if surrogate is None else surrogate,
        Surrogate,
        "take one of nengo_softlif.functional.surrogates, such as FastSigmoidSurrogate()",
    )


def surrogate_config(surrogate: Surrogate) -> dict:
    """Return what `surrogate_of` makes an equal surrogate of, ready for JSON.

    Parameters
    ----------
    surrogate : Surrogate

    Returns
    -------
    config : dict
    """
    return {**surrogate.get_config(), "kind": keras.saving.get_registered_name(type(surrogate))}
