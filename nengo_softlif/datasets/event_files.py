"""Files of event cameras, and what events must be like."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from nengo_softlif.errors import DatasetError, ParameterError
from nengo_softlif.validation import check_integer

__all__ = ["N_MNIST", "check_events", "checked_sensor", "read_events"]

N_MNIST = (34, 34)  # height and width
_EVENT_BYTES = 5
_OVERFLOW_ROW = 240  # an event in this row is none: the clock of the camera has overflowed
_OVERFLOW = 2**13  # microseconds that are then to be added to all later times


def read_events(path: str | os.PathLike, *, sensor: tuple[int, int] = N_MNIST) -> np.ndarray:
    """Read a ``.bin`` file of N-MNIST or N-Caltech101.

    An event takes 5 bytes, big endian: x, y, one bit of polarity, and 23 bits of microseconds. An
    event in row 240 is none, and makes all later ones 8,192 microseconds later.

    Parameters
    ----------
    path : str or path
    sensor : (height, width) tuple of int
        Pixels of the camera.

    Returns
    -------
    events : (n_events, 4) ndarray of int32
        x, y, polarity (0 or 1) and time in microseconds.

    Raises
    ------
    DatasetError
        Naming file, event and value, if the file is truncated or an event is impossible.

    References
    ----------
    .. [1] Orchard et al. (2015), "Converting static image datasets to spiking neuromorphic datasets
       using saccades".

    Examples
    --------
    >>> _ = Path("one.bin").write_bytes(bytes([3, 7, 0x80, 0x01, 0x00]))
    >>> read_events("one.bin")
    array([[  3,   7,   1, 256]], dtype=int32)
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} can't be read ({error})") from error
    if len(content) % _EVENT_BYTES or not content:
        raise DatasetError(
            f"{path} must have {_EVENT_BYTES} bytes an event, and an event at least (got "
            f"{len(content)} bytes); it is truncated, or of another format"
        )
    raw = np.frombuffer(content, np.uint8).reshape(-1, _EVENT_BYTES).astype(np.int32)
    x, y = raw[:, 0], raw[:, 1]
    time = (raw[:, 2] & 0x7F) << 16 | raw[:, 3] << 8 | raw[:, 4]
    is_overflow = y == _OVERFLOW_ROW
    time = time + _OVERFLOW * np.cumsum(is_overflow, dtype=np.int64)
    if time[-1] > np.iinfo(np.int32).max:
        raise DatasetError(
            f"{path}: times must be below 2**31 microseconds, 35 minutes (got {time[-1]}); cut the "
            "recording into shorter ones"
        )
    events = np.stack([x, y, raw[:, 2] >> 7, time.astype(np.int32)], axis=1)
    where = np.flatnonzero(~is_overflow)
    return check_events(str(path), events[where], checked_sensor(sensor), where)


def check_events(
    name: str,
    events: np.ndarray,
    sensor: tuple[int, int],
    numbers: np.ndarray | None = None,
) -> np.ndarray:
    """Check the events of a recording.

    Parameters
    ----------
    name : str
        Of the recording, for errors.
    events : (n_events, 4) ndarray of int
        x, y, polarity, microseconds.
    sensor : (height, width) tuple of int
    numbers : (n_events,) ndarray of int, optional
        By which errors name the events; from 0 by default.

    Returns
    -------
    events : (n_events, 4) ndarray of int

    Raises
    ------
    DatasetError
        Naming event and value.

    Examples
    --------
    >>> check_events("recording 0", np.array([[0, 5, 1, 100]]), (4, 4))
    Traceback (most recent call last):
    nengo_softlif.errors.DatasetError: recording 0: y of event 0 must be from 0 to 3 (got 5); pass \
sensor=(height, width) of the camera
    """
    if events.ndim != 2 or events.shape[1:] != (4,) or not len(events):
        raise DatasetError(
            f"{name}: events must have the shape (n_events, 4) with x, y, polarity and "
            f"microseconds, and one event at least (got {events.shape})"
        )
    if events.dtype.kind not in "iu":
        raise DatasetError(f"{name}: events must be integers (got dtype {events.dtype})")
    height, width = sensor
    hint = "; pass sensor=(height, width) of the camera"
    for column, (kind, size, advice) in enumerate(
        (("x", width, hint), ("y", height, hint), ("polarity", 2, ""))
    ):
        values = events[:, column]
        wrong = np.flatnonzero((values < 0) | (values >= size))
        if len(wrong):
            raise DatasetError(
                f"{name}: {kind} of event {_number(wrong[0], numbers)} must be from 0 to "
                f"{size - 1} (got {values[wrong[0]]}){advice}"
            )
    time = events[:, 3]
    if time[0] < 0:
        raise DatasetError(
            f"{name}: time of event {_number(0, numbers)} must be 0 microseconds or more (got "
            f"{time[0]})"
        )
    back = np.flatnonzero(time[1:] < time[:-1])
    if len(back):
        i = back[0] + 1
        raise DatasetError(
            f"{name}: times must not decrease (got {time[i]} microseconds for event "
            f"{_number(i, numbers)}, after {time[i - 1]})"
        )
    return events


def _number(i, numbers):
    return int(i if numbers is None else numbers[i])


def checked_sensor(sensor: tuple[int, int]) -> tuple[int, int]:
    """Check height and width of a camera.

    Raises
    ------
    ParameterError
        If it has no size.

    Examples
    --------
    >>> checked_sensor([34, 34])
    (34, 34)
    """
    if not isinstance(sensor, (tuple, list)) or len(sensor) != 2:
        raise ParameterError(f"sensor must be (height, width) (got {sensor!r:.80})")
    height, width = sensor
    return (
        check_integer("height of the sensor", height, minimum=1),
        check_integer("width of the sensor", width, minimum=1),
    )
