"""Classes and functions of Keras 2 for those of Keras 3, by name and configuration."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import keras
import tf_keras

from nengo_softlif.errors import SoftLIFError

__all__ = [
    "NoCounterpart",
    "class_counterpart",
    "function_counterpart",
    "rebuild",
    "reduction_counterpart",
]

# The name is that of Keras 2, the values are not.
_DIFFERENT_FUNCTIONS = {"hard_sigmoid"}

# Class -> arguments that Keras 2 calls differently.
_RENAMED = {"LeakyReLU": {"negative_slope": "alpha"}}

# How losses are reduced, where Keras 2 has another name for it.
_REDUCTIONS = {None: "none", "mean": "sum_over_batch_size"}

# Every layer of Keras 2 takes them as keywords.
_OF_ALL_LAYERS = {"activity_regularizer", "dtype", "name", "trainable"}


class NoCounterpart(SoftLIFError):
    """An object of Keras 3 that nothing in Keras 2 stands for."""


def class_counterpart(cls: type) -> type | None:
    """Return the class of Keras 2 with the name of a class of Keras 3.

    Parameters
    ----------
    cls : type

    Returns
    -------
    counterpart : type or None
        None if the class is not Keras's own, or Keras 2 has none of that name.

    Examples
    --------
    >>> class_counterpart(keras.layers.Dense) is tf_keras.layers.Dense
    True
    """
    found = _namesake(cls.__module__, cls.__name__)
    return found if isinstance(found, type) else None


def function_counterpart(function: Callable) -> Callable:
    """Return the function of Keras 2 with the name of a function of Keras 3.

    Parameters
    ----------
    function : callable
        For instance an activation, a loss or a metric.

    Returns
    -------
    counterpart : callable
        The function itself if Keras 2 has none that computes the same, or it is not Keras's.

    Examples
    --------
    >>> function_counterpart(keras.activations.relu) is tf_keras.activations.relu
    True
    """
    name = getattr(function, "__name__", "")
    if name in _DIFFERENT_FUNCTIONS:
        return function
    found = _namesake(getattr(function, "__module__", None) or "", name)
    return function if found is None or isinstance(found, type) else found


def _namesake(module: str, name: str) -> Any:
    """Return what Keras 2 has under the public name of something defined in Keras 3."""
    root, *path = module.split(".")
    if root != "keras" or len(path) < 2:
        return None
    public = path[1:3] if path[1:3] == ["optimizers", "schedules"] else path[1:2]
    return functools.reduce(
        lambda where, part: getattr(where, part, None), [*public, name], tf_keras
    )


def rebuild(value: Any, translate: Callable[[Any], Any]) -> Any:
    """Make the object of Keras 2 with the configuration of an object of Keras 3.

    Parameters
    ----------
    value : object
        Of one of Keras's own classes, with a ``get_config``.
    translate : callable
        Translates what the object is made of: initializers, schedules, wrapped layers.

    Returns
    -------
    counterpart : object
        Without the state of ``value``: weights and slots are new.

    Raises
    ------
    NoCounterpart
        If Keras 2 has no such class, the class has no such argument, or what the object is made
        of has no ``get_config``.

    Examples
    --------
    >>> rebuild(keras.layers.Dense(3), lambda part: part).units
    3
    """
    cls = type(value)
    counterpart = class_counterpart(cls)
    if counterpart is None:
        raise NoCounterpart(f"Keras 2 has no {cls.__name__}")
    accepted, defaults = _parameters(counterpart), _parameters(cls)
    if issubclass(counterpart, tf_keras.layers.Layer):
        accepted = accepted.keys() | _OF_ALL_LAYERS
    try:
        config = _config(value)
    except NotImplementedError as error:
        raise NoCounterpart(f"its configuration can't be read ({error})") from error
    arguments = {}
    for name, argument in config.items():
        theirs = _RENAMED.get(cls.__name__, {}).get(name, name)
        if theirs in accepted:
            arguments[theirs] = _argument(value, name, argument, translate)
        elif argument != defaults.get(name):
            raise NoCounterpart(f"{cls.__name__} of Keras 2 has no {name} (got {argument!r})")
    return counterpart(**arguments)


def _config(value: Any) -> dict[str, Any]:
    """Return the configuration of an object; that of a schedule inside is not needed."""
    schedule = getattr(value, "_learning_rate", None)
    if not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        return value.get_config()
    # your own schedules work without the method that names them for files
    schedule.get_config = dict
    try:
        return value.get_config()
    finally:
        del schedule.get_config


def _argument(value: Any, name: str, argument: Any, translate: Callable[[Any], Any]) -> Any:
    """Return an argument of the counterpart.

    A configuration holds objects in a form for files. The objects themselves are attributes, and
    may be of classes that no file could name.
    """
    if name == "reduction" and isinstance(value, keras.losses.Loss):
        return reduction_counterpart(argument)
    if isinstance(argument, list):
        parts = getattr(value, name, None)
        is_made_of_objects = isinstance(parts, (list, tuple)) and all(map(callable, parts))
        return [translate(part) for part in parts] if is_made_of_objects else argument
    if isinstance(argument, dict) and argument.get("class_name") == "DTypePolicy":
        return argument["config"]["name"]
    if isinstance(argument, (dict, str)):
        for attribute in (name, f"_{name}"):
            part = getattr(value, attribute, None)
            if callable(part):
                return translate(part)
    if isinstance(argument, dict) and "class_name" in argument:
        return translate(keras.saving.deserialize_keras_object(argument))
    return argument


def reduction_counterpart(reduction: str | None) -> str:
    """Return what Keras 2 calls a reduction of losses.

    Parameters
    ----------
    reduction : str or None

    Returns
    -------
    counterpart : str

    Raises
    ------
    NoCounterpart
        If it has none.

    Examples
    --------
    >>> reduction_counterpart("mean")
    'sum_over_batch_size'
    """
    counterpart = _REDUCTIONS.get(reduction, reduction)
    if counterpart not in tf_keras.losses.Reduction.all():
        raise NoCounterpart(f"Keras 2 has no reduction {reduction!r}")
    return counterpart


@functools.cache
def _parameters(cls: type) -> dict[str, Any]:
    """Return the arguments that a class and its bases name, with their defaults."""
    found: dict[str, Any] = {}
    for base in cls.__mro__:
        if "__init__" in vars(base) and base is not object:
            for name, parameter in inspect.signature(base.__init__).parameters.items():
                found.setdefault(name, parameter.default)
    return found
