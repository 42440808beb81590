"""Recordings of event cameras: N-MNIST files, npz files, or arrays of your own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nengo_softlif.datasets.arrays import integers, parts, read_arrays
from nengo_softlif.datasets.event_files import N_MNIST, check_events, checked_sensor, read_events
from nengo_softlif.datasets.frames import Framing
from nengo_softlif.errors import DatasetError
from nengo_softlif.validation import check_labels, check_type

__all__ = ["EventRecordings", "load_events"]

_PARTS = ("train", "test")


class EventRecordings(Sequence):
    """Recordings of an event camera, with labels.

    Parameters
    ----------
    recordings : sequence of (n_events, 4) array_like of int, or of paths
        Each has one row an event: x, y, polarity (0 or 1) and time in microseconds, in the order of
        time. Arrays are checked at once; files in the format of N-MNIST are read, and checked, each
        time that they are wanted.
    labels : (n_recordings,) array_like of int, optional
    sensor : (height, width) tuple of int
        Pixels of the camera; those of N-MNIST by default.
    classes : sequence of str, optional
        Names of the labels.

    Raises
    ------
    DatasetError
        Naming recording, event and value, if events lie outside of the sensor, have another
        polarity than 0 and 1, or times that are negative or decrease.
    ParameterError
        If the sensor has no size.

    Examples
    --------
    >>> data = EventRecordings([[[0, 1, 1, 100], [3, 2, 0, 900]]], labels=[7], sensor=(4, 4))
    >>> len(data), data[0].shape, data.frames(Framing(step=0.001)).shape
    (1, (2, 4), (1, 1, 4, 4, 2))
    """

    def __init__(
        self,
        recordings: Sequence,
        labels: Sequence[int] | np.ndarray | None = None,
        *,
        sensor: tuple[int, int] = N_MNIST,
        classes: Sequence[str] | None = None,
    ) -> None:
        self.sensor = checked_sensor(sensor)
        self.classes = None if classes is None else tuple(classes)
        if not isinstance(recordings, (Sequence, np.ndarray)) or isinstance(
            recordings, (str, bytes)
        ):
            raise DatasetError(
                f"recordings must be a sequence of arrays or paths (got {recordings!r:.80}); read "
                "a folder with nengo_softlif.datasets.load_events"
            )
        if not len(recordings):
            raise DatasetError("there are no recordings (got a sequence of none)")
        self._recordings = tuple(
            path_or_events
            if isinstance(path_or_events, (str, os.PathLike))
            else check_events(f"recording {i}", _as_array(i, path_or_events), self.sensor)
            for i, path_or_events in enumerate(recordings)
        )
        self.labels: np.ndarray | None = None
        if labels is not None:
            n_classes = None if self.classes is None else len(self.classes)
            self.labels = check_labels(
                "labels", labels, n_samples=len(recordings), n_classes=n_classes
            )

    def __len__(self) -> int:
        return len(self._recordings)

    def __getitem__(self, i):
        """Events of a recording, (n_events, 4), or `EventRecordings` of a slice or of indices."""
        if isinstance(i, (int, np.integer)):
            found = self._recordings[i]
            if isinstance(found, (str, os.PathLike)):
                return read_events(found, sensor=self.sensor)
            return found
        indices = np.arange(len(self))[i]
        if not len(indices):
            raise DatasetError(f"there are no recordings (got {i!r:.80} of {len(self)})")
        some = object.__new__(EventRecordings)  # what is checked need not be checked again
        some.sensor, some.classes = self.sensor, self.classes
        some._recordings = tuple(self._recordings[k] for k in indices)
        some.labels = None if self.labels is None else self.labels[indices]
        return some

    def __repr__(self) -> str:
        height, width = self.sensor
        labelled = "" if self.labels is None else f", {len(np.unique(self.labels))} classes"
        return f"<EventRecordings: {len(self):,} of {width} x {height} pixels{labelled}>"

    def durations(self) -> np.ndarray:
        """Time of the last event of each recording in seconds, (n_recordings,) ndarray."""
        return np.array([events[-1, 3] * 1e-6 for events in self])

    def frames(self, framing: Framing) -> np.ndarray | list[np.ndarray]:
        """Bin all recordings into frames, in memory; `FrameStream` makes them batch by batch.

        Parameters
        ----------
        framing : Framing

        Returns
        -------
        frames : (n_recordings, n_steps, height, width, 2) ndarray of float32
            A list of (n_steps, height, width, 2) ndarray if the numbers of steps differ.

        Raises
        ------
        DatasetError
            If a file can't be read.
        ParameterError
            If the framing does not fit the sensor.
        """
        check_type("framing", framing, Framing, "make one with nengo_softlif.datasets.Framing()")
        frames = [framing.frames(events, self.sensor) for events in self]
        return frames if len({len(f) for f in frames}) > 1 else np.stack(frames)


def load_events(
    path: str | os.PathLike, *, sensor: tuple[int, int] = N_MNIST
) -> tuple[EventRecordings, EventRecordings]:
    """Load the training and the test set of an event data set.

    Parameters
    ----------
    path : str or path
        Either the folder of N-MNIST or another data set of its format: ``Train`` and ``Test`` with
        a folder for each class, which has the ``.bin`` files of the class. The name of a class is
        its label if it is an integer. Files are listed here, and read when they are wanted.

        Or an npz file with ``events_train``, (n_events, 4) integers as in `EventRecordings`, the
        recordings one after the other; ``count_train``, the number of events of each; ``y_train``,
        the labels; and the same three for ``test``.
    sensor : (height, width) tuple of int
        Pixels of the camera.

    Returns
    -------
    train, test : EventRecordings

    Raises
    ------
    DatasetError
        If there is nothing of that form, or what is there is damaged.

    Examples
    --------
    >>> events = np.array([[1, 2, 0, 5], [0, 0, 1, 3]])
    >>> count, y = np.array([1, 1]), np.array([0, 1])
    >>> np.savez(
    ...     "events.npz", events_train=events, count_train=count, y_train=y,
    ...     events_test=events, count_test=count, y_test=y,
    ... )
    >>> load_events("events.npz")
    (<EventRecordings: 2 of 34 x 34 pixels, 2 classes>, \
<EventRecordings: 2 of 34 x 34 pixels, 2 classes>)
    """
    if not isinstance(path, (str, os.PathLike)):
        raise DatasetError(f"path must be that of a folder or an npz file (got {path!r:.80})")
    path = Path(path).expanduser()
    if os.path.isdir(path):
        return _from_folder(path, sensor)
    if not os.path.isfile(path):
        raise DatasetError(
            f"There is no folder or file {str(path)!r}. Give the folder that has Train and Test "
            "in it, or an npz file with events_train, count_train, y_train and the same for test"
        )
    keys = [f"{kind}_{part}" for part in _PARTS for kind in ("events", "count", "y")]
    arrays = read_arrays(path, keys)
    train, test = (_from_arrays(path, arrays, part, sensor) for part in _PARTS)
    return train, test


def _as_array(i, events):
    try:
        return np.asarray(events)
    except ValueError as error:
        raise DatasetError(f"recording {i}: events must form one array (got {error})") from error


def _from_arrays(path, arrays, part, sensor):
    name = f"{path}: {{}}_{part}"
    events, counts, labels = (arrays[f"{kind}_{part}"] for kind in ("events", "count", "y"))
    integers(name.format("events"), events, ndim=2, minimum=np.iinfo(np.int64).min)
    integers(name.format("count"), counts, minimum=1)
    recordings = parts(name.format("events"), events, counts)
    labels = check_labels(name.format("y"), labels, n_samples=len(counts))
    try:
        return EventRecordings(recordings, labels, sensor=sensor)
    except DatasetError as error:
        raise DatasetError(f"{name.format('events')}: {error}") from error


def _from_folder(path, sensor):
    folders = {folder.name.lower(): folder for folder in path.iterdir() if folder.is_dir()}
    missing = [part.capitalize() for part in _PARTS if part not in folders]
    if missing:
        names = [folder.name for folder in folders.values()]
        raise DatasetError(
            f"{path} must have the folders Train and Test; it lacks {' and '.join(missing)} (got "
            f"{', '.join(sorted(names)[:10]) or 'no folder'})"
        )
    files = {part: _files_by_class(folders[part]) for part in _PARTS}
    classes = sorted({name for of_class in files.values() for name in of_class})
    label_of = {name: i for i, name in enumerate(classes)}
    if all(name.isascii() and name.isdecimal() and str(int(name)) == name for name in classes):
        classes, label_of = None, {name: int(name) for name in classes}
    train, test = (
        EventRecordings(
            [path for paths in files[part].values() for path in paths],
            [label_of[name] for name, paths in files[part].items() for _ in paths],
            sensor=sensor,
            classes=classes,
        )
        for part in _PARTS
    )
    return train, test


def _files_by_class(folder):
    """Paths of the recordings of each class, in the order of their names."""
    found = {
        of_class.name: sorted(of_class.glob("*.bin"))
        for of_class in sorted(folder.iterdir())
        if of_class.is_dir()
    }
    if not any(found.values()):
        raise DatasetError(
            f"{folder} must have a folder for each class with .bin files in it (got "
            f"{len(found)} folders without any)"
        )
    empty = [name for name, paths in found.items() if not paths]
    if empty:
        raise DatasetError(f"{folder / empty[0]} must have .bin files in it (got none)")
    return found
