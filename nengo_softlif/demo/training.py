"""Train a Keras classifier for a given time or number of epochs."""

from __future__ import annotations

import time

from nengo_softlif.errors import SoftLIFError

__all__ = ["error_rate", "train"]


def train(
    model,
    x,
    y,
    *,
    epochs=20,
    max_seconds=None,
    batch_size=64,
    learning_rate=5e-3,
    validation_data=None,
    on_epoch=None,
):
    """Fit a model that returns logits, the learning rate falling along a cosine.

    Parameters
    ----------
    model : keras.Model
        Compiled here: Adam, cross-entropy.
    x : (n_items, ...) ndarray
    y : (n_items,) ndarray of int
    epochs : int
        At most so many.
    max_seconds : float, optional
        Stop after the epoch that would not end in time. The learning rate falls with whatever
        of time and epochs runs out first.
    batch_size : int
    learning_rate : float
        To begin with.
    validation_data : (x, y), optional
    on_epoch : callable, optional
        Called with (epoch, logs) after each.

    Returns
    -------
    history : keras.callbacks.History
    """
    import keras

    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if not isinstance(value, int) or value < 1:
            raise SoftLIFError(f"{name} must be a whole number of 1 or more (got {value!r})")
    if max_seconds is not None and not max_seconds > 0:
        raise SoftLIFError(f"max_seconds must be greater than 0 (got {max_seconds!r})")
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model.fit(
        x,
        y,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=validation_data,
        verbose=0,
        callbacks=[_schedule(learning_rate, epochs, max_seconds, on_epoch)],
    )


def error_rate(model, x, y):
    """Share of items that a Keras model classifies wrongly.

    Parameters
    ----------
    model : keras.Model
    x : (n_items, ...) ndarray
    y : (n_items,) ndarray of int

    Returns
    -------
    error : float
    """
    return float((model.predict(x, verbose=0).argmax(axis=1) != y).mean())


def _schedule(learning_rate, epochs, max_seconds, on_epoch):
    import keras
    import numpy as np

    class Schedule(keras.callbacks.Callback):
        """Lower the learning rate with what is used up, and stop in time."""

        def on_train_begin(self, logs=None):
            self.start = time.perf_counter()
            self.steps = 0

        def on_train_batch_begin(self, batch, logs=None):
            self.steps += 1
            if self.steps % 16 == 0:
                used = self._used(self.steps / (epochs * self.params["steps"]))
                rate = learning_rate * (0.5 + 0.5 * np.cos(np.pi * min(used, 1.0)))
                self.model.optimizer.learning_rate = max(rate, learning_rate * 1e-3)
                if used >= 1:
                    self.model.stop_training = True

        def on_epoch_end(self, epoch, logs=None):
            if on_epoch is not None:
                on_epoch(epoch, logs or {})
            if max_seconds is not None:
                elapsed = time.perf_counter() - self.start
                if elapsed * (epoch + 2) / (epoch + 1) > max_seconds:
                    self.model.stop_training = True

        def _used(self, of_epochs):
            if max_seconds is None:
                return of_epochs
            return max(of_epochs, (time.perf_counter() - self.start) / max_seconds)

    return Schedule()
