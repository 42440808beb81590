"""Frames of events batch by batch, for training and evaluation."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np

from nengo_softlif.datasets.events import EventRecordings
from nengo_softlif.datasets.frames import Framing
from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_bool, check_integer, check_seed, check_type

__all__ = ["FrameStream"]


class FrameStream(keras.utils.PyDataset):
    """Batches of frames, of which only those are in memory that are being used.

    Takes the place of x and y in ``model.fit``, `nengo_softlif.evaluate` and
    `nengo_softlif.predict`.

    Parameters
    ----------
    recordings : EventRecordings
    framing : Framing
        With ``n_steps``.
    batch_size : int
    shuffle : bool
        Whether each epoch has the recordings in another order. The first epoch is shuffled, too.
    seed : int
        Of the orders.
    **kwargs
        ``workers`` and others of `keras.utils.PyDataset`.

    Raises
    ------
    ParameterError
        If a parameter is out of range, or the framing has no ``n_steps``.

    Examples
    --------
    >>> data = EventRecordings([[[0, 1, 1, 100]], [[3, 2, 0, 900]]], labels=[1, 0], sensor=(4, 4))
    >>> stream = FrameStream(data, Framing(step=0.001, n_steps=5), batch_size=2)
    >>> x, y = stream[0]
    >>> x.shape, y
    ((2, 5, 4, 4, 2), array([1, 0]))
    """

    def __init__(
        self,
        recordings: EventRecordings,
        framing: Framing,
        *,
        batch_size: int = 32,
        shuffle: bool = False,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.recordings = check_type(
            "recordings",
            recordings,
            EventRecordings,
            "load them with nengo_softlif.datasets.load_events",
        )
        self.framing = check_type(
            "framing", framing, Framing, "make one with nengo_softlif.datasets.Framing(n_steps=30)"
        )
        if framing.n_steps is None:
            raise ParameterError(
                "framing.n_steps must be given, since all samples of a batch have the same number "
                "of steps (got None); make frames until the end with recordings.frames(framing)"
            )
        framing.shape(recordings.sensor)
        self.batch_size = check_integer("batch_size", batch_size, minimum=1)
        self.shuffle = check_bool("shuffle", shuffle)
        self.seed = check_seed("seed", seed)
        self._epoch = 0

    def __len__(self) -> int:
        return math.ceil(len(self.recordings) / self.batch_size)

    def __getitem__(self, index: int) -> Any:
        """Return frames (n, n_steps, height, width, 2) of a batch, with labels if there are any."""
        if not 0 <= index < len(self):
            raise IndexError(f"the stream has batches 0 to {len(self) - 1} (got {index})")
        start = index * self.batch_size
        chosen = self._order()[start : start + self.batch_size]
        frames = np.stack(
            [self.framing.frames(self.recordings[i], self.recordings.sensor) for i in chosen]
        )
        labels = self.recordings.labels
        return frames if labels is None else (frames, labels[chosen])

    def on_epoch_end(self) -> None:
        """Take another order, if the batches are shuffled."""
        self._epoch += 1

    def _order(self) -> np.ndarray:
        """Indices of the recordings in this epoch."""
        n = len(self.recordings)
        if not self.shuffle:
            return np.arange(n)
        return np.random.default_rng((self.seed, self._epoch)).permutation(n)
