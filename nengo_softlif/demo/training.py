"""Train a Keras classifier for a given time or number of epochs."""

from __future__ import annotations

import time

from nengo_softlif.validation import check_integer, check_number, check_seconds

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
    x : (n_samples, ...) ndarray
    y : (n_samples,) ndarray of int
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

    Raises
    ------
    ParameterError
        If a number of epochs or samples, a time or the learning rate is out of range.
    """
    import keras

    epochs = check_integer("epochs", epochs, minimum=1)
    batch_size = check_integer("batch_size", batch_size, minimum=1)
    learning_rate = check_number("learning_rate", learning_rate, above=0)
    if max_seconds is not None:
        max_seconds = check_seconds("max_seconds", max_seconds)
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
    """Fraction of samples that a Keras model classifies wrongly.

    Parameters
    ----------
    model : keras.Model
    x : (n_samples, ...) ndarray
    y : (n_samples,) ndarray of int

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
