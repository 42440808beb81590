"""Files of weights without the ending that Keras 3 wants.

Keras 2 took any name, and programs for NengoDL write ``model.save_weights("name")``, which Keras 3
refuses. Imported by itself once both NengoDL and the models of Keras 3 are: then the file is
``name.weights.h5``, and ``load_weights("name")`` finds it. What Keras 3 takes is not changed.
"""

from __future__ import annotations

import functools
import os
from typing import Any

from keras.src.models.model import Model

__all__: list[str] = []

_ENDING = ".weights.h5"
_keras_save = Model.save_weights
_keras_load = Model.load_weights


@functools.wraps(_keras_save)
def _save(model: Model, filepath: Any, *args: Any, **kwargs: Any) -> None:
    name = str(filepath)
    is_sharded = len(args) > 1 or kwargs.get("max_shard_size") is not None
    if not is_sharded and not name.endswith(_ENDING):
        filepath = name + _ENDING
    _keras_save(model, filepath, *args, **kwargs)


@functools.wraps(_keras_load)
def _load(model: Model, filepath: Any, *args: Any, **kwargs: Any) -> None:
    name = str(filepath)
    if not os.path.exists(name) and os.path.exists(name + _ENDING):
        filepath = name + _ENDING
    _keras_load(model, filepath, *args, **kwargs)


Model.save_weights = _save
Model.load_weights = _load
