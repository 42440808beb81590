"""Where NengoDL takes objects of Keras, and translates those of Keras 3.

NengoDL works with Keras 2, in the package tf-keras. A program for NengoDL makes its layers,
optimizers and losses with `tf.keras`, which is Keras 3 since TensorFlow 2.16. What is not of Keras
3 passes as ever. Keras 3 is not imported here, but only when there is something to translate.
"""

from __future__ import annotations

import inspect
import weakref
from typing import Any

import nengo
from nengo_dl.converter import Converter
from nengo_dl.simulator import Simulator
from nengo_dl.tensor_node import TensorFuncParam

from nengo_softlif import compat
from nengo_softlif.errors import ParameterError
from nengo_softlif.nengodl.keras3.refusal import is_keras_3

__all__ = ["install", "install_weight_names"]

_coerce = TensorFuncParam.coerce
_compile = Simulator.compile
_call_keras = Simulator._call_keras
_convert = Converter.__init__
_register = Converter.register.__func__
_CONVERTER = inspect.signature(_convert)

# Network -> its Translation, so that a layer used twice in a network shares its weights.
_translations: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def coerce(param: TensorFuncParam, instance: Any, value: Any) -> Any:
    """Check the function or layer of a TensorNode."""
    if is_keras_3(value):
        from nengo_softlif.nengodl.keras3.layers import Translation

        network = nengo.Network.context[0]
        value = _translations.setdefault(network, Translation())(value)
    if getattr(value, "compute_dtype", None) == "float16":
        raise ParameterError(
            f"{value.name}: NengoDL computes in float32 or float64, and can't use a layer with the "
            f'dtype policy {value.dtype_policy.name!r}; make the layer with dtype="float32"'
        )
    return _coerce(param, instance, value)


def compile(sim: Simulator, *args: Any, **kwargs: Any) -> None:
    """Configure the training, see `nengo_dl.Simulator.compile`."""
    _compile(sim, *_for_training(args), **_for_training(kwargs))


def call_keras(sim: Simulator, *args: Any, **kwargs: Any) -> Any:
    """Fit, evaluate or predict, see `nengo_dl.Simulator`."""
    if "callbacks" in kwargs:
        kwargs["callbacks"] = _for_training(kwargs["callbacks"])
    return _call_keras(sim, *args, **kwargs)


def _for_training(value: Any) -> Any:
    """Translate what is of Keras 3 in lists and dicts."""
    if isinstance(value, dict):
        return {key: _for_training(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_for_training, value))
    if not is_keras_3(value):
        return value
    from nengo_softlif.nengodl.keras3.training import for_training

    return for_training(value)


def convert(converter: Converter, *args: Any, **kwargs: Any) -> None:
    """Convert a model, see `nengo_dl.Converter`."""
    given = _CONVERTER.bind(converter, *args, **kwargs).arguments
    keys = [*(given.get("swap_activations") or {})]
    if not any(map(is_keras_3, [given["model"], *keys])):
        _convert(**given)
        return
    from nengo_softlif.nengodl.keras3.converter import TranslatedKeys, register
    from nengo_softlif.nengodl.keras3.layers import Translation

    register()
    translation = Translation()
    if is_keras_3(given["model"]):
        given["model"] = translation(given["model"])
    for name, translate in (
        ("swap_activations", translation),
        ("scale_firing_rates", translation.key),
    ):
        if isinstance(given.get(name), dict):
            given[name] = {translate(key): value for key, value in given[name].items()}
    _convert(**given)
    for name in ("layers", "inputs", "outputs"):
        setattr(converter, name, TranslatedKeys(getattr(converter, name), translation))


def register(cls: type[Converter], keras_layer: type) -> Any:
    """Register a converter for a class of layers, see `nengo_dl.Converter.register`."""
    if is_keras_3(keras_layer):
        from nengo_softlif.nengodl.keras3.layers import layer_class

        keras_layer = layer_class(keras_layer)
    return _register(cls, keras_layer)


def install() -> None:
    """Put the functions above in the place of NengoDL's. May be called again."""
    TensorFuncParam.coerce = coerce
    Simulator.compile = compile
    Simulator._call_keras = call_keras
    Converter.__init__ = convert
    Converter.register = classmethod(register)


def install_weight_names() -> None:
    """Let models of Keras 3 save weights by any name, once they are imported."""
    compat.install({"keras.src.models.model": "nengo_softlif.nengodl.keras3.weight_names"})
