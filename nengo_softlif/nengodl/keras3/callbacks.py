"""Callbacks of Keras 3 as callbacks of Keras 2."""

from __future__ import annotations

import keras
import tf_keras

__all__ = ["AdaptedCallback"]

_HOOKS = [name for name in dir(keras.callbacks.Callback) if name.startswith("on_")]


class AdaptedCallback(tf_keras.callbacks.Callback):
    """A callback of Keras 2 that calls one of Keras 3.

    The callback of Keras 3 has the model, and what it has found can be read from it afterwards.

    Parameters
    ----------
    adapted : keras.callbacks.Callback

    Examples
    --------
    >>> early = keras.callbacks.EarlyStopping(monitor="loss")
    >>> AdaptedCallback(early).on_train_begin()
    >>> early.stopped_epoch
    0
    """

    def __init__(self, adapted: keras.callbacks.Callback):
        super().__init__()
        self.adapted = adapted
        for name in _HOOKS:
            setattr(self, name, getattr(adapted, name))

    def set_params(self, params: dict) -> None:
        """Hand on the parameters of the training."""
        super().set_params(params)
        self.adapted.set_params(params)

    def set_model(self, model: tf_keras.Model) -> None:
        """Hand on the model."""
        super().set_model(model)
        self.adapted.set_model(model)

    def _implements_train_batch_hooks(self) -> bool:
        return self._overrides("train") or self._overrides("")

    def _implements_test_batch_hooks(self) -> bool:
        return self._overrides("test")

    def _implements_predict_batch_hooks(self) -> bool:
        return self._overrides("predict")

    def _overrides(self, phase: str) -> bool:
        """Whether the callback acts on batches: Keras 2 reads all logs for those that do."""
        names = [f"on_{phase}_batch_{when}".replace("__", "_") for when in ("begin", "end")]
        default = keras.callbacks.Callback
        return any(
            getattr(getattr(self.adapted, name), "__func__", None) is not getattr(default, name)
            for name in names
        )
