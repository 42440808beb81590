"""Optimizers, losses and metrics of Keras 3 as those of Keras 2."""

from __future__ import annotations

from typing import Any

import keras
import tf_keras

from nengo_softlif.nengodl.keras3.callbacks import AdaptedCallback
from nengo_softlif.nengodl.keras3.counterparts import (
    NoCounterpart,
    function_counterpart,
    rebuild,
    reduction_counterpart,
)
from nengo_softlif.nengodl.keras3.refusal import refuse

__all__ = ["AdaptedLoss", "AdaptedMetric", "AdaptedSchedule", "for_training"]


def for_training(value: Any) -> Any:
    """Translate an object of Keras 3 that ``compile`` or ``fit`` of a simulator is given.

    Parameters
    ----------
    value : object
        An optimizer, schedule, loss, metric or callback.

    Returns
    -------
    counterpart : object
        An optimizer starts with new slots.

    Raises
    ------
    ParameterError
        If there is no counterpart.

    Examples
    --------
    >>> type(for_training(keras.losses.MeanSquaredError())).__module__
    'tf_keras.src.losses'
    """
    if isinstance(value, keras.callbacks.Callback):
        return AdaptedCallback(value)
    adapters = {
        keras.losses.Loss: AdaptedLoss,
        keras.metrics.Metric: AdaptedMetric,
        keras.optimizers.schedules.LearningRateSchedule: AdaptedSchedule,
    }
    kind = next(
        (kind for kind in (*adapters, keras.optimizers.Optimizer) if isinstance(value, kind)), None
    )
    if kind is None:
        return function_counterpart(value)
    try:
        return rebuild(value, for_training)
    except NoCounterpart as reason:
        backend = keras.backend.backend()
        if kind not in adapters:
            refuse(value, str(reason))
        if backend != "tensorflow":
            refuse(value, f"{reason}, and Keras 3 computes with {backend}")
        return adapters[kind](value)


class AdaptedLoss(tf_keras.losses.Loss):
    """A loss of Keras 2 that computes one of Keras 3.

    Parameters
    ----------
    adapted : keras.losses.Loss
    """

    def __init__(self, adapted: keras.losses.Loss):
        try:
            reduction = reduction_counterpart(adapted.reduction)
        except NoCounterpart as reason:
            refuse(adapted, str(reason))
        super().__init__(reduction, adapted.name)
        self.adapted = adapted

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each sample."""
        return self.adapted.call(y_true, y_pred)


class AdaptedMetric(tf_keras.metrics.Metric):
    """A metric of Keras 2 that has its state, and its result, in one of Keras 3.

    Parameters
    ----------
    adapted : keras.metrics.Metric
    """

    def __init__(self, adapted: keras.metrics.Metric):
        super().__init__(adapted.name, dtype=adapted.dtype)
        self.adapted = adapted

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch."""
        weighted = {} if sample_weight is None else {"sample_weight": sample_weight}
        self.adapted.update_state(y_true, y_pred, **weighted)

    def result(self) -> Any:
        """Return the metric of all batches so far."""
        return self.adapted.result()

    def reset_state(self) -> None:
        """Start anew."""
        self.adapted.reset_state()


class AdaptedSchedule(tf_keras.optimizers.schedules.LearningRateSchedule):
    """A schedule of Keras 2 that computes one of Keras 3.

    Parameters
    ----------
    adapted : keras.optimizers.schedules.LearningRateSchedule
    """

    def __init__(self, adapted: keras.optimizers.schedules.LearningRateSchedule):
        self.adapted = adapted

    def __call__(self, step: Any) -> Any:
        """Return the learning rate of a step."""
        return self.adapted(step)

    def get_config(self) -> dict:
        """Return the arguments; they are not for files."""
        return {"adapted": self.adapted}
